"""Reading and saving analysis trees as ``.rwa`` files, the HDF5 files of the original."""

import os
import warnings
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tramway import arguments
from tramway.errors import (
    ChangedFileError,
    DataQualityWarning,
    FileFormatError,
    InvalidInputError,
    NewerFileError,
)

from .analysis_tree import Analysis
from .atomic_write import replace_file, write_lock
from .hdf5_reading import as_written, checked, many_objects
from .label import Label, check_label
from .rwa_decoding import decode, dict_members
from .rwa_merge import Merge
from .rwa_schema import is_node
from .stored_artefact import RECORD, StoredArtefact, StoredFile, record_in
from .stored_object import TRANSLATED_ERRORS, ErrorsTranslated, check_version, open_member
from .structure import check_depth, check_once, has_member

if TYPE_CHECKING:
    from collections.abc import Iterator

    import h5py


@arguments.checked
def read_rwa(path: str | os.PathLike[str]) -> Analysis:
    """Read the analysis tree of a ``.rwa`` file, of this package or of the original.

    Parameters
    ----------
    path
        The file; ``~`` is expanded.

    Returns
    -------
    Analysis
        Root of the tree. Artefacts are read when their ``data`` is asked for; the file is closed
        in between. One that is damaged, that others have replaced meanwhile, or whose kind is not
        known here, is an error then, not before; saving leaves it as it is in the file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileFormatError
        If it is no such file, is truncated, or damaged where everything begins.

    Warns
    -----
    DataQualityWarning
        If what says which artefacts there are is damaged, as checksums tell of what this package
        wrote: the message names the place. The node is left out, with what is below it, and so made
        anew by the next run.

    Examples
    --------
    >>> from tramway.files import Analysis
    >>> save_rwa("movie.rwa", Analysis(movie))
    []
    >>> read_rwa("movie.rwa")
    4000 localizations (n x y t)
    """
    path = Path(path).expanduser().resolve()
    stored = StoredFile(path)
    with _open_rwa(stored) as root, many_objects():
        return _read_node(as_written(root, without="_data") or root, stored, set())


@arguments.checked
def save_rwa(path: str | os.PathLike[str], root: Analysis) -> list[str]:
    """Save an analysis tree, keeping what is in the file already.

    Where the file and the tree have the same label, the records decide:

    - equal records (or equal contents without records) are the same artefact, and the analyses
      below it are united;
    - an artefact made with other parameters, or of other data, is replaced, with the analyses below
      it;
    - what has no record, or has such a thing below it, was made by hand or by the original: it is
      kept as ``<label> (previous)``;
    - what the tree had read from this file, and nobody has worked on since, is left as it is now.

    Parameters
    ----------
    path
        The file, made if missing; its folder must exist. ``~`` is expanded.
    root
        Root of the tree, with the localizations.

    Returns
    -------
    list of str
        What was replaced or renamed, one sentence each; empty if nothing was.

    Raises
    ------
    InvalidInputError
        If something in the tree cannot be stored, `root` is not a root, or the folder does not
        exist.
    FileFormatError
        If there is a file already and it is not readable as a ``.rwa`` file.
    ChangedFileError
        If the tree was read from a file that others have changed since, before the artefacts in it
        were read that have to be written now: read it again.
    OSError
        If it cannot be written: disk full, no permission.

    Notes
    -----
    The file is replaced at once: whatever happens it is the old one or the new one, whole. Two
    processes that save at the same time wait for each other where the file system has locks.

    Examples
    --------
    >>> import pandas as pd
    >>> tree = Analysis(pd.DataFrame({"n": [1], "x": [0.5], "y": [0.5], "t": [0.0]}))
    >>> save_rwa("cell1.rwa", tree)
    []
    >>> read_rwa("cell1.rwa")
    1 localizations (n x y t)
    """
    path = Path(path).expanduser().resolve()
    if root.parent is not None:
        raise InvalidInputError(f"cannot save the branch {root.label!r}: pass the root of its tree")
    if not path.parent.is_dir():
        raise InvalidInputError(
            f"cannot save '{path}': there is no folder '{path.parent}'; create it"
        )
    with write_lock(path) as is_free:
        merge = Merge(path)
        if not is_free:
            merge.notes.append(f"'{path.name}' is locked by another process: saved without waiting")
        if path.exists():
            with _open_rwa(StoredFile(path)) as theirs:
                united = merge.unite(root, theirs)
                replace_file(path, united.write)
        else:
            replace_file(path, merge.unite(root, None).write)
        merge.mark_as_stored()
    return merge.notes


