"""What nodes of an analysis tree are called by."""

from tramway.errors import InvalidInputError

Label = str | int
"""Name of a child; those that the original made may be integers."""


def check_label(label: object) -> None:
    """Refuse a label that could not be the name of an object in a file.

    Raises
    ------
    InvalidInputError
        If it is neither a string nor an integer, is empty, ``.`` or ``..``, contains a slash or a
        null character, or has no UTF-8 form.
    """
    if isinstance(label, int) and not isinstance(label, bool):
        return
    if not isinstance(label, str):
        raise InvalidInputError(f"label is {label!r}, expected a string or an integer")
    is_unicode = label.isascii() or not any("\ud800" <= char <= "\udfff" for char in label)
    encodable = "\0" not in label and is_unicode
    if label in ("", ".", "..") or "/" in label or not encodable:
        raise InvalidInputError(
            f"label is {label!r}, expected a name that is not empty, '.' or '..' and has no '/' "
            "and no null character: it names a group of the .rwa file"
        )
