"""The run directory: all there is to know of a run, for every process that takes part in it."""

import hashlib
import io
import json
import platform
import shlex
import shutil
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tramway.errors import DamagedRunError, InvalidInputError, RunError, UntrustedFileError

from .entry import JournalEntry
from .journal_reader import JournalReader
from .ownership import check_folder, open_own, read_own
from .part import Part, load

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

FORMAT = 7
"""Version of what is in a run directory."""

FOLDERS = ("journal", "parts", "logs")
"""What workers write is in these."""

INDEX = np.dtype(
    [
        ("offset", np.int64),
        ("size", np.int64),
        ("source", np.int32),
        ("steps", np.int32),
        ("closes", np.bool_),
        ("subject", np.uint64),
    ]
)
"""What ``tasks.npy`` says of each task: where its line begins, size, source, number of steps,
whether it closes the source, a hash."""

_SEAL = "seal"
_BEFORE_SEAL = f',\n"{_SEAL}": '.encode()

_BLOCK = 1 << 17  # bytes of tasks.jsonl that are read at once


class RunDirectory:
    """A run: its description, its tasks, and what became of them.

    =====================  =========================================================================
    ``job.json``           what the run is to do
    ``callables.pickle``   functions of the user's, if it has any
    ``tasks.jsonl``        the tasks, one per line
    ``tasks.npy``          where each line begins, number of translocations, source, number of
                           steps, whether it closes the source, a hash
    ``inputs.parts``       what tasks start from that is in no file elsewhere
    ``journal/``           what each worker did
    ``parts/``             what each worker made
    ``logs/``              what each worker said
    =====================  =========================================================================

    No two plans ever have the same path, and what is read is what was written: ``job.json`` has
    hashes of the other files, and one of itself.

    Attributes
    ----------
    path
        Absolute path of the directory.
    description
        Content of ``job.json``.
    sizes
        Number of translocations of each task, int64 (n_tasks,).
    sources
        Number of the source of each task, int32 (n_tasks,).
    step_counts
        Number of steps of each task, int32 (n_tasks,).
    closes
        Whether each task closes its source, and so is not due before all others of it are over,
        bool (n_tasks,).

    Raises
    ------
    InvalidInputError
        If it is none, a damaged one, or one of another version.
    UntrustedFileError
        If others than the user could have written in it.
    """

    def __init__(self, path: "str | PathLike[str]") -> None:
        self.path = Path(path).expanduser().absolute()
        try:
            for folder in (self.path, *(self.path / name for name in FOLDERS)):
                if folder == self.path or folder.exists():
                    check_folder(folder)
            self.description = _unsealed(self.path, read_own(self.path / "job.json"))
            index = _index(read_own(self.path / "tasks.npy"), self.description["tasks"])
        except (UntrustedFileError, InvalidInputError):
            raise
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise InvalidInputError(
                f"`{path}` is not a run directory, or a damaged one ({error}): expected one that "
                "`run()` names in its log, tramway-runs/… beside the data"
            ) from None
        self._offsets: NDArray[np.int64] = np.ascontiguousarray(index["offset"])
        self._subjects: NDArray[np.uint64] = np.ascontiguousarray(index["subject"])
        self.sizes: NDArray[np.int64] = np.ascontiguousarray(index["size"])
        self.sources: NDArray[np.int32] = np.ascontiguousarray(index["source"])
        self.step_counts: NDArray[np.int32] = np.ascontiguousarray(index["steps"])
        self.closes: NDArray[np.bool_] = np.ascontiguousarray(index["closes"])
        self.journals = self._reader()
        self._tasks = self.path / "tasks.jsonl"
        self._block = 0, b""  # of it, and where that begins

    @property
    def task_count(self) -> int:
        """Number of tasks."""
        return len(self._offsets)

    @cached_property
    def order(self) -> "NDArray[np.intp]":
        """Tasks in the order in which they are to be begun, (n_tasks,).

        Source by source: whoever works at one has read it, and it is complete early. Of sources,
        and within them, the largest task is first, so that what is left in the end is small. Those
        that close a source are the last of it.
        """
        largest = np.zeros(self.sources.max(initial=-1) + 1, np.int64)
        np.maximum.at(largest, self.sources, self.sizes)
        return np.lexsort((-self.sizes, self.closes, self.sources, -largest[self.sources]))

    @cached_property
    def regions(self) -> "NDArray[np.intp]":
        """Tasks that close no source, in the same order, (n_regions,)."""
        return self.order[~self.closes[self.order]]

    def _reader(self) -> JournalReader:
        return JournalReader(self.path / "journal", self._is_about)

    def _is_about(self, entry: JournalEntry, subject: str) -> bool:
        """Whether an entry, with the hash of the task that it says, is about a step of this run."""
        return self.has(entry.task, entry.step) and self.subject(entry.task) == subject

    def has(self, task: int, step: int) -> bool:
        """Whether there is such a step of such a task."""
        return 0 <= task < self.task_count and 0 <= step < self.step_counts.item(task)

    def subject(self, number: int) -> str:
        """Hash of a task, and of all settings: what results of it are results of."""
        return f"{self._subjects.item(number):016x}"

    def task(self, number: int) -> dict[str, Any]:
        """Task of that number.

        Raises
        ------
        DamagedRunError
            If it is not there as it was written.
        """
        line = self._line(int(self._offsets[number]))
        if subject_of(self.description["analysis"], line) != self._subjects[number]:
            raise DamagedRunError(
                f"{self._tasks} is damaged, task {number} is not as it was written"
            )
        task: dict[str, Any] = json.loads(line)
        return task

    def _line(self, offset: int) -> bytes:
        """Line of the tasks that begins there; those around it are read with it, and kept."""
        start, block = self._block
        if start <= offset < start + len(block):
            end = block.find(b"\n", offset - start) + 1
            if end:
                return block[offset - start : end]
        start = max(0, offset - _BLOCK // 2)  # whoever deals out a source goes to and fro in it
        try:
            with open_own(self._tasks) as file:
                file.seek(start)
                block = file.read(offset - start) + file.readline()
                block += file.read(max(0, _BLOCK - len(block)))
        except FileNotFoundError:
            raise DamagedRunError(f"{self._tasks} is missing, the run was removed") from None
        self._block = start, block
        return block[offset - start : block.find(b"\n", offset - start) + 1 or None]

    def entries(self) -> list[JournalEntry]:
        """All entries of all journals so far."""
        return self._reader().new()

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
            If they were made by another version of Python, or need what is not here.
        DamagedRunError
            If they are not as they were written; none is executed then.
        UntrustedFileError
            If others than the user could have written them; none is executed then.
        """
        if self.description["callables"] is None:
            return []
        here = ".".join(platform.python_version_tuple()[:2])
        there = self.description["python"]
        if here != there:
            raise RunError(
                f"the run has functions of yours in it, which Python {there} wrote and Python "
                f"{here} cannot read: use the same version on both sides (in the container, too), "
                "or choose stages and mappers by their names"
            )
        path = self.path / "callables.pickle"
        try:
            content = read_own(path)
        except FileNotFoundError:
            raise DamagedRunError(f"{path} is missing: run again") from None
        if hash_of(content) != self.description["callables"]:
            raise DamagedRunError(f"{path} is damaged, nothing of it is used: run again")
        import pickle

        try:
            found: list[Any] = pickle.loads(content)
        except Exception as error:
            raise RunError(
                f"functions of yours in {path} cannot be used here: {type(error).__name__}: {error}"
            ) from error
        return found

    def remove(self) -> None:
        """Remove the directory."""
        shutil.rmtree(self.path, ignore_errors=True)


def hash_of(content: bytes) -> str:
    """Hash of a file in a run directory."""
    return hashlib.sha256(content).hexdigest()


def subject_of(analysis: str, line: bytes) -> int:
    """Hash of a task, given its line, and the hash of the analysis that it is of."""
    digest = hashlib.blake2b(line, key=analysis.encode()[:64], digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def sealed(description: Mapping[str, Any]) -> bytes:
    """Write a description as ``job.json``, with a hash of itself."""
    # One line for each name: to indent what is in them takes Python ten times as long.
    members = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in description.items())
    return _with_seal(",\n".join(members).encode())


def _with_seal(members: bytes) -> bytes:
    return b'{\n%b%b"%b"\n}' % (members, _BEFORE_SEAL, hash_of(members).encode())


def _unsealed(path: Path, content: bytes) -> dict[str, Any]:
    """Read what :func:`sealed` wrote."""
    description = json.loads(content)
    if not isinstance(description, dict):
        raise TypeError("job.json is no description of a run")
    if description.get("format") != FORMAT:
        raise InvalidInputError(
            f"{path} was made by tramway {description.get('tramway')}, which this version "
            "cannot continue: use that version, or begin anew with run()"
        )
    if content != _with_seal(content.removeprefix(b"{\n").rpartition(_BEFORE_SEAL)[0]):
        raise ValueError("job.json is not as it was written")
    del description[_SEAL]
    return description


def _index(content: bytes, expected: str) -> "NDArray[Any]":
    if hash_of(content) != expected:
        raise ValueError("tasks.npy is not as it was written")
    index: NDArray[Any] = np.load(io.BytesIO(content), allow_pickle=False)
    return index


def command_for(verb: str, path: Path) -> str:
    """Write the command line that does something to a run: ``status`` or ``resume``."""
    return shlex.join(["tramway", verb, str(path)])
