"""How much noise the localizations of a partition have: one precision for all, or each its own."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tramway.data import DESTINATION_PRECISION_COLUMN, PRECISION_COLUMN
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition, SummedPartition


@dataclass(frozen=True)
class Noise:
    """Localization noise of a partition, as the numeric core takes it.

    Attributes
    ----------
    localization_precision
        Standard deviation σ that all localizations share, µm; 0 if each has its own.
    displacement_variance
        Mean σ² of the two ends of each filed translocation, (M,), µm²; None if all share one.
    origin_variance, destination_variance
        σ² of the origin and of the destination of each filed translocation, (M,), µm².
    """

    localization_precision: float
    displacement_variance: NDArray[np.float64] | None
    origin_variance: NDArray[np.float64]
    destination_variance: NDArray[np.float64]

    @property
    def mean_origin_variance(self) -> float:
        """Mean σ² of the origins, µm²."""
        if self.displacement_variance is None:
            return self.localization_precision**2
        return float(self.origin_variance.mean())

    @property
    def half_variance(self) -> NDArray[np.float64]:
        """Half the variance of each displacement along an axis that is due to noise, (M,), µm²."""
        if self.displacement_variance is None:
            return self.origin_variance
        return self.displacement_variance


def noise_of(partition: Partition, localization_precision: float | Literal["column"]) -> Noise:
    """Find the noise of each translocation.

    Parameters
    ----------
    partition
        Translocations assigned to cells.
    localization_precision
        Standard deviation σ of one coordinate, µm, ≥ 0; ``'column'``: as the columns
        ``localization_precision`` and ``destination_precision`` of the translocations say.

    Raises
    ------
    InvalidInputError
        If there are no such columns, or a value is not a number ≥ 0.
    """
    if localization_precision != "column":
        sigma = single_precision(localization_precision, "the model")
        # One number at every place, which takes no memory; broadcasting takes ten times as long.
        variance = np.ndarray((partition.entry_count,), np.float64, np.array(sigma**2), 0, (0,))
        variance.flags.writeable = False
        return Noise(sigma, None, variance, variance)
    if isinstance(partition, SummedPartition):
        raise InvalidInputError(
            "each localization has its own precision, with which sums over translocations cannot "
            "be made, as of a source that is streamed as a whole: set "
            "a.spt_data.localization_precision to one number, µm, or a.spt_data.streaming = False"
        )
    variances = []
    for name in (PRECISION_COLUMN, DESTINATION_PRECISION_COLUMN):
        if name not in partition.points:
            raise InvalidInputError(
                f"`localization_precision` is 'column', and the translocations have no column "
                f"{name}: trajectories with a column {PRECISION_COLUMN} give it to them; or give a "
                "number, µm"
            )
        sigma_of = partition.points[name].to_numpy(dtype=np.float64)
        bad = np.flatnonzero(~(np.isfinite(sigma_of) & (sigma_of >= 0)))
        if bad.size:
            raise InvalidInputError(
                f"column {name} of the translocations is {sigma_of[bad[0]]} at row {bad[0]} "
                f"({bad.size} such rows), expected standard deviations in µm"
            )
        variances.append(sigma_of[partition.rows] ** 2)
    origin, destination = variances
    return Noise(0.0, 0.5 * (origin + destination), origin, destination)


def single_precision(localization_precision: float | Literal["column"], model: str) -> float:
    """Check that all localizations have one precision, for a model that knows no other, µm."""
    if isinstance(localization_precision, str):
        raise InvalidInputError(
            f"`localization_precision` is {localization_precision!r}, and {model} takes one number "
            "for all localizations, µm: give the root mean square of the column"
        )
    if not 0 <= localization_precision < math.inf:
        raise InvalidInputError(
            f"`localization_precision` is {localization_precision}, expected a number ≥ 0"
        )
    return float(localization_precision)
