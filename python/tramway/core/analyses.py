"""The analysis tree."""

from collections.abc import Sequence
from typing import Any

from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis as Analyses

__all__ = ["Analyses", "append_leaf", "find_artefacts"]


def find_artefacts(
    analyses: Analyses,
    filters: type | Sequence[type | tuple[type, ...]],
    labels: str | int | Sequence[str | int] | None = None,
    quantifiers: str | Sequence[str | None] | None = None,
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
        Of the way; without them, only children are followed.
    quantifiers
        Which one, where several of a kind follow each other: ``'last'``, by default, ``'first'`` or
        ``'all'``, a list; for all kinds or for each.
    return_subtree
        Whether the node of the last artefact is given, too.
    options
        Without effect.

    Raises
    ------
    MissingResultError
        If there is none of a kind on the way.
    InvalidInputError
        If a quantifier is unknown, or they are not as many as the kinds.
    """
    way = [] if labels is None else [labels] if isinstance(labels, str | int) else list(labels)
    kinds = list(filters) if isinstance(filters, Sequence) else [filters]
    nodes = [analyses]
    for label in way:
        nodes.append(nodes[-1][label])
    while not way and len(nodes[-1]) == 1:
        nodes.append(nodes[-1].get_child())
    found, node, begin = list[Any](), analyses, 0
    for kind, which in zip(kinds, _each(quantifiers, len(kinds)), strict=True):
        fits = [isinstance(one.data, kind) for one in nodes]
        if True not in fits[begin:]:
            names = kind if isinstance(kind, tuple) else (kind,)
            raise MissingResultError(
                f"there is no {' or '.join(name.__name__ for name in names)} on the way down "
                f"{[one.label for one in nodes[1:]]}, which ends at one of {nodes[-1].labels}"
            )
        first = fits.index(True, begin)
        begin = fits.index(False, first) if False in fits[first:] else len(nodes)
        node = nodes[first if which == "first" else begin - 1]
        found.append([one.data for one in nodes[first:begin]] if which == "all" else node.data)
    return (*found, node) if return_subtree else tuple(found)


def _each(quantifiers: str | Sequence[str | None] | None, count: int) -> list[str | None]:
    """Give the quantifier of each kind."""
    each: list[str | None]
    if quantifiers is None or isinstance(quantifiers, str):
        each = [quantifiers] * count
    else:
        each = list(quantifiers)
    if len(each) != count or not {*each} <= {None, "first", "last", "all"}:
        raise InvalidInputError(
            f"`quantifiers` is {quantifiers!r}, expected 'first', 'last' or 'all' for each of "
            f"{count} kinds"
        )
    return each


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
