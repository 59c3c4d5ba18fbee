"""Replacing a file at once, by one writer at a time."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

LOCK_PATIENCE = 60.0
"""How long to wait for another writer, in seconds."""

_POLLING_INTERVAL = 0.05


@contextmanager
def write_lock(path: Path) -> Iterator[bool]:
    """Keep other processes from writing a file, as long as they ask by this function too.

    The lock is a hidden file beside `path`, removed in the end; the system releases it when its
    process dies. Where the file system knows no locks, or another process holds it for
    :data:`LOCK_PATIENCE`, the block runs without.

    Yields
    ------
    bool
        False if another process still holds the lock.
    """
    lock_path = path.with_name(f".{path.name}.lock")
    descriptor, is_free = _acquire(lock_path)
    try:
        yield is_free
    finally:
        if descriptor is not None:
            with suppress(OSError):
                lock_path.unlink()
            os.close(descriptor)


def _acquire(lock_path: Path) -> tuple[int | None, bool]:
    if sys.platform == "win32":  # no such locks; replacing is atomic all the same
        return None, True
    deadline = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except PermissionError:  # left behind by another user, perhaps
            return None, True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The holder before us may have removed the file after we opened it.
            if _is_same_file(descriptor, lock_path):
                return descriptor, True
            os.close(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            if time.monotonic() > deadline:
                return None, False
            time.sleep(_POLLING_INTERVAL)
        except OSError:  # no locks on this file system
            return descriptor, True


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def replace_file(path: Path, content: bytes | Callable[[Path], None]) -> None:
    """Give a file new content at once: whatever happens, it is the old one or the new one, whole.

    The content, or what a function writes where it is told, goes to a temporary file in the same
    folder first, which a failure leaves no trace of (a kill may).

    Raises
    ------
    OSError
        If it cannot be written: disk full, no permission; it names the file, which is as it was.
    """
    try:
        _replace(path, content)
    except OSError as error:
        if error.strerror is not None:
            error.filename = str(path)  # not the temporary one, or, of what was written to it, none
        raise


def _replace(path: Path, content: bytes | Callable[[Path], None]) -> None:
    mode = path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask()
    descriptor, temporary_name = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"
    )
    temporary = Path(temporary_name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if callable(content):
                content(temporary)
            else:
                file.write(content)
                file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _umask() -> int:
    # There is no way to read it without setting it.
    umask = os.umask(0o022)
    os.umask(umask)
    return umask


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
