"""Artefacts that are in a file, and are read when they are asked for."""

import hashlib
import os
import threading
import weakref
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tramway import _core
from tramway.errors import ChangedFileError, FileFormatError, NewerFileError

from .hdf5_reading import Outline, as_written, many_objects
from .hdf5_tree import OBJECT, Copy, Dataset, Group, open_image
from .record import Record
from .rwa_decoding import read_field
from .rwa_schema import describe_data, is_partition, outline_of, read_data
from .stored_object import TRANSLATED_ERRORS, check_versions, open_member
from .structure import check_structure, has_member

if TYPE_CHECKING:
    from collections.abc import Iterator

    import h5py

RECORD = "record"
"""Name of the record among the metadata of a node."""


class StoredFile:
    """A ``.rwa`` file, as it was when its tree was read or saved; it is closed in between.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        _core.check_regular_file(path)
        self.path = path
        self._state = _state(path.stat())
        self._local = threading.local()

    @contextmanager
    def opened(self) -> "Iterator[h5py.File]":
        """Open the file as long as the block runs; blocks in one another open it once.

        Raises
        ------
        OSError
            If it is gone, or may not be read.
        FileFormatError
            If it is no HDF5 file.
        """
        import h5py

        file = getattr(self._local, "file", None)
        if file is not None:
            yield file
            return
        _core.check_regular_file(self.path)
        try:
            file = h5py.File(self.path, "r")
        except OSError as error:
            if error.errno is not None:  # missing, no permission: says so itself
                raise
            raise FileFormatError(
                f"'{self.path}' is not a readable HDF5 file, expected a .rwa file; if it was one, "
                f"take it away and run again: {error}"
            ) from error
        with file:
            self._local.file = file
            try:
                yield file
            finally:
                self._local.file = None

    @contextmanager
    def listed(self, place: str) -> "Iterator[None]":
        """Open the file as :meth:`opened`; what is told of artefacts below a place is read at once.

        Raises
        ------
        OSError, FileFormatError
            As :meth:`opened`.
        """
        with self.opened() as file, many_objects():
            before = getattr(self._local, "outline", None)
            is_known = before is not None or not self.is_same(file) or place not in file
            outline = before if is_known else outline_of(file[place])
            self._local.outline = outline
            try:
                yield
            finally:
                self._local.outline = before

    def outlined(self, place: str) -> Group | None:
        """Names and shapes of the artefact of a node; None but where the tree is listed."""
        outline: Outline | None = getattr(self._local, "outline", None)
        return None if outline is None else outline.below(place)

    def is_same(self, file: "h5py.File") -> bool:
        """Whether an open file is this one, and was not changed."""
        return self._state == _state(os.fstat(file.id.get_vfd_handle()))

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "_state": self._state}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _local=threading.local())


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


class StoredArtefact:
    """Where the artefact of a node is in a file.

    Parameters
    ----------
    file
        The file.
    place
        Path of the node in it.
    identity
        Text by which to tell the artefact, see :func:`identity`; None where that is not known
        before it is read.
    root
        The localizations of the tree, which samplings of all of them do not store; None if it is
        them.
    """

    def __init__(
        self,
        file: StoredFile,
        place: str,
        identity: str | None,
        root: "StoredArtefact | None" = None,
    ) -> None:
        self.file = file
        self.place = place
        self.identity = identity
        self._root = root
        self._read: Any = None

    def read(self) -> Any:
        """Read the artefact.

        Raises
        ------
        OSError
            If the file is gone, or may not be read.
        FileFormatError
            If the artefact is damaged.
        ChangedFileError
            If others have changed the file since, and the same artefact is not known to be there.
        """
        with self._opened() as (node, item):
            if item is None:
                return None
            localizations = None
            if self._root is not None and is_partition(item) and "_points" not in item:
                localizations = self._root._localizations()
            data = read_data(item, localizations)
            if self.identity is None:
                self.identity = identity(node)
        if isinstance(data, pd.DataFrame):
            self._read = weakref.ref(data)
        return data

    def verify(self, field: str | None = None) -> Any:
        """Find out whether the artefact can be read; where checksums tell, without making it.

        Parameters
        ----------
        field
            Name of an attribute of maps; it is returned, None if they have none of that name.

        Raises
        ------
        OSError, FileFormatError, ChangedFileError
            As :meth:`read`.
        """
        with self._opened() as (_, item):
            written = None if item is None else as_written(item)
            if isinstance(written, Group):
                check_versions(written)
                return None if field is None else read_field(written, field)
        data = self.read()
        return getattr(data, "attributes", {}).get(field)

    @contextmanager
    def _opened(self) -> "Iterator[tuple[h5py.Group, h5py.Group | h5py.Dataset | None]]":
        """Open the node and the artefact; tell of errors where they are."""
        with self.file.opened() as file:
            node = self._node(file)
            try:
                yield node, data_of(node)
            except NewerFileError as error:
                raise NewerFileError(f"'{self.file.path}': {error}") from error
            except TRANSLATED_ERRORS as error:
                raise FileFormatError(
                    f"'{self.file.path}': {error}; run again to make it anew"
                ) from error

    def _localizations(self) -> Any:
        known = self._read and self._read()
        return self.read() if known is None else known

    def describe(self) -> str | None:
        """Say in a line what it is, by names and shapes alone; None if these do not tell.

        Raises
        ------
        OSError, FileFormatError
            As :meth:`read`.
        """
        outlined = self.file.outlined(self.place)
        if outlined is not None:
            with suppress(FileFormatError):  # told in other words below
                if (told := describe_data(outlined, None)) is not None:
                    return told
        with self.file.opened() as file:
            node = self._node(file)
            if not has_member(node, "_data"):
                return None
            return describe_data(open_member(node, "_data"), node.file.get("analyses/_data"))

    def is_of(self, node: "h5py.Group", path: Path) -> bool:
        """Whether it is that of a node in an open file."""
        if self.file.path != path:
            return False
        if self.file.is_same(node.file):
            return bool(self.place == node.name)
        return self.identity is not None and self.identity == identity(node)

    def _node(self, file: "h5py.File") -> "h5py.Group":
        node = file.get(self.place) if self.file.is_same(file) else self._node_of_changed(file)
        if node is None:
            raise ChangedFileError(
                f"'{self.file.path}' was changed by others since its tree was read: {self.place} "
                "may be another one now; read the file again"
            )
        return node

    def _node_of_changed(self, file: "h5py.File") -> "h5py.Group | None":
        """Find the same artefact in the file as it is now: its record tells."""
        try:
            node = file.get(self.place)
            same = node is not None and self.identity == identity(node)
        except TRANSLATED_ERRORS:
            return None
        return node if same else None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_read": None}


def read_record(node: "h5py.Group") -> Record | None:
    """Record of a stored node; None if it has none that is readable."""
    return record_in(read_field(node, "_metadata"))


def record_in(metadata: Any) -> Record | None:
    """Record among the metadata of a node; None if there is none that is readable."""
    text = metadata.get(RECORD) if isinstance(metadata, dict) else None
    try:
        return Record.from_json(text) if isinstance(text, str) else None
    except FileFormatError:
        return None  # so that what it belongs to is never replaced


def identity(node: "h5py.Group") -> str:
    """Text by which to tell the artefact of a stored node: its record, or a hash of its content."""
    record = read_record(node)
    return digest(data_of(node)) if record is None else record.as_json()


def data_of(node: "h5py.Group") -> "h5py.Group | h5py.Dataset | None":
    """Artefact of a stored node, None if it has none."""
    return open_member(node, "_data") if has_member(node, "_data") else None


def digest(item: "h5py.Group | h5py.Dataset | Group | Dataset | Copy | None") -> str:
    """Hash of an object that is, or is to be, stored: of names, attributes, types and values.

    How long it took to make is no part of what it is.
    """
    content = hashlib.sha256()

    def update(name: str, item: "h5py.Group | h5py.Dataset | Group | Dataset | Copy") -> None:
        if isinstance(item, Copy) and item.tree is not None:
            item = item.tree
        elif isinstance(item, Copy):
            file = Group()
            file.members[OBJECT] = item
            with open_image(file.image()) as image:
                update(name, image[OBJECT])
            return
        if isinstance(item, Group | Dataset):  # as the library would say it
            attributes = sorted((k, str(text.encode())) for k, text in item.attributes.items())
        else:
            attributes = sorted((k, str(value)) for k, value in item.attrs.items())
        content.update(repr((name, attributes)).encode())
        members = item.members if isinstance(item, Group) else item
        if isinstance(members, Mapping):
            content.update(repr(sorted(members)).encode())
            for child in sorted({*members} - {"runtime"}):
                update(child, members[child])
        else:
            values = members.array if isinstance(members, Dataset) else np.asarray(members[()])
            content.update(repr((members.dtype.str, values.shape)).encode())
            exact = values.dtype.kind != "O"
            content.update(values.tobytes() if exact else repr(values.tolist()).encode())

    if item is not None:
        if not isinstance(item, Group | Dataset | Copy):
            check_structure(item)
        update("", item)
    return content.hexdigest()
