"""Where the run directories of an analysis are, and who may use them at a time."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tramway.errors import RunError, UntrustedFileError

from .directory import RunDirectory, command_for
from .ownership import make_folder

RUNS_FOLDER = "tramway-runs"
"""Folder beside the data in which run directories are."""

_LOCK = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


def path_of(folder: Path, analysis: str) -> Path:
    """Where run directories of an analysis are: each has this path, and something behind it.

    Parameters
    ----------
    folder
        Where they may be: in a folder there that is the user's alone. Where that cannot be, since
        the file system does not keep others out, they are in the home.
    analysis
        Hash of all that decides what is made.

    Raises
    ------
    UntrustedFileError
        If there is no such place.
    """
    own = f"{RUNS_FOLDER}-{os.geteuid()}" if hasattr(os, "geteuid") else RUNS_FOLDER
    # The first is somebody else's where several users share their data.
    for place in (folder / RUNS_FOLDER, folder / own, Path.home() / ".cache" / RUNS_FOLDER):
        is_new = not place.exists()
        try:
            make_folder(place)
        except UntrustedFileError as error:
            refusal = error
            if is_new:
                with suppress(OSError):
                    place.rmdir()
        else:
            return place / analysis
    raise refusal


def directories_of(path: Path) -> list[Path]:
    """Run directories of the analysis whose path that is, as :func:`path_of` gives it.

    There is one at most, unless a process was ended while it replaced one.
    """
    return sorted(path.parent.glob(f"{path.name}-*"))


def ended_in_planning(path: Path) -> bool:
    """Whether a process was ended while others planned an analysis for it, perhaps by that."""
    return any(path.parent.glob(f".{path.name}-*/job.json"))


def remove_others(path: Path, run: RunDirectory) -> None:
    """Remove all run directories of an analysis but one, which replaces them.

    Those that are hidden as well: only who has the :func:`run_lock` may call this.
    """
    for directory in directories_of(path):
        if directory != run.path:
            shutil.rmtree(directory, ignore_errors=True)
    remove_hidden(path)


def remove_hidden(path: Path) -> None:
    """Remove hidden run directories of an analysis, and what was not finished.

    A process was killed in the making of these; or they are over, and a log of theirs was open.
    """
    for directory in path.parent.glob(f".{path.name}-*"):
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """Keep other processes from making, or taking results out of, run directories of an analysis.

    Parameters
    ----------
    path
        That of :func:`path_of`.

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
    lock = path.with_name(f".{path.name}.lock")
    descriptor = -1
    try:
        while descriptor < 0:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # another run has ended, and removed the folder
                descriptor = os.open(lock, _LOCK, 0o600)
            if descriptor < 0:
                continue
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                going_on = next(iter(directories_of(path)), path)
                raise RunError(
                    "the same run is going on in another process: watch it with "
                    f"`{command_for('status', going_on)}`, or end that process first"
                ) from None
            except OSError:
                break  # no locks on this file system
            if not _is_at(lock, descriptor):  # whoever had it has removed it meanwhile
                os.close(descriptor)
                descriptor = -1
        yield
        lock.unlink(missing_ok=True)
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        if path.parent.name.startswith(RUNS_FOLDER):
            with suppress(OSError):  # another run is in it
                path.parent.rmdir()


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether an open file is the one of that path."""
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    return False
