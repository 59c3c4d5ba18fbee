"""Uniting an analysis tree with the one that is in its file already."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from tramway.errors import FileFormatError, NewerFileError

from .analysis_tree import Analysis
from .hdf5_tree import Copy, Group
from .label import Label
from .record import content_hash
from .rwa_decoding import decode, dict_members, read_field
from .rwa_encoding import encode, open_dict
from .rwa_schema import NODE_TYPE, is_partition, write_data
from .stored_artefact import (
    RECORD,
    StoredArtefact,
    StoredFile,
    data_of,
    digest,
    identity,
    read_record,
    record_in,
)
from .stored_object import TRANSLATED_ERRORS, check_version, open_member, set_type
from .structure import check_structure, has_member

if TYPE_CHECKING:
    import h5py

    Members = dict[Label, h5py.Group | None]


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
        # What was written, its place in the file, and its identity there.
        self._written: list[tuple[Analysis, str, str | None]] = []
        self._their_localizations: h5py.Group | None = None

    def unite(self, ours: Analysis, theirs: "h5py.Group | None") -> Group:
        """Put the united tree together, to be written while their file is open."""
        file = Group()
        target = file.create_group("analyses")
        their_data = their_table = None
        is_theirs = ours.is_unread and ours.stored_in(self._path)
        if theirs is not None and is_theirs:
            their_data = data_of(theirs)  # others may have replaced or damaged it: not ours to do
        elif theirs is not None and "_data" in theirs:
            try:
                their_table = decode(open_member(theirs, "_data"))
                their_data = theirs["_data"]
            except NewerFileError:
                raise  # the file stays as it is
            except FileFormatError:
                became = "dropped" if ours._data is None else "replaced"
                self.notes.append(f"the localizations in '{self._path.name}' are damaged: {became}")
        if their_data is None:
            write_data(target, ours._data)
        elif their_table is not None and _same_table(ours._data, their_table):
            their_table.attrs |= ours._data.attrs
            write_data(target, their_table)
        elif (
            is_theirs
            or ours._data is None
            or (theirs is not None and self._is_of(ours.stored, theirs))
        ):
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
        return file

    def mark_as_stored(self) -> None:
        """Remember in our tree what of it the file now holds."""
        stored = StoredFile(self._path)
        root: StoredArtefact | None = None
        for node, place, known in self._written:
            node.mark_as_stored(StoredArtefact(stored, place, known, root))
            root = root or node.stored

    def _is_of(self, stored: StoredArtefact | None, node: "h5py.Group") -> bool:
        return stored is not None and stored.is_of(node, self._path)

    def _write_node(self, target: Group, ours: Analysis, theirs: "h5py.Group | None") -> None:
        if theirs is not None and "_data" in theirs and ours.stored_in(self._path):
            self._copy(theirs["_data"], target, "_data")
        else:
            write_data(target, ours.to_store)
        self._write_rest(target, ours, theirs)

    def _write_rest(self, target: Group, ours: Analysis, theirs: "h5py.Group | None") -> None:
        """Write what makes a group, that has its data, a node: metadata and children."""
        set_type(target, NODE_TYPE, 1)
        their_metadata = read_field(theirs, "_metadata") if theirs is not None else None
        record = {RECORD: ours.record.as_json()} if ours.record else {}
        metadata = {**(their_metadata or {}), **ours.metadata, **record}
        encode(target, "_metadata", metadata)
        of = ours.record or record_in(metadata)
        known = None if of is None else of.as_json()
        if of is None and not ours.is_unread:
            known = digest(target.members.get("_data"))
        self._written.append((ours, target.name, known))

        their_comments, their_newer = _comments(theirs)
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
        if their_newer is None:
            encode(target, "_comments", comments)
        else:
            target.members["_comments"] = Copy(their_newer)

    def _place_children(self, ours: Analysis, theirs: "Members") -> dict[Label, Place]:
        """Decide what becomes of each label."""
        places: dict[Label, Place] = {}
        for label, stored in theirs.items():
            if stored is None:
                if label not in ours:
                    self.notes.append(f"{label!r} in '{self._path.name}' was damaged: dropped")
            elif not self._is_of(ours._deleted.get(label), stored):
                places[label] = Place(None, stored, label)
        for label in ours:
            child, stored = ours[label], theirs.get(label)
            was_read = child.stored_in(self._path)
            if stored is not None and self._is_of(ours._deleted.get(label), stored):
                places[label] = Place(child, None, label)  # what there was has been deleted before
            elif label in theirs and not was_read and (stored is None or _is_damaged(stored)):
                places[label] = Place(child, None, label)
                self.notes.append(f"{label!r} in '{self._path.name}' was damaged: replaced")
            elif stored is None or (
                not _is_newer(stored) and self._is_same_artefact(child, stored)
            ):
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
        if self._is_of(ours.stored, theirs):
            return True
        their_identity = identity(theirs)
        if ours.record is not None:
            return ours.record.as_json() == their_identity
        if ours.is_unread and ours.stored_in(self._path):
            return False  # others have changed the file since
        scratch = Group()
        write_data(scratch, ours._data)
        return digest(scratch.members.get("_data")) == their_identity

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
    check_structure(item, to_copy=True)
    found = [("", item)]
    if not is_partition(item):
        item.visititems(lambda place, part: found.append((f"{place}/", part)))
    return [place for place, part in found if is_partition(part) and "_points" not in part]


def _same_table(ours: Any, theirs: Any) -> bool:
    both = isinstance(ours, pd.DataFrame) and isinstance(theirs, pd.DataFrame)
    return both and content_hash(ours) == content_hash(theirs)


def _comments(node: "h5py.Group | None") -> "tuple[dict[Label, str], h5py.Group | None]":
    """Comments on the children of a stored node, none if they are damaged; or those too new."""
    try:
        return (node is not None and read_field(node, "_comments")) or {}, None
    except NewerFileError:
        return {}, node and node["_comments"]
    except TRANSLATED_ERRORS:
        return {}, None


def _is_newer(node: "h5py.Group") -> bool:
    """Whether a stored node is of a version that is not known, so that nothing can be united."""
    try:
        check_version(node)
        read_field(node, "_metadata")
        _members(node)
    except NewerFileError:
        return True
    return False


def _is_damaged(node: "h5py.Group") -> bool:
    """Whether the artefact of a stored node, or what is said of it, cannot be read."""
    try:
        check_structure(node)
        read_field(node, "_metadata")
        digest(data_of(node))
        _members(node)
    except NewerFileError:
        return False
    except TRANSLATED_ERRORS:
        return True
    return False


def _members(node: "h5py.Group | None") -> "Members":
    """Children of a stored node by their labels; None where they are damaged."""
    places: dict[Any, tuple[h5py.Group, str]] = {}
    if node is not None and has_member(node, "_instances"):
        places = dict_members(open_member(node, "_instances"))
    members: Members = dict.fromkeys(places)
    for label, place in places.items():
        with suppress(FileFormatError):
            members[label] = open_member(*place)
    return members


def _is_recorded(node: "h5py.Group") -> bool:
    """Whether a stored node and all below it can be made again."""
    if _is_newer(node):
        return False
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
