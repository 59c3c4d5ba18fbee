"""The run directory: all there is to know of a run, for every process that takes part in it."""

import json
import os
import platform
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tramway.errors import InvalidInputError, RunError

from .journal import JournalEntry, JournalReader, Part, append, load, store

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 1
"""Version of what is in a run directory."""

_INDEX = np.dtype([("offset", np.int64), ("size", np.int64), ("steps", np.int32)])
_INPUTS = "inputs.parts"
_FLUSHED_AT = 1 << 20  # bytes of task lines that a new run keeps before it writes them


class RunDirectory:
    """A run: its description, its tasks, and what became of them.

    =====================  =========================================================================
    ``job.json``           what the run is to do
    ``callables.pickle``   functions of the user's, if it has any
    ``tasks.jsonl``        the tasks, one per line
    ``tasks.npy``          where each line begins, number of translocations, number of steps
    ``inputs.parts``       what tasks start from that is in no file elsewhere
    ``journal/``           what each worker did
    ``parts/``             what each worker made
    ``logs/``              what each worker said
    =====================  =========================================================================

    Attributes
    ----------
    path
        Absolute path of the directory.
    description
        Content of ``job.json``.
    sizes
        Number of translocations of each task, int64 (n_tasks,).
    step_counts
        Number of steps of each task, int32 (n_tasks,).
    identity
        What no other run has; see :func:`identity_of`.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser().absolute()
        try:
            self.identity = identity_of(self.path)
            self.description: dict[str, Any] = json.loads((self.path / "job.json").read_bytes())
            index = np.load(self.path / "tasks.npy", allow_pickle=False)
            self._offsets: NDArray[np.int64] = np.ascontiguousarray(index["offset"])
        except (OSError, ValueError, IndexError) as error:
            raise InvalidInputError(
                f"`{path}` is not a run directory, or a damaged one ({error}): expected one that "
                "`run()` names in its log, tramway-runs/… beside the data"
            ) from None
        if self.description.get("format") != FORMAT:
            raise InvalidInputError(
                f"{path} was made by tramway {self.description.get('tramway')}, which this version "
                "cannot continue: use that version, or begin anew with run()"
            )
        self.sizes: NDArray[np.int64] = np.ascontiguousarray(index["size"])
        self.step_counts: NDArray[np.int32] = np.ascontiguousarray(index["steps"])
        self.journals = JournalReader(self.path)
        self._tasks = self.path / "tasks.jsonl"

    @property
    def task_count(self) -> int:
        """Number of tasks."""
        return len(self._offsets)

    def task(self, number: int) -> dict[str, Any]:
        """Task of that number."""
        with self._tasks.open("rb") as file:
            file.seek(self._offsets[number])
            task: dict[str, Any] = json.loads(file.readline())
        return task

    def entries(self) -> list[JournalEntry]:
        """All entries of all journals so far."""
        return JournalReader(self.path).new()

    def part(self, part: Part) -> bytes:
        """Content of a part.

        Raises
        ------
        DamagedPartError
            If it is not there as it was written.
        """
        return load(self.path, part)

    def callables(self) -> list[Any]:
        """Functions of the user's, in the order in which the description refers to them.

        Raises
        ------
        RunError
            If they were made by another version of Python.
        """
        path = self.path / "callables.pickle"
        if not path.exists():
            return []
        here = ".".join(platform.python_version_tuple()[:2])
        there = self.description["python"]
        if here != there:
            raise RunError(
                f"the run has functions of yours in it, which Python {there} wrote and Python "
                f"{here} cannot read: use the same version on both sides (in the container, too), "
                "or choose stages and mappers by their names"
            )
        import pickle

        found: list[Any] = pickle.loads(path.read_bytes())
        return found

    def remove(self) -> None:
        """Remove the directory."""
        shutil.rmtree(self.path, ignore_errors=True)


def identity_of(path: Path) -> tuple[str, int, int]:
    """Tell runs of one path from each other: the path can be used again, with a new file then."""
    status = (path / "tasks.npy").stat()
    return str(path), status.st_ino, status.st_mtime_ns


def command_for(verb: str, path: Path) -> str:
    """Write the command line that does something to a run: ``status`` or ``resume``."""
    return shlex.join(["tramway", verb, str(path)])


RUNS_FOLDER = "tramway-runs"
"""Folder beside the data in which run directories are."""


@contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """Keep other processes from making, or taking results out of, a run directory of that path.

    Raises
    ------
    RunError
        If another one does.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such locks
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f".{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunError(
                "the same run is going on in another process: watch it with "
                f"`{command_for('status', path)}`, or end that process first"
            ) from None
        except OSError:
            pass  # no locks on this file system
        yield
        lock.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
        if path.parent.name.startswith(RUNS_FOLDER):
            with suppress(OSError):  # another run is in it
                path.parent.rmdir()


class NewRun:
    """A run directory in the making; others see it when it is complete.

    Parameters
    ----------
    path
        Where it will be.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # mkdtemp gives it to its owner alone: 0700
        self._draft = Path(tempfile.mkdtemp(dir=self._path.parent, prefix=f".{path.name}-"))
        for folder in ("journal", "parts", "logs"):
            (self._draft / folder).mkdir(mode=0o700)
        self._index: list[tuple[int, int, int]] = []
        self._lines: list[bytes] = []
        self._end = self._unwritten = 0

    def _write(self, name: str, content: bytes) -> None:
        append(self._draft / name, content)

    def add_input(self, content: bytes) -> Part:
        """Add what a task starts from."""
        return store(self._draft, _INPUTS, content)

    def add_task(self, task: Mapping[str, Any], size: int) -> int:
        """Add a task with its ``steps``; return its number."""
        line = json.dumps(task, separators=(",", ":")).encode() + b"\n"
        self._index.append((self._end, size, len(task["steps"])))
        self._lines.append(line)
        self._end += len(line)
        self._unwritten += len(line)
        if self._unwritten > _FLUSHED_AT:
            self._flush()
        return len(self._index) - 1

    def _flush(self) -> None:
        self._write("tasks.jsonl", b"".join(self._lines))
        self._lines.clear()
        self._unwritten = 0

    @property
    def task_count(self) -> int:
        """Number of tasks so far."""
        return len(self._index)

    def finish(self, description: Mapping[str, Any], callables: bytes | None) -> RunDirectory:
        """Give the directory its name; one that is there is replaced.

        Parameters
        ----------
        description
            What the run is to do; the versions of format, package and Python are added.
        callables
            Functions of the user's, as :mod:`cloudpickle` writes their list; None: there are none.
        """
        from tramway import __version__

        versions = {
            "format": FORMAT,
            "tramway": __version__,
            "python": ".".join(platform.python_version_tuple()[:2]),
        }
        self._flush()
        self._write("job.json", json.dumps({**versions, **description}, indent=1).encode())
        if callables is not None:
            self._write("callables.pickle", callables)
        np.save(self._draft / "tasks.npy", np.array(self._index, dtype=_INDEX))
        shutil.rmtree(self._path, ignore_errors=True)
        self._draft.rename(self._path)
        return RunDirectory(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._draft, ignore_errors=True)  # if it was not finished
