"""How far a run has come, shown where somebody is looking."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(
    total: int, description: str, logger: logging.Logger, *, unit: str = "task", after: float = 0.0
) -> Iterator[Callable[[], object]]:
    """Show a bar with rate and remaining time on stderr: in a terminal and in a notebook only.

    There is none where the logger says each task on a line of its own, at level DEBUG: pieces of
    the bar would stand between the lines wherever these are kept.

    Parameters
    ----------
    total
        Number of tasks, or of whatever `unit` is.
    description
        What stands before the bar.
    logger
        Its messages are written above the bar as long as there is one.
    unit
        What is counted.
    after
        Seconds before it is shown: there is none of what takes less.

    Yields
    ------
    callable
        To be called after each.
    """
    if total == 0 or logger.isEnabledFor(logging.DEBUG) or not _is_watched():
        yield lambda: None
        return

    from tqdm import TqdmWarning, tqdm

    with warnings.catch_warnings():
        # It looks for the bars of notebooks, which are not used here.
        warnings.simplefilter("ignore", TqdmWarning)
        from tqdm.contrib.logging import logging_redirect_tqdm

    writer = logger if logger.handlers else logging.getLogger()
    with (
        logging_redirect_tqdm([writer]),
        tqdm(total=total, desc=description, unit=unit, file=sys.stderr, delay=after) as bar,
    ):
        yield bar.update


def _is_watched() -> bool:
    return sys.stderr.isatty() or "ipykernel" in sys.modules
