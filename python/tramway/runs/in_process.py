"""The environment that is used if no other is set: one task after the other, right here."""

from collections.abc import Generator, Mapping, Sequence
from typing import ClassVar

from .directory import RunDirectory
from .entry import JournalEntry
from .environment import BaseEnvironment
from .work import Work
from .worker import do_task


class InProcess(BaseEnvironment):
    """Does one task after the other, in the process of the script.

    The numeric core may use several threads. The result is the same in every environment.
    """

    _elsewhere: ClassVar[Mapping[str, str]] = {
        **BaseEnvironment._elsewhere,
        **dict.fromkeys(
            ("worker_count", "retries", "time_limit"),
            "no environment is set, set one first: a.env = environments.LocalHost",
        ),
    }

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        """Do the tasks in order."""
        for number in tasks:
            yield from run.journals.at(do_task(work, str(run.path), number))
