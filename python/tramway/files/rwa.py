"""Reading and saving analysis trees as ``.rwa`` files, the HDF5 files of the original."""

import os
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tramway import _core
from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError

from .analysis_tree import Analysis, Label
from .atomic_write import replace_file, write_lock
from .rwa_decoding import dict_members, read_field
from .rwa_merge import Merge, identity, read_record
from .rwa_schema import is_node, read_data
from .stored_object import TRANSLATED_ERRORS, open_member, translate_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    import h5py


def read_rwa(path: str | os.PathLike[str]) -> Analysis:
    """Read the analysis tree of a ``.rwa`` file, of this package or of the original.

    Parameters
    ----------
    path
        The file; ``~`` is expanded.

    Returns
    -------
    Analysis
        Root of the tree, with everything that is below it. An artefact of a kind that is not known
        here is an error when its ``data`` is asked for, not before, and is saved again unchanged.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileFormatError
        If it is no such file, is truncated, or damaged where everything begins.

    Warns
    -----
    DataQualityWarning
        If a part of it is damaged, which checksums tell of what this package wrote: the message
        names the place. The artefact is left out, with what is below it, and so made anew by the
        next run.

    Examples
    --------
    >>> from tramway.files import Analysis
    >>> save_rwa("movie.rwa", Analysis(movie))
    []
    >>> read_rwa("movie.rwa")
    4000 localizations (n x y t)
    """
    path = Path(path).expanduser().resolve()
    with _open_rwa(path) as root:
        return _read_node(root, path)


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
            with _open_rwa(path) as theirs:
                content = merge.image(root, theirs)
        else:
            content = merge.image(root, None)
        replace_file(path, content)
    merge.mark_as_stored()
    return merge.notes


@contextmanager
def _open_rwa(path: Path) -> "Iterator[h5py.Group]":
    """Root node of a file that is open as long as the block runs."""
    import h5py

    _core.check_regular_file(path)
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        if error.errno is not None:  # missing, no permission: says so itself
            raise
        raise FileFormatError(
            f"'{path}' is not a readable HDF5 file, expected a .rwa file; if it was one, take it "
            f"away and run again: {error}"
        ) from error
    with file:
        try:
            root = file.get("analyses")
            if root is None or not is_node(root):
                raise FileFormatError(
                    f"it has no 'analyses' of type Analyses, only {', '.join(file) or 'nothing'}"
                )
            yield root
        except InvalidInputError:
            raise  # something in the tree to save
        except TRANSLATED_ERRORS as error:
            raise FileFormatError(
                f"'{path}' cannot be read as a .rwa file: {error}; if it is damaged, take it away "
                "and run again"
            ) from error


def _read_node(
    group: "h5py.Group",
    path: Path,
    parent: Analysis | None = None,
    label: Label | None = None,
    localizations: Any = None,
) -> Analysis:
    with translate_errors(group):
        metadata = read_field(group, "_metadata") or {}
        record = read_record(group)
        if record is not None:
            del metadata["record"]
        node = Analysis(label=label, parent=parent, record=record, metadata=metadata)
        try:
            node._data = _read_data(group, localizations)
            node.stored = (path, identity(group))
        except FileFormatError as error:
            if parent is not None:
                raise
            _warn_of_damage(path, error, "the localizations were left out")
        if parent is None:
            localizations = node._data
        comments: dict[Label, str] = {}
        try:
            comments = read_field(group, "_comments") or {}
        except FileFormatError as error:
            _warn_of_damage(path, error, "the comments were left out")
        members = dict_members(group["_instances"]) if "_instances" in group else {}
        for child_label, place in members.items():
            try:
                member = open_member(*place)
                if not is_node(member):
                    raise FileFormatError(f"{member.name} is not a node of an analysis tree")
                child = _read_node(member, path, node, child_label, localizations)
            except FileFormatError as error:
                _warn_of_damage(
                    path, error, f"{child_label!r} was left out, run again to make it anew"
                )
                continue
            child.comment = comments.get(child_label)
            node.attach(child)
        return node


def _read_data(group: "h5py.Group", localizations: Any) -> Any:
    return read_data(open_member(group, "_data"), localizations) if "_data" in group else None


def _warn_of_damage(path: Path, error: FileFormatError, consequence: str) -> None:
    warnings.warn(f"'{path}': {error}; {consequence}", DataQualityWarning, stacklevel=2)
