"""The tree, or file, that a helper starts from and adds to."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from tramway.core import load_rwa, load_xyt, save_rwa
from tramway.errors import InvalidInputError
from tramway.files import Analysis
from tramway.inference import Maps
from tramway.tessellation import Partition

PathLike: TypeAlias = str | os.PathLike[str]
Labels: TypeAlias = str | int | Sequence[str | int] | None
"""Labels from the root of a tree downwards; None: the only child, as often as needed."""


def opened(data: Any) -> tuple[Analysis, Path | None]:
    """Take a table, a tree, or a file for a tree.

    Returns
    -------
    tuple
        The tree, and the ``.rwa`` file that it belongs to; None where it is in memory.
    """
    if isinstance(data, Analysis):
        return data, None
    if isinstance(data, pd.DataFrame):
        return Analysis(data), None
    if not isinstance(data, str | os.PathLike):
        raise InvalidInputError(f"{data!r:.80} is no table, no analysis tree and no file")
    path = Path(data).expanduser()
    rwa = path.with_suffix(".rwa")
    return (load_rwa(path) if path.suffix == ".rwa" else Analysis(load_xyt(path))), rwa


def path_of(labels: Labels) -> list[str | int]:
    """Take labels as a list; none where there are none."""
    if labels is None:
        return []
    return [labels] if isinstance(labels, str | int) else list(labels)


def find(tree: Analysis, kinds: tuple[type, ...], labels: Labels = None) -> Analysis:
    """Find the node of an artefact of some kind: that of the labels, or else the only one.

    Raises
    ------
    MissingResultError
        If there is no node of a label, or there are several to choose from.
    InvalidInputError
        If there is something else.
    """
    for label in path_of(labels):
        tree = tree[label]
    while not isinstance(tree.data, kinds) and len(tree):
        tree = tree.get_child()
    if not isinstance(tree.data, kinds):
        names = " or ".join(kind.__name__ for kind in kinds)
        raise InvalidInputError(
            f"there is a {type(tree.data).__name__} in the tree where a {names} is expected"
        )
    return tree


def partition_above(node: Analysis) -> Analysis:
    """Find the partition that a node is, or is made from."""
    while not isinstance(node.data, Partition):
        node = node.get_parent()
    return node


def free_label(node: Analysis, label: str | int | None) -> str | int:
    """Put the first number that is free in place of ``*``; None: that number itself."""
    if label is None or (isinstance(label, str) and "*" in label):
        return node.autoindex(label)
    return label


def save(tree: Analysis, rwa: Path | None, output_file: PathLike | None) -> None:
    """Save a tree in the file that was asked for, or in its own, if there is any."""
    path = rwa if output_file is None else Path(output_file).expanduser()
    if path is not None:
        save_rwa(path, tree)


def artefact(data: Any, kind: type, labels: Labels = None) -> Any:
    """Find what is of a kind: the thing itself, or in a tree, or in a file."""
    return data if isinstance(data, kind) else find(opened(data)[0], (kind,), labels).data


def maps_and_partition(
    maps: Any, cells: Any = None, labels: Labels = None
) -> tuple[Maps, Partition]:
    """Find maps, and what they were inferred from."""
    found: Maps = artefact(maps, Maps, labels)
    return found, found.inferred_from() if cells is None else artefact(cells, Partition)
