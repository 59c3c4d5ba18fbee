"""What all stored objects have: a type, a place in the file, and that they may be damaged."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tramway.errors import FileFormatError, NewerFileError

from .hdf5_tree import OBJECT, Copy, Dataset, Group
from .structure import check_link

if TYPE_CHECKING:
    import h5py

TRANSLATED_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What h5py, NumPy and pandas raise on contents that are damaged or not as expected."""


_NEWEST = dict.fromkeys(
    ("list", "tuple", "set", "frozenset", "dict", "OrderedDict", "DataFrame", "Series"), 2
)
"""Newest version that is known, by the name of the class; 1 of all others."""


@dataclass(frozen=True)
class StoredObject:
    """An object of a kind that is not known here, kept as it was stored.

    Attributes
    ----------
    type_name
        Its kind, as the file says.
    reason
        Why it was not read, as a sentence.
    image
        An HDF5 file, as bytes, that holds the object under the name ``object``.
    """

    type_name: str
    reason: str
    image: bytes

    def __repr__(self) -> str:
        return f"{self.type_name} (not read: {self.reason})"


def store_verbatim(item: "h5py.Group | h5py.Dataset", reason: str | None = None) -> StoredObject:
    """Keep an object of a file, whatever it is."""
    type_name = type_of(item) or "untyped"
    reason = reason or f"objects of type {type_name} are unknown here"
    image = Group()
    image.members[OBJECT] = item if isinstance(item, Group | Dataset) else Copy(item)
    return StoredObject(type_name, reason, image.image())


def set_type(item: Group | Dataset, type_name: str, version: int) -> None:
    """Say what an object is."""
    item.attributes["type"] = type_name
    item.attributes["version"] = str(version)


def get_attribute(item: "h5py.Group | h5py.Dataset", name: str) -> str | None:
    """Text attribute of an object, None if it has none of that name."""
    text = item.attrs.get(name)
    return text.decode() if isinstance(text, bytes) else text


def type_of(item: "h5py.Group | h5py.Dataset") -> str | None:
    """Kind of a stored object, None for a number, a boolean or a bare list."""
    return get_attribute(item, "type")


def class_name_of(item: "h5py.Group | h5py.Dataset") -> str:
    """Name of the original's class that a stored object is of, empty if it is of none."""
    # The original's modules have moved, and were once spelled "tesselation".
    module, _, class_name = (type_of(item) or "").rpartition(".")
    return class_name if module.startswith("tramway.") else ""


def check_version(item: "h5py.Group | h5py.Dataset") -> None:
    """Refuse an object that says it is laid out in a way that is not known here.

    Raises
    ------
    NewerFileError
        If its version is above those known; the message names its place in the file.
    """
    version = get_attribute(item, "version")
    if version is None:
        return
    type_name = type_of(item) or ""
    known = _known_versions(type_name)
    if str(version) not in known:
        raise NewerFileError(
            f"{item.name} is a {type_name} of version {version!s:.20}, expected "
            f"{' to '.join(known[1:])}: a newer tramway wrote it; update this one to read it"
        )


@lru_cache
def _known_versions(type_name: str) -> tuple[str, ...]:
    """Give the versions of a type that are known, from 0 on."""
    newest = _NEWEST.get(type_name.rpartition(".")[2], 1)
    return tuple(map(str, range(newest + 1)))


def check_versions(group: Group) -> None:
    """Refuse a group that was read if anything in it is of a version that is not known.

    Raises
    ------
    NewerFileError
        As :func:`check_version`.
    """
    todo: list[Group | Dataset | Copy] = [group]
    while todo:
        item = todo.pop()
        if not isinstance(item, Copy):
            check_version(item)
        if isinstance(item, Group):
            todo.extend(item.members.values())


def open_member(group: "h5py.Group", name: str) -> "h5py.Group | h5py.Dataset":
    """Member of a group.

    Raises
    ------
    FileFormatError
        If it is damaged, or elsewhere; the message names its place in the file.
    """
    try:
        check_link(group, name)
        return group[name]
    except FileFormatError:
        raise
    except TRANSLATED_ERRORS as error:
        raise FileFormatError(f"{group.name}/{name} {_damage(error)}") from error


class ErrorsTranslated:
    """Turn the errors of reading a damaged object into one that names its place in the file.

    Parameters
    ----------
    item
        The object that is read in the block.
    """

    def __init__(self, item: "h5py.Group | h5py.Dataset") -> None:
        self._item = item

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, TRANSLATED_ERRORS) and not isinstance(error, FileFormatError):
            raise FileFormatError(f"{self._item.name} {_damage(error)}") from error


def _damage(error: BaseException) -> str:
    """Say what is wrong with an object; h5py quotes the words of HDF5."""
    if "checksum" in str(error) or "filter returned failure" in str(error):
        return "is damaged: it is not what its checksum says, bytes were changed after writing"
    return f"is damaged, or not what its type says: {error}"
