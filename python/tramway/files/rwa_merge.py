"""Uniting an analysis tree with the one that is in its file already."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from tramway.errors import FileFormatError

from .analysis_tree import Analysis, Label
from .hdf5_tree import Copy, Group, open_image
from .record import Record, content_hash
from .rwa_decoding import decode, dict_members, read_field
from .rwa_encoding import encode, open_dict
from .rwa_schema import NODE_TYPE, is_partition, write_data
from .stored_object import TRANSLATED_ERRORS, open_member, set_type

if TYPE_CHECKING:
    import h5py

    Members = dict[Label, h5py.Group | None]

_RECORD = "record"


class Place(NamedTuple):
    """What goes under a label: our child, their child (united with ours if both), their label."""

    ours: Analysis | None
    theirs: "h5py.Group | None"
    their_label: Label


class Merge:
    """One save: a tree, called *ours*, goes into the file of another, called *theirs*.

    Parameters
    ----------
    path
        The file.

    Attributes
    ----------
    notes
        What was replaced or renamed, one sentence each.
    """

    def __init__(self, path: Path) -> None:
        self.notes: list[str] = []
        self._path = path
        self._written: list[tuple[Analysis, str]] = []  # and its place in the file
        self._their_localizations: h5py.Group | None = None

    def image(self, ours: Analysis, theirs: "h5py.Group | None") -> bytes:
        """Write the united tree as a file."""
        file = Group()
        target = file.create_group("analyses")
        their_data = their_table = None
        if theirs is not None and "_data" in theirs:
            try:
                their_table = decode(open_member(theirs, "_data"))
                their_data = theirs["_data"]
            except FileFormatError:
                became = "dropped" if ours._data is None else "replaced"
                self.notes.append(f"the localizations in '{self._path.name}' are damaged: {became}")
        if their_data is None:
            write_data(target, ours._data)
        elif their_table is not None and _same_table(ours._data, their_table):
            their_table.attrs |= ours._data.attrs
            write_data(target, their_table)
        elif ours._data is None or ours.stored == (self._path, identity(theirs)):
            target.members["_data"] = Copy(their_data)
        else:
            write_data(target, ours._data)
            self._their_localizations = their_data
            if theirs is not None and _members(theirs):
                self.notes.append(
                    f"the localizations in '{self._path.name}' were others: replaced; the "
                    "samplings that were made of them keep a copy"
                )
        self._write_rest(target, ours, theirs)
        return file.image()

    def mark_as_stored(self, content: bytes) -> None:
        """Remember in our tree what of it the file now holds."""
        with open_image(content) as file:
            for node, place in self._written:
                stored = node.record.as_json() if node.record else identity(file[place])
                node.stored = (self._path, stored)
                node._deleted.clear()

    def _write_node(self, target: Group, ours: Analysis, theirs: "h5py.Group | None") -> None:
        if theirs is not None and "_data" in theirs and ours.stored_in(self._path):
            self._copy(theirs["_data"], target, "_data")
        else:
            write_data(target, ours._data)
        self._write_rest(target, ours, theirs)

    def _write_rest(self, target: Group, ours: Analysis, theirs: "h5py.Group | None") -> None:
        """Write what makes a group, that has its data, a node: metadata and children."""
        set_type(target, NODE_TYPE, 1)
        their_metadata = read_field(theirs, "_metadata") if theirs is not None else None
        record = {_RECORD: ours.record.as_json()} if ours.record else {}
        encode(target, "_metadata", {**(their_metadata or {}), **ours.metadata, **record})
        self._written.append((ours, target.name))

        their_comments = _comments(theirs)
        comments: dict[Label, str | None] = {}
        places = self._place_children(ours, _members(theirs))
        groups = open_dict(target, "_instances", list(places))
        for (label, place), (values, name) in zip(places.items(), groups, strict=True):
            comments[label] = their_comments.get(place.their_label)
            if place.ours is None:
                self._copy_or_drop(place.theirs, values, name)
            else:
                comments[label] = place.ours.comment or comments[label]
                self._write_node(values.create_group(name), place.ours, place.theirs)
        encode(target, "_comments", comments)

    def _place_children(self, ours: Analysis, theirs: "Members") -> dict[Label, Place]:
        """Decide what becomes of each label."""
        places: dict[Label, Place] = {}
        for label, stored in theirs.items():
            if stored is None:
                if label not in ours:
                    self.notes.append(f"{label!r} in '{self._path.name}' was damaged: dropped")
            elif ours._deleted.get(label) != (self._path, identity(stored)):
                places[label] = Place(None, stored, label)
        for label in ours:
            child, stored = ours[label], theirs.get(label)
            was_read = child.stored_in(self._path)
            if label in theirs and not was_read and (stored is None or _is_damaged(stored)):
                places[label] = Place(child, None, label)
                self.notes.append(f"{label!r} in '{self._path.name}' was damaged: replaced")
            elif stored is None or self._is_same_artefact(child, stored):
                places[label] = Place(child, stored, label)
            elif child.subtree_stored_in(self._path):
                continue  # another process has replaced it since we read it: theirs is newer
            else:
                if _is_recorded(stored):
                    below = _count_below(stored)
                    note = "replaced" + (f", with the {below} analyses below it" if below else "")
                else:
                    previous = _free_label(label, places, ours)
                    places[previous] = Place(None, stored, label)
                    note = f"kept as {previous!r}"
                places[label] = Place(child, None, label)
                self.notes.append(
                    f"{label!r} in '{self._path.name}' was made with other parameters, or of other "
                    f"data: {note}"
                )
        # As they will be read, so that the file does not tell which of them was made first.
        names = [label for label in places if isinstance(label, str)]
        return {label: places[label] for label in sorted(names)} if names == [*places] else places

    def _is_same_artefact(self, ours: Analysis, theirs: "h5py.Group") -> bool:
        their_identity = identity(theirs)
        if ours.stored == (self._path, their_identity):
            return True
        if ours.record is not None:
            return ours.record.as_json() == their_identity
        scratch = Group()
        write_data(scratch, ours._data)
        with open_image(scratch.image()) as file:
            return _digest(_data_of(file)) == their_identity

    def _copy_or_drop(self, item: "h5py.Group", target: Group, name: str) -> None:
        """Copy a part of their file that there is nothing for in our tree, unless it is damaged."""
        note = f"{item.name} in '{self._path.name}' was damaged: dropped"
        self._copy(item, target, name, lambda: self.notes.append(note))

    def _copy(
        self,
        item: "h5py.Group",
        target: Group,
        name: str,
        drop: Callable[[], None] | None = None,
    ) -> None:
        """Copy a part of their file, as it is."""
        # Partitions of all localizations do not store them: the root does, but ours is another.
        theirs = self._their_localizations
        without = [] if theirs is None else _partitions_without_points(item)
        more = {f"{place}_points": theirs for place in without if theirs is not None}
        target.members[name] = Copy(item, more, drop)


def _partitions_without_points(item: "h5py.Group | h5py.Dataset") -> list[str]:
    """Paths, within an object, of the partitions in it, or of itself, that have no points."""
    import h5py

    if not isinstance(item, h5py.Group):
        return []
    found = [("", item)]
    if not is_partition(item):
        item.visititems(lambda place, part: found.append((f"{place}/", part)))
    return [place for place, part in found if is_partition(part) and "_points" not in part]


def read_record(node: "h5py.Group") -> Record | None:
    """Record of a stored node; None if it has none that is readable."""
    metadata = read_field(node, "_metadata")
    text = metadata.get(_RECORD) if isinstance(metadata, dict) else None
    try:
        return Record.from_json(text) if isinstance(text, str) else None
    except FileFormatError:
        return None  # so that what it belongs to is never replaced


def identity(node: "h5py.Group") -> str:
    """Text by which to tell the artefact of a stored node: its record, or a hash of its content."""
    record = read_record(node)
    return _digest(_data_of(node)) if record is None else record.as_json()


def _data_of(node: "h5py.Group") -> "h5py.Group | h5py.Dataset | None":
    return open_member(node, "_data") if "_data" in node else None


def _digest(item: "h5py.Group | h5py.Dataset | None") -> str:
    """Hash of a stored object: of names, attributes, types and values, wherever it is.

    How long it took to make is no part of what it is.
    """
    import h5py

    content = hashlib.sha256()

    def update(name: str, item: "h5py.Group | h5py.Dataset") -> None:
        attributes = sorted((key, str(value)) for key, value in item.attrs.items())
        content.update(repr((name, attributes)).encode())
        if isinstance(item, h5py.Group):
            content.update(repr(sorted(item)).encode())
            for child in sorted(set(item) - {"runtime"}):
                update(child, item[child])
        else:
            values = np.asarray(item[()])
            content.update(repr((item.dtype.str, item.shape)).encode())
            exact = values.dtype.kind != "O"
            content.update(values.tobytes() if exact else repr(values.tolist()).encode())

    if item is not None:
        update("", item)
    return content.hexdigest()


def _same_table(ours: Any, theirs: Any) -> bool:
    both = isinstance(ours, pd.DataFrame) and isinstance(theirs, pd.DataFrame)
    return both and content_hash(ours) == content_hash(theirs)


def _comments(node: "h5py.Group | None") -> dict[Label, str]:
    """Comments on the children of a stored node; none if they are damaged."""
    try:
        return (node is not None and read_field(node, "_comments")) or {}
    except TRANSLATED_ERRORS:
        return {}


def _is_damaged(node: "h5py.Group") -> bool:
    """Whether the artefact of a stored node, or what is said of it, cannot be read."""
    try:
        read_field(node, "_metadata")
        _digest(_data_of(node))
        _members(node)
    except TRANSLATED_ERRORS:
        return True
    return False


def _members(node: "h5py.Group | None") -> "Members":
    """Children of a stored node by their labels; None where they are damaged."""
    places = {} if node is None or "_instances" not in node else dict_members(node["_instances"])
    members: Members = dict.fromkeys(places)
    for label, place in places.items():
        with suppress(FileFormatError):
            members[label] = open_member(*place)
    return members


def _is_recorded(node: "h5py.Group") -> bool:
    """Whether a stored node and all below it can be made again."""
    below = filter(None, _members(node).values())
    return read_record(node) is not None and all(map(_is_recorded, below))


def _count_below(node: "h5py.Group") -> int:
    members = _members(node).values()
    return len(members) + sum(map(_count_below, filter(None, members)))


def _free_label(label: Label, *taken: Any) -> str:
    candidate, number = f"{label} (previous)", 1
    while any(candidate in labels for labels in taken):
        number += 1
        candidate = f"{label} (previous {number})"
    return candidate
