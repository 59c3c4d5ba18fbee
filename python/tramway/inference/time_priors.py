"""Which priors on the change of maps in time have an effect."""

from collections.abc import Mapping

from tramway.errors import InvalidInputError
from tramway.tessellation import Partition, TimeSegments


def effective_time_priors(
    partition: Partition, priors: Mapping[str, float | str | None]
) -> dict[str, float | str]:
    """Drop the weights of zero, and all weights where there is a single time segment.

    Parameters
    ----------
    partition
        What is to be mapped.
    priors
        Weights, or ``'auto'``, by the names of the parameters.

    Raises
    ------
    InvalidInputError
        If a weight is other text, or if one is given and there are no time segments.
    """
    given: dict[str, float | str] = {}
    for name, weight in priors.items():
        if isinstance(weight, str) and weight != "auto":
            raise InvalidInputError(f"`{name}` is {weight!r}, expected a number, None or 'auto'")
        if weight:
            given[name] = weight
    cells = partition.tessellation
    if isinstance(cells, TimeSegments):
        return given if cells.n_segments > 1 else {}
    if given:
        raise InvalidInputError(
            f"`{next(iter(given))}` is for time segments, but there are none: set a.time = "
            "time.SlidingWindow(duration) and tessellate again, or leave it out"
        )
    return {}
