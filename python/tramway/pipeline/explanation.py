"""What users are told of an error."""

import traceback

from tramway.errors import TramwayError


def explain(error: BaseException) -> tuple[str, str | None]:
    """Tell the user about an error; and where it happened, if nobody foresaw it."""
    if isinstance(error, TramwayError):
        return str(error), None
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error), None
    where = "".join(traceback.format_exception(error))
    return f"unexpected {type(error).__name__}: {error}", where
