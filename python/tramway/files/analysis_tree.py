"""The tree of what was computed from what: localizations, their samplings, the maps of each."""

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from html import escape
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from tramway.arguments import checked, seen
from tramway.errors import FileFormatError, InvalidInputError, MissingResultError, TramwayError
from tramway.inference.maps import Maps
from tramway.tessellation.partition import Partition

from .comments import Comments
from .held_artefact import HeldArtefact
from .label import Label, check_label
from .outline import outline, outline_of_types
from .record import Record
from .stored_artefact import StoredArtefact
from .stored_object import StoredObject


class Analysis(HeldArtefact):
    """Node of an analysis tree: an artefact, and the artefacts made of it by their labels.

    The root holds the localizations (DataFrame), its children partitions, theirs maps::

        tree["roi000"]["stochastic.dv"].data["diffusivity"]

    Parameters
    ----------
    data
        The artefact; None for a root without its localizations.
    label, parent
        Where the artefact belongs; the parent is a node, or a region. It becomes part of the tree
        by :meth:`add` or :meth:`commit_as_analysis`.
    comment
        Any text for the reader.
    record
        What determined the artefact; None where that is unknown (made by hand, or by the original).
    metadata
        Further facts about the artefact, by name.

    Attributes
    ----------
    find_trajectories
        Gives the trajectories that the tree of this root is of; None: the root holds them.
    stored
        Where in a file the artefact was last read or saved; None if it never was.
    rwa_file
        File that the tree of this root is saved to by itself; None if it is not.
    autosave
        Whether that is done at the end of the ``with`` block that the tree was given to.

    Examples
    --------
    >>> tree = Analysis(movie)
    >>> node = commit_as_analysis("roi000", partition, tree)
    >>> leaf = commit_as_analysis("dv", maps, node)
    >>> tree["roi000"]["dv"].data is maps
    True
    """

    @checked
    def __init__(
        self,
        data: Any = None,
        parent: "_HasSubtree | None" = None,
        *,
        label: Label | None = None,
        comment: str | None = None,
        record: Record | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        if parent is not None and not hasattr(parent, "subtree"):
            raise InvalidInputError(f"`parent` is {seen(parent)}, expected Analysis")
        super().__init__(data)
        self.label = label
        self.parent = None if parent is None else parent.subtree
        self.comment = comment
        self.record = record
        self.metadata = dict(metadata or {})
        self.find_trajectories: Callable[[], pd.DataFrame | None] | None = None
        self.rwa_file: Path | None = None
        self.autosave = False
        self._children: dict[Label, Analysis] = {}
        self._deleted: dict[Label, StoredArtefact] = {}

    @classmethod
    def unread(cls, stored: StoredArtefact, **node: Any) -> "Analysis":
        """Make a node whose artefact is read from a file when it is asked for.

        Parameters
        ----------
        stored
            Where it is.
        node
            The other parameters of the class.
        """
        made = cls(**node)
        made.stored, made.is_unread = stored, True
        return made

    def mark_as_stored(self, stored: StoredArtefact) -> None:
        """Remember where the artefact, and so all that was deleted beside it, is in a file now."""
        super().mark_as_stored(stored)
        self._deleted.clear()

    def __getstate__(self) -> dict[str, Any]:
        if self.find_data is None:
            self._data  # noqa: B018 - the other end may not have the file
        return {**vars(self), "find_data": None, "find_trajectories": None}

    def __deepcopy__(self, memo: dict[int, Any]) -> "Analysis":
        made = type(self).__new__(type(self))
        memo[id(self)] = made
        vars(made).update(deepcopy({**self.__getstate__(), "_artefact": self._data}, memo))
        return made

    @property
    def data(self) -> Any:
        """The artefact; one that is in a file is read from there when it is first asked for.

        Raises
        ------
        OSError
            If the file that it is in is gone, or may not be read.
        FileFormatError
            If it is damaged in the file, or of a kind that this package does not know; the message
            names the place or the kind.
        ChangedFileError
            If others have changed the file since the tree was read; read it again.
        """
        data = self._data
        if isinstance(data, StoredObject):
            raise FileFormatError(f"the data of {self._name()} cannot be used: {data.reason}")
        return data

    @data.setter
    def data(self, data: Any) -> None:
        self._data = data
        self.stored = None
        self._tell()
        for child in self._children.values():
            child._tell()

    artefact = data

    def _tell(self) -> None:
        """Let the artefact know what is above it, which may not have been read yet."""
        if self.parent is None:
            return
        if isinstance(self._artefact, Maps):
            self._artefact.find_partition = self.parent._partition
        elif isinstance(self._artefact, Partition):
            self._artefact.find_trajectories = self._trajectories

    def _trajectories(self) -> pd.DataFrame | None:
        """Localizations that the tree is of; None where they are not there."""
        root = self
        while root.parent is not None:
            root = root.parent
        data = root.data if root.find_trajectories is None else root.find_trajectories()
        return data if isinstance(data, pd.DataFrame) else None

    def _partition(self) -> Partition | None:
        data = self._data
        if isinstance(data, Maps) and self.parent is not None:  # maps made from maps
            return self.parent._partition()
        return data if isinstance(data, Partition) else None

    def leave_out(self) -> None:
        """Take this node out of its tree; saving the tree deletes nothing in the file."""
        if self.parent is not None and self.label is not None:
            del self.parent._children[self.label]

    @property
    def labels(self) -> list[Label]:
        """Labels of the children, in order of appearance."""
        return list(self._children)

    @property
    def subtree(self) -> "Analysis":
        """The node itself, with all that is below it."""
        return self

    _subtree = subtree  # as it is called where the original keeps it

    def __iter__(self) -> Iterator[Label]:
        return iter(self._children)

    def __len__(self) -> int:
        return len(self._children)

    def __bool__(self) -> bool:
        return True  # also where there are no children

    def __contains__(self, label: object) -> bool:
        return label in self._children

    def __getitem__(self, label: Label) -> "Analysis":
        """Child of that label.

        Raises
        ------
        MissingResultError
            If there is none; the message lists those there are.
        """
        try:
            return self._children[label]
        except KeyError:
            raise MissingResultError(
                f"{self._name()} has no child {label!r}, {self._alternatives()}"
            ) from None

    def __setitem__(self, label: Label, value: Any) -> None:
        """Add a child: an artefact, or another node with all that is below it."""
        self.add(value, label)

    def __delitem__(self, label: Label) -> None:
        """Remove a child, and from the file, too, when the tree is saved."""
        stored = self[label].stored
        if stored is not None:
            self._deleted[label] = stored
        del self._children[label]

    def keys(self) -> list[Label]:
        """Labels of the children."""
        return self.labels

    @property
    def instances(self) -> "Analysis":
        """The children by label: the node itself has them."""
        return self

    def autoindex(self, pattern: str | None = None) -> Label:
        """Find the first number from 0 that no child has, or that fits in place of a ``*``.

        A pattern without ``*`` is a label by itself.
        """
        names: Iterator[Label] = itertools.count()
        if pattern is not None and "*" not in pattern:
            return pattern
        if pattern is not None:
            names = (pattern.replace("*", str(number)) for number in itertools.count())
        return next(name for name in names if name not in self)

    @property
    def comments(self) -> "Comments":
        """Comment of each child, None without one, by label; they can be set and deleted."""
        return Comments(self)

    def modified(self, recursive: bool = False) -> bool:
        """Tell whether children were added or removed since the tree was read or saved.

        Parameters
        ----------
        recursive
            Whether what is below the children counts, too.
        """
        children = self._children.values()
        return (
            bool(self._deleted)
            or any(child.stored is None for child in children)
            or (recursive and any(child.modified(recursive=True) for child in children))
        )

    def statefree(self) -> "Analysis":
        """Return the node itself: what tells whether it was saved is no part of the artefacts."""
        return self

    def get_child(self, label: Label | None = None) -> "Analysis":
        """Child of that label, or the only child.

        Raises
        ------
        MissingResultError
            If there is no such child, or several and no `label`; the message lists them.
        """
        if label is not None:
            return self[label]
        if len(self) != 1:
            raise MissingResultError(
                f"{self._name()} has {len(self)} children, expected one where no label is given; "
                f"{self._alternatives()}"
            )
        return next(iter(self._children.values()))

    def get_parent(self) -> "Analysis":
        """Node that this artefact was made from.

        Raises
        ------
        MissingResultError
            If this is the root.
        """
        if self.parent is None:
            raise MissingResultError("the root of an analysis tree has no parent")
        return self.parent

    def add(
        self,
        data: Any,
        label: Label | None = None,
        comment: str | None = None,
        record: Record | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> "Analysis":
        """Add a child; one of the same label is replaced with all that is below it.

        Parameters
        ----------
        data
            The artefact; or a node, that becomes the child with all that is below it.
        label
            Its label; None for the first unused number.
        comment, record, metadata
            Those of the class; of a node, only a comment replaces what it has.

        Returns
        -------
        Analysis
            The child.

        Raises
        ------
        InvalidInputError
            If `label` cannot be the name of an object in a file.
        """
        if label is None:
            label = self.autoindex()
        check_label(label)
        if isinstance(data, Analysis):
            child, child.label = data, label
            child.comment = comment or child.comment
        else:
            child = Analysis(data, label=label, comment=comment, record=record, metadata=metadata)
        self.attach(child)
        return child

    def commit_as_analysis(self, label: Label | None, comment: str | None = None) -> "Analysis":
        """Add this artefact to the tree of its parent; see :func:`commit_as_analysis`."""
        return commit_as_analysis(label, self, self.get_parent(), comment)

    @staticmethod
    def get_analysis(parent: "_HasSubtree", label: Label) -> "Analysis":
        """Child of a node or of a region."""
        return parent.subtree[label]

    @staticmethod
    def rebase_tree(tree: "Analysis", origin_tree: "Analysis") -> "Analysis":
        """Add to a tree what it lacks of another; return it."""
        for label in origin_tree:
            if label not in tree:
                tree.attach(origin_tree[label])
            elif tree is not origin_tree:
                Analysis.rebase_tree(tree[label], origin_tree[label])
        return tree

    @staticmethod
    def save(filepath: str | os.PathLike[str], tree: "Analysis", **_: object) -> None:
        """Save a tree, with what is in the file already; see :func:`tramway.files.save_rwa`.

        Options of existing scripts (``force``, ``compress``, ``rebase``) have no effect.
        """
        from .rwa import save_rwa

        save_rwa(filepath, tree)

    def attach(self, child: "Analysis") -> None:
        """Make a node, that has a label, a child of this one."""
        if child.label is None:
            raise InvalidInputError("an analysis without a label cannot be a child of another")
        child.parent = self
        child._tell()
        self._children[child.label] = child

    def whole(self) -> "Analysis":
        """Give this node, after it was sent: what is below it knows again what it was made from."""
        for child in self._children.values():
            self.attach(child.whole())
        return self

    def subtree_stored_in(self, path: Path) -> bool:
        """Whether this node and all below it were read from, or saved to, a file."""
        below = self._children.values()
        return self.stored_in(path) and all(child.subtree_stored_in(path) for child in below)

    def _name(self) -> str:
        return "the root of the tree" if self.label is None else f"analysis {self.label!r}"

    def _alternatives(self) -> str:
        return f"only {', '.join(map(repr, self))}" if len(self) else "it has none"

    def __repr__(self) -> str:
        return outline(self)

    def __str__(self) -> str:
        return outline_of_types(self)

    def _repr_html_(self) -> str:
        """Outline of what is below, and what a sampling, or maps, are like."""
        tree = f"<pre>{escape(outline(self))}</pre>"
        try:
            is_described = self.parent is not None and isinstance(self.data, Partition | Maps)
        except (TramwayError, OSError):  # damaged, or gone: the outline tells what there was
            is_described = False
        return tree + (self.data._repr_html_() if is_described else "")


class _HasSubtree(Protocol):
    @property
    def subtree(self) -> Analysis: ...


@checked
def commit_as_analysis(
    label: Label | None, data: Any, parent: _HasSubtree, comment: str | None = None
) -> Analysis:
    """Add an artefact to the tree below the one it was made from.

    Parameters
    ----------
    label
        Its label; None for the first unused number.
    data
        The artefact, or an :class:`Analysis` that wraps it, whose record and metadata are kept.
    parent
        Node, or region of interest, that `data` was made from.
    comment
        Any text for the reader.

    Returns
    -------
    Analysis
        The new node.

    Raises
    ------
    InvalidInputError
        If `label` cannot be the name of an object in a file.

    Examples
    --------
    >>> tree = Analysis(movie)
    >>> node = commit_as_analysis("roi000", partition, tree)
    >>> list(tree)
    ['roi000']
    """
    node = parent.subtree
    if isinstance(data, Analysis):
        return node.add(data.data, label, comment or data.comment, data.record, data.metadata)
    return node.add(data, label, comment)
