"""Samplings of sources that are streamed as a whole: sums over cells that blocks are added to."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from tramway.data import discard_static, translocations
from tramway.data.columns import values_of
from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.tessellation import METHODS, SummedPartition, Summing
from tramway.tessellation.positions import GatheredExtent, sum_in_order
from tramway.units import SPACE_COLUMNS

from .sampler import Sampler
from .tesseller import Tesseller
from .time import Time

Blocks = Callable[[], Iterator[pd.DataFrame]]
"""Gives all trajectories from the first one on, some at a time."""


def sample_blocks(
    blocks: Blocks,
    tesseller: Tesseller,
    time: Time,
    sampler: Sampler,
    min_msd: float | None = None,
) -> tuple[SummedPartition, int]:
    """Cut the area of trajectories into cells, and sum over the translocations of each.

    The trajectories are gone through twice: to find the cells, and to sum. The cells, and the sums,
    are those of all of them in memory, to the bit.

    Parameters
    ----------
    blocks
        The trajectories.
    tesseller, time, sampler
        Those of the analyzer.
    min_msd
        Mean squared displacement, µm², below which translocations are left out; None: none are.

    Returns
    -------
    SummedPartition, int
        The cells and their sums, and the number of translocations that were left out.

    Raises
    ------
    InvalidInputError
        If the settings need all translocations at once.
    InsufficientDataError
        If there are no translocations.
    """
    check_summable(tesseller, time, sampler)
    extent = GatheredExtent()
    length, count, static = 0.0, 0, 0
    for block in blocks():
        kept = _moving(block, min_msd)
        table = _displaced(kept)
        space = [column for column in SPACE_COLUMNS if column in block]
        extent.add(values_of(kept, space))
        steps = values_of(table, [f"d{column}" for column in space])
        length = sum_in_order(np.sqrt((steps**2).sum(axis=1)), length)
        count += len(table)
        if kept is not block:
            static += len(_displaced(block)) - len(table)
    if not count:
        raise InsufficientDataError(
            "there is no translocation: check which column has the numbers of tracks"
        )
    summing = Summing(tesseller.cut_extent(extent.extent(), length / count))
    for block in blocks():
        summing.add(_displaced(_moving(block, min_msd)))
    values = {name: value for name, value in tesseller.parameters.items() if value is not None}
    param = {"method": tesseller.plugin, "tessellation": values}
    return summing.partition({**param, **sampler._facts()}), static


def check_summable(tesseller: Tesseller, time: Time, sampler: Sampler) -> None:
    """Refuse settings that need all translocations at once.

    Raises
    ------
    InvalidInputError
        If there are such; the message names the setting.
    """
    what = None
    if not METHODS[tesseller.plugin].takes_extent:
        possible = ", ".join(name for name, method in METHODS.items() if method.takes_extent)
        what = (
            f"cells of '{tesseller.plugin}' are made of all localizations at once: choose one of "
            f"{possible}, whose cells follow from the area"
        )
    elif tesseller.post_processing is not None:
        what = "cells are merged by what they hold: set a.tesseller.post_processing = None"
    elif time.initialized:
        what = "time segments are for translocations in memory: set a.time = None"
    elif sampler.plugin != "voronoi" or sampler.parameters["min_location_count"]:
        what = (
            "translocations are summed in the cell that they are in: set a.sampler = "
            "sampler.VoronoiSampler()"
        )
    if what is not None:
        raise InvalidInputError(
            f"the source is streamed as a whole, and {what}; or define regions of interest, or set "
            "a.spt_data.streaming = False"
        )


def _moving(block: pd.DataFrame, min_msd: float | None) -> pd.DataFrame:
    return block if min_msd is None else discard_static(block, min_msd)


def _displaced(block: pd.DataFrame) -> pd.DataFrame:
    return block if "dx" in block else translocations(block)
