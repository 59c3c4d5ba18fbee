"""What could not be made: kept in the file that it is missing in, with the reason.

A run tells what failed when it ends, and forgets it; who looks at the results later, or is sent
them, should not take what is missing for what was never there.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from tramway.arguments import checked

from .analysis_tree import Analysis
from .label import Label

_PREFIX = "failure: "
"""Begins the names of failures among the metadata of the root of a tree; labels follow, as JSON."""


class Failure(NamedTuple):
    """Something that a run could not make.

    Attributes
    ----------
    labels
        Its labels: of the sampling, and of the maps if it was these.
    reason
        Why.

    Examples
    --------
    >>> Failure(("roi002", "stochastic.dv"), "infer: no cell has a value").labels
    ('roi002', 'stochastic.dv')
    """

    labels: tuple[str, ...]
    reason: str


def note_failure(tree: Analysis, labels: Sequence[Label], reason: str) -> None:
    """Write down that something could not be made; an empty reason: now it was.

    Parameters
    ----------
    tree
        Root of the tree that it would be in.
    labels
        Of the sampling, and of the maps if it was these.
    reason
        Why.
    """
    name = _PREFIX + json.dumps([str(label) for label in labels], ensure_ascii=False)
    if reason or name in tree.metadata:  # others may have read it: what is mended stays, empty
        tree.metadata[name] = reason


@checked
def failures_of(tree: Analysis) -> list[Failure]:
    """List what could not be made, by its labels.

    Parameters
    ----------
    tree
        Root of a tree, as ``f.analyses`` or what :func:`read_rwa` returns.

    Examples
    --------
    >>> failures_of(Analysis(movie))
    []
    """
    return [
        Failure(tuple(json.loads(name.removeprefix(_PREFIX))), reason)
        for name, reason in sorted(tree.metadata.items())
        if name.startswith(f'{_PREFIX}["') and reason
    ]
