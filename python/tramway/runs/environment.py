"""What an environment is given, and what it has to do with it.

The pipeline and the environments meet here and know nothing else of each other: the pipeline writes
a run directory and provides one function that does one task of it; an environment decides in which
process that function is called.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike, fspath
from typing import ClassVar, Protocol, runtime_checkable

from tramway.attributes import StrictAttributes, text, warn_without_effect

from .directory import RunDirectory
from .entry import JournalEntry
from .work import Work


@runtime_checkable
class Environment(Protocol):
    """Where tasks are done: all that others know of it.

    Attributes
    ----------
    script
        The user's script or notebook: accepted for existing scripts, and not used.
    """

    script: str | None

    @property
    def time_limit(self) -> float | None:
        """Most time for one task, s; None: no limit. It is written into the run directory."""
        ...

    @property
    def scratch_folder(self) -> str | None:
        """Folder on this computer for the directories of runs; None: beside the data."""
        ...

    @property
    def saves(self) -> bool:
        """Whether its workers save what was made of a source, in the folder of the data."""
        ...

    @property
    def workers_at_hand(self) -> int:
        """Number of workers that begin at once, and see the data as this process does."""
        ...

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Do the tasks of those numbers, in the given order of preference.

        Yields what becomes known of their steps: each that ended, once. Closing the generator stops
        the work: what is not finished is given up.
        """
        ...

    def is_running(self, run: RunDirectory) -> bool:
        """Whether the run goes on by itself, elsewhere: started by a process that has left it."""
        ...


class BaseEnvironment(StrictAttributes):
    """What environments have in common, unless they say otherwise; ``execute`` is their own."""

    saves: ClassVar[bool] = False
    """Whether workers save, which see the folders of the data as this process does; else the
    process that submits takes all results in, and saves them."""

    _script: str | None = None

    _elsewhere: ClassVar[Mapping[str, str]] = {
        "from_callable": "assign it to the analyzer, a.env = environments.LocalHost",
        "exec_inline_python": "functions are sent as stages, "
        "a.pipeline.append_stage(f, granularity='source')",
        **dict.fromkeys(
            ("local_data_location", "remote_data_location"),
            "say where folders of this computer are on the cluster by a.env.directory_mapping",
        ),
        "ssh": "it is your own, with its configuration; set a.env.hostname, a.env.username",
    }

    _WITHOUT_EFFECT: ClassVar[Mapping[str, str]] = {
        "working_directory": "runs are kept beside the data, or in a.env.scratch",
        "wd": "runs are kept beside the data, or in a.env.scratch",
        "interpreter": "tasks are done by the same Python",
        "debug": "what is under way is kept in the run directory, until it is saved",
    }

    submit_side: ClassVar[bool] = True
    """The script runs once, here: workers get data and settings."""
    worker_side: ClassVar[bool] = False

    def __setattr__(self, name: str, value: object) -> None:
        if name == "wc" and "worker_count" in self._setting_names():
            name = "worker_count"
        if name in self._WITHOUT_EFFECT and name not in self._setting_names():
            warn_without_effect(name, self._WITHOUT_EFFECT[name])
        else:
            super().__setattr__(name, value)

    @property
    def script(self) -> str | None:
        """The user's script or notebook: accepted for existing scripts, and not used."""
        return self._script

    @script.setter
    def script(self, value: str | PathLike[str] | None) -> None:
        self._script = None if value is None else text("script", fspath(value))

    @property
    def time_limit(self) -> float | None:
        """None: no limit."""
        return None

    @property
    def scratch_folder(self) -> str | None:
        """None: the directories of runs are beside the data."""
        return None

    @property
    def workers_at_hand(self) -> int:
        """0: nobody is asked to do anything but the tasks of an analysis."""
        return 0

    def is_running(self, run: RunDirectory) -> bool:
        """Say no: those who do the tasks end with the process that waits for them."""
        return False


_override: Environment | None = None


@contextmanager
def environment_override(environment: Environment) -> Iterator[None]:
    """Have every run in the block done in an environment, whichever its analyzer has."""
    global _override
    before, _override = _override, environment
    try:
        yield
    finally:
        _override = before


def overriding_environment() -> Environment | None:
    """Environment in which every run is done at present; None: the analyzer's own."""
    return _override
