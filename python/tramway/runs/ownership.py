"""Files of the user's own, which nobody else may have written: what runs consist of.

A run directory has functions of the user's in it, and whoever reads them executes them.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from tramway.errors import UntrustedFileError

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_READ = os.O_RDONLY
for _flag in ("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):  # a FIFO is not waited for
    _READ |= getattr(os, _flag, 0)


def make_folder(path: Path) -> None:
    """Make a folder that is its owner's alone, unless it is there.

    Raises
    ------
    UntrustedFileError
        If it is there and somebody else's, or the file system does not keep others out.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_folder(path)


def check_folder(path: Path) -> None:
    """Refuse a folder in which others could have written.

    Raises
    ------
    UntrustedFileError
        If it belongs to somebody else than the user or root, or may be written by others.
    """
    _check(path, path.stat())


def open_own(path: Path) -> BinaryIO:
    """Open a file for reading.

    Raises
    ------
    UntrustedFileError
        If it belongs to somebody else than the user or root, or may be written by others.
    OSError
        If it is not there, or no ordinary file.
    """
    file = os.fdopen(os.open(path, _READ), "rb")
    try:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path} is no ordinary file")
        _check(path, status)
    except BaseException:
        file.close()
        raise
    return file


def read_own(path: Path) -> bytes:
    """Content of a file; see :func:`open_own`."""
    with open_own(path) as file:
        return file.read()


def append(path: Path, content: bytes) -> int:
    """Append to a file, which is its owner's alone; return where the content begins.

    Raises
    ------
    OSError
        If there is no room; the file is then as it was.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        start = os.lseek(descriptor, 0, os.SEEK_END)
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        except OSError as error:
            os.ftruncate(descriptor, start)
            error.filename = str(path)
            raise
    finally:
        os.close(descriptor)
    return start


def write_own(path: Path, content: bytes) -> None:
    """Write a file, which is its owner's alone; readers see the old content, or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    append(draft, content)
    draft.replace(path)


def _check(path: Path, status: os.stat_result) -> None:
    if not hasattr(os, "geteuid"):  # Windows: permissions there are others
        return
    if status.st_uid not in (os.geteuid(), 0):
        seen = f"it belongs to {_name(status.st_uid)}"
    elif status.st_mode & _OTHERS_WRITE:
        seen = f"others may write it (mode {stat.S_IMODE(status.st_mode):04o})"
    else:
        return
    raise UntrustedFileError(
        f"{path} is not used: {seen}, and whoever writes in a run directory decides what is "
        "executed where it is read; expected one of your own that nobody else may write: remove "
        "it, or leave it to its owner, and run again"
    )


def _name(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
