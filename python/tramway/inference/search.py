"""How long the search for the optimum of a model may take, and what is said of how it ended."""

import logging
import math
import warnings

from tramway.errors import ConvergenceWarning, InvalidInputError

TOLERANCE = 1e-8  # nats: the last step moves nothing by more than 1e-4 of its standard deviation

_MAX_ITERATIONS = 200

_logger = logging.getLogger(__name__)


def check_limits(max_iter: int | None, max_runtime: float | None) -> int:
    """Check the limits that a user sets to a search.

    Returns
    -------
    int
        Most iterations: 200 unless said otherwise.

    Raises
    ------
    InvalidInputError
        If there is to be no iteration, or no time.
    """
    if max_iter is None:
        max_iter = _MAX_ITERATIONS
    if max_iter < 1:
        raise InvalidInputError(f"`max_iter` is {max_iter}, expected at least 1")
    if max_runtime is not None and not (max_runtime > 0 and math.isfinite(max_runtime)):
        raise InvalidInputError(f"`max_runtime` is {max_runtime}, expected seconds > 0, or None")
    return max_iter


def report(
    mode: str, n_cells: int, status: str, iterations: int, runtime: float, *, verbose: bool
) -> None:
    """Log how a search ended if that is asked for, and warn if it stopped early.

    Warns
    -----
    ConvergenceWarning
        If the tolerance was not reached.
    """
    if verbose:
        _logger.info(
            "%s: %d cells, %d iterations, %.3g s: %s", mode, n_cells, iterations, runtime, status
        )
    if status != "converged":
        warnings.warn(
            f"{mode}: {status} after {iterations} iterations and {runtime:.3g} s; the maps are "
            "those of the best point so far",
            ConvergenceWarning,
            stacklevel=3,
        )
