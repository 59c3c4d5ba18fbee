"""The environment that is used if no other is set: one task after the other, right here."""

from collections.abc import Generator, Mapping, Sequence
from os import PathLike
from typing import ClassVar

from tramway.attributes import StrictAttributes

from .directory import RunDirectory
from .journal import JournalEntry
from .work import Work, script_name
from .worker import do_task


class InProcess(StrictAttributes):
    """Does one task after the other, in the process of the script.

    The numeric core may use several threads. The result is the same in every environment.
    """

    _elsewhere: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("worker_count", "retries", "time_limit"),
        "no environment is set, set one first: a.env = environments.LocalHost",
    )

    _script: str | None = None

    @property
    def script(self) -> str | None:
        """The user's script or notebook: accepted for existing scripts, and not used."""
        return self._script

    @script.setter
    def script(self, value: str | PathLike[str] | None) -> None:
        self._script = script_name(value)

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Do the tasks in order."""
        for number in tasks:
            yield from run.journals.at(do_task(work, str(run.path), number))

    def is_running(self, run: RunDirectory) -> bool:
        """Say no: the process that does the tasks is the one that waits for them."""
        return False
