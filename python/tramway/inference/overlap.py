"""What is to be said of maps whose cells share translocations."""

import warnings

from tramway.errors import DataQualityWarning
from tramway.tessellation import Partition


def overlap(partition: Partition) -> dict[str, float]:
    """Attributes of maps that say how often a translocation was counted; none for once.

    A model takes what each cell holds for independent observations. Where a translocation is in c
    cells on average, standard deviations are too small, by about √c where smoothing is strong, and
    differences of log evidence too large, by about c.

    Returns
    -------
    dict
        ``cells_per_translocation``, c, if cells overlap.

    Warns
    -----
    DataQualityWarning
        If they do.
    """
    if not partition.is_overlapping:
        return {}
    count = partition.cells_per_translocation
    warnings.warn(
        f"cells overlap: a translocation is in {count:.3g} of them on average, observations are "
        f"counted more than once, error bars are too small by a factor of up to {count**0.5:.3g} "
        f"and differences of log evidence too large by up to {count:.3g}",
        DataQualityWarning,
        stacklevel=3,
    )
    return {"cells_per_translocation": count}