@contextmanager
def _open_rwa(stored: StoredFile) -> "Iterator[h5py.Group]":
    """Root node of a file that is open as long as the block runs."""
    with stored.opened() as file:
        try:
            root = open_member(file, "analyses") if has_member(file, "analyses") else None
            if root is None or not is_node(root):
                raise FileFormatError(
                    f"it has no 'analyses' of type Analyses, only {', '.join(file) or 'nothing'}"
                )
            check_version(root)
            yield root
        except (InvalidInputError, ChangedFileError):
            raise  # something in the tree to save
        except NewerFileError as error:
            raise NewerFileError(f"'{stored.path}': {error}") from error
        except TRANSLATED_ERRORS as error:
            raise FileFormatError(
                f"'{stored.path}' cannot be read as a .rwa file: {error}; if it is damaged, take "
                "it away and run again"
            ) from error


def _read_node(
    group: "h5py.Group",
    file: StoredFile,
    seen: set[int],
    root: StoredArtefact | None = None,
    **node: Any,
) -> Analysis:
    """Read a node and those below it, but not the artefacts; `seen`: addresses of those read."""
    with ErrorsTranslated(group):
        check_version(group)
        check_depth(group.name, group.name.count("/"))
        check_once(group, seen)
        metadata = _read_checked(group, "_metadata") or {}
        record = record_in(metadata)
        if record is not None:
            del metadata[RECORD]
        known = None if record is None else record.as_json()
        stored = StoredArtefact(file, group.name, known, root)
        made = Analysis.unread(stored, record=record, metadata=metadata, **node)
        has_members = has_member(group, "_instances")
        members = dict_members(open_member(group, "_instances")) if has_members else {}
        comments: dict[Label, str] = {}
        try:
            comments = _read_checked(group, "_comments") or {}
        except FileFormatError as error:
            _warn_of_damage(file.path, error, "the comments were left out")
        for label, place in members.items():
            try:
                _check_stored_label(label, place[0])
                member = open_member(*place)
                if not is_node(member):
                    raise FileFormatError(f"{member.name} is not a node of an analysis tree")
                child = _read_node(
                    member,
                    file,
                    seen,
                    root or stored,
                    label=label,
                    parent=made,
                    comment=comments.get(label),
                )
            except NewerFileError as error:
                _warn_of_damage(
                    file.path, error, f"{label!r} was left out, saving keeps it in the file"
                )
                continue
            except FileFormatError as error:
                _warn_of_damage(
                    file.path, error, f"{label!r} was left out, run again to make it anew"
                )
                continue
            made.attach(child)
        return made


def _read_checked(group: "h5py.Group", name: str) -> Any:
    """Read what is under a name in a group, None if there is nothing."""
    return decode(checked(open_member(group, name))) if has_member(group, name) else None


def _check_stored_label(label: Label, group: "h5py.Group") -> None:
    try:
        check_label(label)
    except InvalidInputError as error:
        raise FileFormatError(f"in {group.name} a {error}") from error


def leave_out_damaged(tree: Analysis) -> Analysis:
    """Read all that was not read yet, and leave out what is damaged, with all that is below it.

    Nothing of it is kept in memory.

    Parameters
    ----------
    tree
        Root of a tree, or a node in it.

    Returns
    -------
    Analysis
        The tree.

    Warns
    -----
    DataQualityWarning
        If something is left out; the message names the file and the place.
    """
    with held_open(tree):
        if is_intact(tree):
            for label in tree.labels:
                leave_out_damaged(tree[label])
    return tree


@contextmanager
def held_open(tree: Analysis) -> "Iterator[None]":
    """Open the file of a tree once for all that is read in a block, if it has one."""
    with ExitStack() as stack:
        with suppress(OSError, FileFormatError):  # told where something is read
            stack.enter_context(tree.opened())
        yield


def is_intact(node: Analysis) -> bool:
    """Whether the artefact of a node can be read; if it cannot, it is left out with a warning."""
    if not node.is_unread or node.stored is None:
        return True
    try:
        node.stored.verify()
    except FileFormatError as error:
        if node.parent is None:
            warnings.warn(f"{error}; the localizations were left out", DataQualityWarning, 2)
            node._data, node.stored = None, None
            return True
        warnings.warn(f"{error}: {node.label!r} was left out", DataQualityWarning, stacklevel=2)
        node.leave_out()
        return False
    return True


def _warn_of_damage(path: Path, error: FileFormatError, consequence: str) -> None:
    warnings.warn(f"'{path}': {error}; {consequence}", DataQualityWarning, stacklevel=2)
