"""The analysis tree."""

from collections.abc import Sequence
from typing import Any

from tramway.errors import MissingResultError
from tramway.files import Analysis as Analyses

__all__ = ["Analyses", "append_leaf", "find_artefacts"]


def find_artefacts(
    analyses: Analyses,
    filters: type | Sequence[type],
    labels: str | int | Sequence[str | int] | None = None,
    *,
    return_subtree: bool = False,
    **options: Any,
) -> tuple[Any, ...]:
    """Find artefacts on the way down a tree, one of each kind.

    Parameters
    ----------
    analyses
        The tree.
    filters
        Kinds that are looked for, in the order of the way.
    labels
        Of the way; only children are followed beyond.
    return_subtree
        Whether the last node is given, too.
    options
        Without effect.

    Raises
    ------
    MissingResultError
        If there is none of a kind on the way.
    """
    way = [] if labels is None else [labels] if isinstance(labels, str | int) else list(labels)
    kinds = [filters] if isinstance(filters, type) else list(filters)
    node, found = analyses, list[Any]()
    while True:
        if len(found) < len(kinds) and isinstance(node.data, kinds[len(found)]):
            found.append(node.data)
        if way:
            node = node[way.pop(0)]
        elif len(found) < len(kinds) and len(node):
            node = node.get_child()
        else:
            break
    if len(found) < len(kinds):
        raise MissingResultError(f"there is no {kinds[len(found)].__name__} on the way down")
    return (*found, node) if return_subtree else tuple(found)


def append_leaf(
    analysis_tree: Analyses, augmented_branch: Analyses, overwrite: bool = False
) -> None:
    """Add to a tree what another has beside it.

    Parameters
    ----------
    analysis_tree
        The tree; its root without data takes that of the other.
    augmented_branch
        The other, from the root.
    overwrite
        Whether artefacts of the other replace those of the same labels.
    """
    if augmented_branch.data is not None and (overwrite or analysis_tree.data is None):
        analysis_tree.data = augmented_branch.data
    for label in augmented_branch:
        if label in analysis_tree:
            append_leaf(analysis_tree[label], augmented_branch[label], overwrite)
        else:
            analysis_tree.add(augmented_branch[label], label)
