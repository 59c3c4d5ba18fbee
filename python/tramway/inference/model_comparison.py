"""Which of several models the data speak for."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition

from .maps import Maps


@checked
def compare_models(maps: Sequence[Maps]) -> pd.DataFrame:
    """Compare models, or priors, by the evidence for them in the same data.

    The evidence is the probability of the data under a model, its parameters integrated out over
    their priors: a model pays for what it could have explained and did not need to [1]_. It depends
    on the weights of the priors: choose them by the evidence, or on purpose, in every model. In all
    models it is a density with respect to the mean D of each connected set of cells, about which
    no prior says anything, so that the ratio of two is a number.

    Parameters
    ----------
    maps
        Two or more maps that know their partition: of the models D, DD, DF, DV, of the same
        translocations under the same cells, and with all priors of the model above zero.

    Returns
    -------
    DataFrame
        A row for each of the maps, by their place in the list, the best first: ``model``;
        ``log evidence``; ``log Bayes factor``, against the best one, ≤ 0; ``probability`` among
        these models if all are as likely a priori.

    Raises
    ------
    InvalidInputError
        If there are fewer than two, one has no evidence, or data or cells differ.
    MissingResultError
        If one does not know its partition.

    References
    ----------
    .. [1] MacKay, Neural Comput. 4, 415 (1992).

    Examples
    --------
    >>> from tramway.inference import infer_diffusivity
    >>> flat = infer_diffusivity(partition, localization_precision=0.01, diffusivity_prior=20)
    >>> compare_models([flat, maps])["model"].tolist()
    ['dv', 'd']
    """
    if len(maps) < 2:
        raise InvalidInputError(f"`maps` has {len(maps)} element, expected two or more maps")
    first = maps[0].inferred_from()
    evidences = []
    for place, each in enumerate(maps):
        evidence = each.attributes.get("log_evidence")
        if not isinstance(evidence, float) or not np.isfinite(evidence):
            raise InvalidInputError(
                f"`maps[{place}]` ('{each.mode}') have no evidence: infer one of the models D, DD, "
                "DF, DV, with a weight above zero, or 'auto', for each of its priors"
            )
        evidences.append(evidence)
        if _is_of_tracks(each) != _is_of_tracks(maps[0]):
            raise InvalidInputError(
                f"`maps[{place}]` ('{each.mode}') and `maps[0]` ('{maps[0].mode}') are of whole "
                "tracks and of displacements by themselves, whose evidences are not those of the "
                "same data: compare maps of one kind"
            )
        if _outside(each) != _outside(maps[0]):
            raise InvalidInputError(
                f"`maps[{place}]` ('{each.mode}') are of tracks with {_outside(each)} "
                f"translocations outside of the region, `maps[0]` ('{maps[0].mode}') of tracks "
                f"with {_outside(maps[0])}: infer both with the same trajectories"
            )
        if _counts_starts(each) != _counts_starts(maps[0]):
            raise InvalidInputError(
                f"`maps[{place}]` ('{each.mode}') and `maps[0]` ('{maps[0].mode}'): one has "
                "`equilibrium`, and its evidence is that of where tracks begin, too; infer both "
                "with the same, or leave the comparison to equilibrium='auto'"
            )
        difference = _difference(each.inferred_from(), first)
        if difference:
            raise InvalidInputError(
                f"`maps[{place}]` ('{each.mode}') and `maps[0]` ('{maps[0].mode}') are not of the "
                f"same {difference}, expected maps of one partition"
            )
    log_evidence = np.array(evidences)
    log_factor = log_evidence - log_evidence.max()
    table = pd.DataFrame(
        {
            "model": [each.mode for each in maps],
            "log evidence": log_evidence,
            "log Bayes factor": log_factor,
            "probability": np.exp(log_factor) / np.exp(log_factor).sum(),
        }
    )
    return table.sort_values("log evidence", ascending=False, kind="stable")


def _is_of_tracks(maps: Maps) -> bool:
    return maps.model is not None and maps.model.of_tracks


def _outside(maps: Maps) -> object:
    return maps.attributes.get("translocations_outside", 0)


def _counts_starts(maps: Maps) -> bool:
    return bool(maps.attributes.get("equilibrium", False))


def _difference(one: Partition, other: Partition) -> str:
    """Name what two partitions do not share, of what the evidence depends on; empty if nothing."""
    if one is other:
        return ""
    same_data = (
        np.array_equal(a, b)
        for a, b in (
            (one.displacements, other.displacements),
            (one.lags, other.lags),
            (one.cells, other.cells),
        )
    )
    cells = (one.tessellation, other.tessellation)
    same_cells = (
        np.array_equal(getattr(cells[0], name), getattr(cells[1], name))
        for name in ("cell_centers", "adjacency_starts", "adjacency", "cell_volume")
    )
    return "cells" if not all(same_cells) else "" if all(same_data) else "translocations"
