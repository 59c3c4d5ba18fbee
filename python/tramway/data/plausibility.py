"""Whether data are in µm and s, as far as physics tells: what molecules do, what cameras see."""

import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tramway.arguments import checked
from tramway.errors import DataQualityWarning
from tramway.units import SPACE_COLUMNS

_ROWS_LOOKED_AT = 10_000

_MANY_STEPS = 10
_MARGIN_OF_FEW = 20.0
"""Fewer steps than that are judged by bounds that are wider by this factor: they may be chance."""

_SHORTEST_STEP = 1e-3
"""µm, of half of the steps: no molecule is localized that precisely."""

_LONGEST_STEP = 1.0
"""µm, of half of the steps: molecules are not followed that far from one frame to the next."""

_SHORTEST_STEP_IN_NM = 20.0
"""Half of the steps are longer only in nm, not in pixels."""

_LARGEST_DIFFUSIVITY = 20.0
"""µm²/s; free proteins in the nucleus have 10, and are the fastest that are tracked in cells."""

_LONGEST_INTERVAL = 1.0
"""s; molecules that move are looked at more often."""

_WIDEST_FIELD = 300.0
"""µm; two thousand pixels of 0.11 µm are 220."""

_SMALLEST_PRECISION, _LARGEST_PRECISION = 1e-4, 0.25
"""µm: the size of an atom, and more than the width of a molecule's image."""

# Medians of χ² with as many degrees of freedom, which |Δr|² / (2 D Δt) has.
_MEDIAN_CHI_SQUARE = {2: 1.386, 3: 2.366}

_SCALE = "set `coord_scale` (of read_trajectories: `coordinate_scale`)"
_IN_NM = f"if the coordinates are in nm, {_SCALE} to 1e-3"
_IN_PIXELS = f"if the coordinates are in pixels, {_SCALE} to the size of a pixel in µm"
_IN_METRES = f"if the coordinates are in metres, {_SCALE} to 1e6"
_NOT_IN_SECONDS = (
    "if the times are in ms, set `time_scale` to 1e-3; if they are numbers of frames, to the frame "
    "interval in s"
)


def check_motion(columns: Mapping[Any, NDArray[np.float64]], source: str) -> None:
    """Warn of positions and times that cannot be in µm and s, seen on the first rows.

    Parameters
    ----------
    columns
        ``n x y [z] t``, sorted by track and time, and any others.
    source
        What the message calls them.
    """
    rows = slice(_ROWS_LOOKED_AT)
    space = np.stack([columns[name][rows] for name in SPACE_COLUMNS if name in columns])
    remarks = list(_remarks(columns["n"][rows], space, columns["t"][rows]))
    if remarks:
        warnings.warn(f"{source}: {'; '.join(remarks)}", DataQualityWarning, stacklevel=5)


def _remarks(
    track: NDArray[np.float64], space: NDArray[np.float64], time: NDArray[np.float64]
) -> Iterator[str]:
    is_step = np.diff(track) == 0
    field = float(np.ptp(space[:2], axis=1).max())
    if not is_step.any():
        if field > _WIDEST_FIELD:
            yield _too_wide(field)
        return
    squares = np.square(np.diff(space)).sum(axis=0)[is_step]
    intervals = np.diff(time)[is_step]
    step, interval = math.sqrt(np.median(squares)), float(np.median(intervals))
    with np.errstate(over="ignore"):  # two times can differ by next to nothing
        rate = float(np.median(squares / intervals))
    diffusivity = rate / (2 * _MEDIAN_CHI_SQUARE[len(space)])
    d = f"a diffusivity of some {diffusivity:.2g} µm²/s"

    margin = 1.0 if len(squares) >= _MANY_STEPS else _MARGIN_OF_FEW
    if step > margin * _LONGEST_STEP:
        yield (
            f"half of the displacements are longer than {step:.3g} µm ({d}), farther than "
            f"molecules are followed; {_IN_NM if step > _SHORTEST_STEP_IN_NM else _IN_PIXELS}"
        )
    elif 0 < step < _SHORTEST_STEP / margin:
        yield (
            f"half of the displacements are shorter than {step:.3g} µm ({d}), less than can be "
            f"seen; {_IN_METRES}"
        )
    elif field > _WIDEST_FIELD:
        yield _too_wide(field)
    elif diffusivity > margin * _LARGEST_DIFFUSIVITY:
        yield (
            f"displacements of {step:.3g} µm in {interval:.3g} s ({d}) are faster than molecules "
            f"that can be tracked; {_IN_PIXELS}; if the times are not in s, set `time_scale`"
        )
    if interval >= margin * _LONGEST_INTERVAL:
        yield (
            f"half of the displacements take {interval:.3g} s or more ({d}), longer than molecules "
            f"that move are left unseen; {_NOT_IN_SECONDS}"
        )


def _too_wide(field: float) -> str:
    return f"positions are {field:.3g} µm apart, farther than a microscope sees; {_IN_PIXELS}"


@checked
def check_precision(precision: float, what: str) -> None:
    """Warn of a localization precision that cannot be in µm.

    Parameters
    ----------
    precision
        The usual σ of one coordinate, µm; zero where there is no noise.
    what
        What the message calls it.

    Examples
    --------
    >>> check_precision(0.03, "a.spt_data.localization_precision")  # µm; 30 gets a warning
    """
    if precision > _LARGEST_PRECISION:
        problem = "wider than the image of a molecule; if it is in nm or pixels, convert it"
    elif 0 < precision < _SMALLEST_PRECISION:
        problem = "less than the size of an atom; if it is in metres, or is a variance, convert it"
    else:
        return
    warnings.warn(
        f"{what} is {precision:.3g} µm, {problem}: usual are 0.005 to 0.05 µm",
        DataQualityWarning,
        stacklevel=5,
    )
