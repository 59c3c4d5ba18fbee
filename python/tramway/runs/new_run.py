"""A run directory in the making."""

import io
import json
import platform
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from .directory import FOLDERS, FORMAT, INDEX, RunDirectory, hash_of, sealed, subject_of
from .ownership import append, make_folder
from .part import Part, store

_JSON = json.JSONEncoder(separators=(",", ":"))
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
    """

    def __init__(self, path: Path) -> None:
        path = path.absolute()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._analysis = path.name
        self.path = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
        # mkdtemp gives it to its owner alone: 0700
        self._draft = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
        for folder in FOLDERS:
            make_folder(self._draft / folder)
        self._index: list[tuple[int, int, int, int, bool, int]] = []
        self._lines: list[bytes] = []
        self._end = self._unwritten = 0

    def add_input(self, content: bytes) -> Part:
        """Add what a task starts from."""
        return store(self._draft, _INPUTS, content)

    def add_task(self, task: Mapping[str, Any], size: int, *, closes: bool = False) -> int:
        """Add a task with its ``source`` and ``steps``; return its number.

        One that closes its source is due when all others of that are over. Of its two steps,
        whoever deals out the tasks does the first: :class:`tramway.runs.Closing`.
        """
        line = _JSON.encode(task).encode() + b"\n"
        subject = subject_of(self._analysis, line)
        self._index.append((self._end, size, task["source"], len(task["steps"]), closes, subject))
        self._lines.append(line)
        self._end += len(line)
        self._unwritten += len(line)
        if self._unwritten > _FLUSHED_AT:
            self._flush()
        return len(self._index) - 1

    def _flush(self) -> None:
        append(self._draft / "tasks.jsonl", b"".join(self._lines))
        self._lines.clear()
        self._unwritten = 0

    @property
    def task_count(self) -> int:
        """Number of tasks so far."""
        return len(self._index)

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
        np.save(index, np.array(self._index, dtype=INDEX))
        append(self._draft / "tasks.npy", index.getvalue())
        if callables is not None:
            append(self._draft / "callables.pickle", callables)
        more = {
            "format": FORMAT,
            "tramway": __version__,
            "python": ".".join(platform.python_version_tuple()[:2]),
            "analysis": self._analysis,
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
