"""How large cells are to be, from what users say or leave unsaid."""

from dataclasses import dataclass

import numpy as np

from tramway.errors import InvalidInputError

_AVG_LOCATION_COUNT = 80
"""Points per cell where nothing else is asked for, as in the original TRamWAy."""

_REL_MIN_DISTANCE = 0.8
"""Least distance between centers, in mean displacements, as in the original TRamWAy."""


@dataclass(frozen=True)
class CellSize:
    """Distance between neighbouring centers where there is one, else number of cells.

    Attributes
    ----------
    spacing
        Distance between neighbouring centers, µm; None where the number of cells decides.
    count
        Number of cells otherwise.
    min_spacing
        Least distance between neighbouring centers then, µm.
    """

    spacing: float | None
    count: float
    min_spacing: float

    @classmethod
    def derive(
        cls,
        n_points: int,
        *,
        resolution: float | None,
        ref_distance: float | None,
        avg_probability: float | None,
        avg_location_count: float | None,
        min_distance: float | None,
        avg_distance: float | None,
        displacement_length: float | None,
    ) -> "CellSize":
        """Apply the rules: `resolution`, else a number of points, else `avg_distance`, else 80 / n.

        See :func:`tramway.tessellation.hexagons` for the parameters.

        Raises
        ------
        InvalidInputError
            If a length is negative or not finite, or a probability is not above 0 and at most 1.
        """
        check_length("resolution", resolution)
        check_length("avg_distance", avg_distance)
        check_length("ref_distance", ref_distance)
        check_length("displacement_length", displacement_length, or_zero=True)
        check_length("min_distance", min_distance, or_zero=True)
        ref_distance = displacement_length if ref_distance is None else ref_distance
        spacing = resolution
        if spacing is None and avg_probability is None and not avg_location_count:
            spacing = avg_distance
            if spacing is None and avg_location_count == 0:
                spacing = length_scale(None, ref_distance, None)
        if min_distance is None:
            min_distance = _REL_MIN_DISTANCE * (ref_distance or 0.0)
        return cls(spacing, cell_count(n_points, avg_probability, avg_location_count), min_distance)


def cell_count(
    n_points: int, avg_probability: float | None, avg_location_count: float | None
) -> float:
    """Get the number of cells from the share of the points, or their number, in each on average.

    By default there is a cell for every 80 points.
    """
    if avg_probability is None:
        avg_probability = min((avg_location_count or _AVG_LOCATION_COUNT) / n_points, 1.0)
    if not 0 < avg_probability <= 1:
        raise InvalidInputError(
            f"`avg_probability` is {avg_probability}, expected a probability above 0: the "
            "inverse of the number of cells"
        )
    return 1.0 / avg_probability


def length_scale(
    resolution: float | None, ref_distance: float | None, displacement_length: float | None
) -> float:
    """Get the size of the smallest cells, µm: `resolution`, else twice the reference distance.

    Raises
    ------
    InvalidInputError
        If a length is negative or not finite, or if there is none.
    """
    check_length("resolution", resolution)
    check_length("ref_distance", ref_distance)
    check_length("displacement_length", displacement_length, or_zero=True)
    if resolution is not None:
        return resolution
    ref_distance = displacement_length if ref_distance is None else ref_distance
    if not ref_distance:
        raise InvalidInputError(
            "`resolution` and `ref_distance` are not set and there are no displacements: set "
            "`resolution`, the size of the smallest cells, in µm"
        )
    return 2.0 * ref_distance


def check_length(name: str, length: float | None, or_zero: bool = False) -> None:
    """Refuse what is neither None nor a finite length above 0."""
    if length is None or 0 < length < np.inf or (or_zero and length == 0):
        return
    raise InvalidInputError(
        f"`{name}` is {length}, expected a length in µm, {'at least' if or_zero else 'above'} 0"
    )
