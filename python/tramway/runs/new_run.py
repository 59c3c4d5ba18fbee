"""A run directory in the making."""

import io
import platform
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from .directory import FOLDERS, FORMAT, INDEX, RunDirectory, hash_of, sealed
from .ownership import append, make_folder
from .part import Part, store
from .work import Task
from .written_tasks import PlannedTask, WrittenTasks

if TYPE_CHECKING:
    from numpy.typing import NDArray

_INPUTS = "inputs.parts"
_FLUSHED_AT = 1 << 20  # bytes of task lines that a new run keeps before it writes them


class NewRun:
    """A run directory in the making; others see it when it is complete.

    Parameters
    ----------
    path
        Where the directories of this analysis are: :func:`tramway.runs.path_of` of it. The new
        one is beside it, with a name that no other one has, or ever had: processes that still
        work for an older plan of the same analysis write where nobody reads.
    is_hidden
        Whether it is none of those that an analysis continues or :func:`directories_of` finds, but
        removed with them, by :func:`remove_others`.

    Attributes
    ----------
    analysis
        Hash of all that decides what is made.
    path
        Where it is when it is complete.
    task_count
        Number of tasks so far.
    """

    def __init__(self, path: Path, *, is_hidden: bool = False) -> None:
        path = path.absolute()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.analysis = path.name
        self.path = path.with_name(f"{'.' * is_hidden}{path.name}-{secrets.token_hex(8)}")
        # mkdtemp gives it to its owner alone: 0700
        self._draft = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
        for folder in FOLDERS:
            make_folder(self._draft / folder)
        self._index: list[bytes] = []
        self._blocks: list[tuple[int, int]] = []  # of lines: where each begins, number of tasks
        self._lines: list[bytes] = []
        self._end = self._unwritten = 0
        self.task_count = 0

    def add_input(self, content: bytes) -> Part:
        """Add what a task starts from."""
        return store(self._draft, _INPUTS, content)

    def add_task(self, task: Task, size: int, *, closes: bool = False) -> int:
        """Add a task; return its number. See :class:`PlannedTask`."""
        self.add_tasks(WrittenTasks.of(self.analysis, [PlannedTask(task, size, closes)]))
        return self.task_count - 1

    def add_tasks(self, tasks: WrittenTasks) -> None:
        """Add tasks that were written down for this analysis."""
        self._index.append(tasks.index)
        self._blocks.append((self._end, tasks.count))
        self._lines.append(tasks.lines)
        self.task_count += tasks.count
        self._end += len(tasks.lines)
        self._unwritten += len(tasks.lines)
        if self._unwritten > _FLUSHED_AT:
            self._flush()

    def _flush(self) -> None:
        append(self._draft / "tasks.jsonl", b"".join(self._lines))
        self._lines.clear()
        self._unwritten = 0

    def _whole_index(self) -> "NDArray[Any]":
        index = np.frombuffer(b"".join(self._index), INDEX).copy()
        begins, counts = np.array(self._blocks, np.int64).reshape(-1, 2).T
        index["offset"] += np.repeat(begins, counts)
        return index

    def finish(self, description: Mapping[str, Any], callables: bytes | None) -> RunDirectory:
        """Give the directory its name.

        Parameters
        ----------
        description
            What the run is to do; versions of format, package and Python are added, and hashes.
        callables
            Functions of the user's, as :mod:`cloudpickle` writes their list; None: there are none.
        """
        from tramway import __version__

        self._flush()
        index = io.BytesIO()
        np.save(index, self._whole_index())
        append(self._draft / "tasks.npy", index.getvalue())
        if callables is not None:
            append(self._draft / "callables.pickle", callables)
        more = {
            "format": FORMAT,
            "tramway": __version__,
            "python": ".".join(platform.python_version_tuple()[:2]),
            "analysis": self.analysis,
            "tasks": hash_of(index.getvalue()),
            "callables": None if callables is None else hash_of(callables),
        }
        append(self._draft / "job.json", sealed({**description, **more}))
        self._draft.rename(self.path)
        return RunDirectory(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._draft, ignore_errors=True)  # if it was not finished
