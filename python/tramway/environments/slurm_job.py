"""Which job of Slurm's does a run: noted in the run directory, for whoever comes to continue it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tramway.runs import read_own, write_own

_FILE = "slurm.json"


@dataclass(frozen=True)
class SlurmJob:
    """A job that was submitted, or is about to be: that is noted before.

    Attributes
    ----------
    number
        As Slurm counts; empty: it is submitted, and nobody has heard yet what Slurm said.
    host
        Where it was submitted.
    path
        Where its ranks find the run.
    """

    number: str
    host: str
    path: str

    def save(self, run: Path) -> None:
        """Note the job in a run directory; it replaces an earlier one."""
        write_own(run / _FILE, json.dumps(asdict(self)).encode())

    @classmethod
    def of(cls, run: Path) -> "SlurmJob | None":
        """Job that is noted in a run directory; None if there is none."""
        try:
            return cls(**json.loads(read_own(run / _FILE)))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    @staticmethod
    def forget(run: Path) -> None:
        """Remove the note."""
        (run / _FILE).unlink(missing_ok=True)
