"""What users are told of errors and warnings."""

import errno
import traceback
import warnings

from tramway.errors import TramwayError

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def explain(error: BaseException) -> tuple[str, str | None]:
    """Tell the user about an error; and where it happened, if nobody foresaw it."""
    if isinstance(error, TramwayError):
        return str(error), None
    if isinstance(error, OSError):
        told = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return told + ": make room there" * (error.errno in _NO_ROOM), None
    where = "".join(traceback.format_exception(error))
    return f"unexpected {type(error).__name__}: {error}", where


def messages(caught: list[warnings.WarningMessage]) -> list[str]:
    """Choose the warnings that users should read: not those that are meant for developers."""
    relevant = (w for w in caught if issubclass(w.category, UserWarning | RuntimeWarning))
    return list(dict.fromkeys(str(warning.message) for warning in relevant))
