"""The analysis tree."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis as Analyses

__all__ = [
    "Analyses",
    "append_leaf",
    "coerce_labels",
    "extract_analysis",
    "find_artefacts",
    "format_analyses",
    "label_paths",
]

Label: TypeAlias = str | int


def find_artefacts(
    analyses: Analyses,
    filters: type | Sequence[type | tuple[type, ...]],
    labels: Label | Sequence[Label] | None = None,
    quantifiers: str | Sequence[str | None] | None = None,
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
    quantifiers
        Of each kind: ``"first"`` or ``"last"`` of those that follow each other, or ``"all"``.
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
    which = [quantifiers] if isinstance(quantifiers, str) else list(quantifiers or ())
    which += [None] * (len(kinds) - len(which))
    nodes = [analyses]
    for label in way:
        nodes.append(nodes[-1][label])
    while not way and len(nodes[-1]) == 1:
        nodes.append(nodes[-1].get_child())
    found, node, begin = list[Any](), analyses, 0
    for kind, quantifier in zip(kinds, which, strict=False):
        fits = [isinstance(one.data, kind) for one in nodes]
        if True not in fits[begin:]:
            names = kind if isinstance(kind, tuple) else (kind,)
            raise MissingResultError(
                f"there is no {' or '.join(name.__name__ for name in names)} on the way down "
                f"{[one.label for one in nodes[1:]]}, which ends at one of {nodes[-1].labels}"
            )
        first = fits.index(True, begin)
        begin = fits.index(False, first) if False in fits[first:] else len(nodes)
        if quantifier in ("all", "+"):
            found.append([one.data for one in nodes[first:begin]])
            continue
        if quantifier not in ("first", "last", None):
            raise InvalidInputError(
                f"a quantifier is {quantifier!r}, expected 'first', 'last' or 'all'"
            )
        node = nodes[first if quantifier == "first" else begin - 1]
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


def extract_analysis(analyses: Analyses, labels: Label | Sequence[Label]) -> Analyses:
    """Copy a tree without what is beside the way of some labels; the artefacts are the same."""
    copied = Analyses(analyses.data)
    way = [labels] if isinstance(labels, str | int) else list(labels)
    if way:
        child = analyses[way[0]]
        copied.add(extract_analysis(child, way[1:]), way[0], child.comment)
    return copied


def label_paths(
    analyses: Analyses, filter: type | Callable[[Any], bool], **options: Any
) -> list[tuple[Label, ...]]:
    """List the ways to the artefacts of a kind, or those that a function says True of.

    Parameters
    ----------
    analyses
        The tree; its root is left out.
    filter
        The kind, or the function.
    options
        Without effect.
    """
    found = list[tuple[Label, ...]]()
    for label in analyses:
        child = analyses[label]
        data = child.data
        if isinstance(data, filter) if isinstance(filter, type) else filter(data):
            found.append((label,))
        found += [(label, *way) for way in label_paths(child, filter)]
    return found


def coerce_labels(analyses: Analyses) -> Analyses:
    """Give a tree back, whose labels are text or numbers already."""
    return analyses


def format_analyses(
    analyses: Analyses, prefix: str = "\t", *_: Any, global_prefix: str = "", **__: Any
) -> str:
    """List the labels and types of a tree, as printing it does.

    Parameters
    ----------
    analyses
        The tree.
    prefix
        What each level is indented by.
    global_prefix
        What every line begins with.
    """
    lines = []
    for line in str(analyses).splitlines():
        said = line.lstrip("\t")
        lines.append(global_prefix + prefix * (len(line) - len(said)) + said)
    return "\n".join(lines)
