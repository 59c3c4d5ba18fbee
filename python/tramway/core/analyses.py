"""The analysis tree."""

from collections.abc import Sequence
from typing import Any

from tramway.errors import MissingResultError
from tramway.files import Analysis as Analyses

__all__ = ["Analyses", "append_leaf", "find_artefacts"]


def find_artefacts(
    analyses: Analyses,
    filters: type | Sequence[type | tuple[type, ...]],
    labels: str | int | Sequence[str | int] | None = None,
    *,
    return_subtree: bool = False,
    **options: Any,
) -> tuple[Any, ...]:
    """Find artefacts on the way down a tree: of each kind the last of those that follow each other.

    Parameters
    ----------
    analyses
        The tree.
    filters
        Kinds that are looked for, in the order of the way.
    labels
        Of the way; without them, only children are followed.
    return_subtree
        Whether the node of the last artefact is given, too.
    options
        Without effect.

    Raises
    ------
    MissingResultError
        If there is none of a kind on the way.
    """
    way = [] if labels is None else [labels] if isinstance(labels, str | int) else list(labels)
    kinds = list(filters) if isinstance(filters, Sequence) else [filters]
    nodes = [analyses]
    for label in way:
        nodes.append(nodes[-1][label])
    while not way and len(nodes[-1]) == 1:
        nodes.append(nodes[-1].get_child())
    found, node, begin = list[Any](), analyses, 0
    for kind in kinds:
        fits = [isinstance(one.data, kind) for one in nodes]
        if True not in fits[begin:]:
            names = kind if isinstance(kind, tuple) else (kind,)
            raise MissingResultError(
                f"there is no {' or '.join(name.__name__ for name in names)} on the way down "
                f"{[one.label for one in nodes[1:]]}, which ends at one of {nodes[-1].labels}"
            )
        first = fits.index(True, begin)
        begin = fits.index(False, first) if False in fits[first:] else len(nodes)
        node = nodes[begin - 1]
        found.append(node.data)
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
