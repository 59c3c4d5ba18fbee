"""What a file may be made of: trees of groups and datasets, whose values are in the file itself.

Neither this package nor the original makes links to other files, loops, or sizes without values;
HDF5 follows them all, and overflows its stack as it copies groups that are nested too deep.
"""

from typing import TYPE_CHECKING

from tramway.errors import FileFormatError

if TYPE_CHECKING:
    import h5py

MAX_DEPTH = 200
"""Groups in one another, some 10 of them for each level of an analysis tree."""
_LARGE = 1 << 26
"""Bytes that any dataset may say it has."""
_COMPRESSION = 1100
"""Bytes that one byte stands for at most in what deflate has compressed: 1032."""


def has_member(group: "h5py.Group", name: str) -> bool:
    """Whether a group has a link of that name, which is not followed."""
    return bool(group.id.links.exists(name.encode())) if _is_in_file(group) else name in group


def check_link(group: "h5py.Group", name: str) -> None:
    """Refuse a member that is a link to another place or file.

    Raises
    ------
    FileFormatError
        If it is one, or its name is that of no object; the message names its place.
    """
    if not _is_in_file(group):
        return
    if name in (".", "..") or "/" in name:
        raise FileFormatError(f"{group.name} has a member named {name!r}, which names no object")
    if not _is_object(group, name):
        raise FileFormatError(
            f"{group.name}/{name} is a link to another place or file, expected an object: links "
            "are not followed"
        )


def check_depth(place: str, depth: int) -> None:
    """Refuse groups that are nested too deep.

    Raises
    ------
    FileFormatError
        If they are; the message names where it begins.
    """
    if depth > MAX_DEPTH:
        raise FileFormatError(f"{place:.80}… has more than {MAX_DEPTH} groups in one another")


def check_once(group: "h5py.Group", seen: set[int]) -> None:
    """Refuse a group that was seen already, and add it to those.

    Raises
    ------
    FileFormatError
        If its address is among those seen; the message names its place.
    """
    if not _is_in_file(group):
        return
    from h5py import h5o

    address = h5o.get_info(group.id).addr
    if address in seen:
        raise FileFormatError(f"{group.name:.200} is in the file twice, expected a tree")
    seen.add(address)


def check_structure(item: "h5py.Group | h5py.Dataset", *, to_copy: bool = False) -> None:
    """Refuse an object that could make a reader go astray; no value is read.

    Parameters
    ----------
    item
        The object.
    to_copy
        Refuse what HDF5 cannot copy only: too many groups in one another.

    Raises
    ------
    FileFormatError
        If anything in it is a link to another place or file, is there twice, is nested too deep, or
        is much larger than its values; the message names its place in the file.
    """
    if not _is_in_file(item):
        return
    import h5py
    from h5py import h5o

    seen: set[int] = set()
    todo = [(item, 0)]
    while todo:
        part, depth = todo.pop()
        check_depth(item.name, depth)
        if isinstance(part, h5py.Dataset):
            if not to_copy:
                _check_values(part)
            continue
        if to_copy and h5o.get_info(part.id).addr in seen:
            continue
        check_once(part, seen)
        for name in part:
            if to_copy and not _is_object(part, name):
                continue
            check_link(part, name)
            todo.append((part[name], depth + 1))


def _is_in_file(item: object) -> bool:
    """Whether the library has an object open; what was read already was checked."""
    return hasattr(item, "id")


def _is_object(group: "h5py.Group", name: str) -> bool:
    from h5py import h5l

    return bool(group.id.links.get_info(name.encode()).type == h5l.TYPE_HARD)


def _check_values(dataset: "h5py.Dataset") -> None:
    if dataset.is_virtual or dataset.external:
        raise FileFormatError(f"the values of {dataset.name} are in other files, expected in it")
    stored = dataset.id.get_storage_size()
    if dataset.nbytes > max(_LARGE, stored * _COMPRESSION):
        raise FileFormatError(
            f"{dataset.name} has the shape {dataset.shape}, {dataset.nbytes:.2g} bytes, but only "
            f"{stored} bytes are in the file"
        )
