"""Ctrl-C during a run: it ends the run once, however often it is pressed."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SAME_PRESS = 1.0
"""Seconds after an interrupted run in which Ctrl-C is still meant for that run."""

_end_of_interrupted_run = 0.0


@contextmanager
def one_interrupt() -> Iterator[Callable[[], None]]:
    """Have Ctrl-C raise one KeyboardInterrupt in the block.

    Who presses it again, while worker processes are ended and what is finished is saved, changes
    nothing: a second exception in the middle of that would lose results. It is left alone where it
    does something else already, and in threads.

    Yields
    ------
    callable
        To be called now and then: it raises the exception again if it came to nothing, as it does
        in places where Python only prints exceptions, or libraries drop them.
    """
    pressed = False

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        if not _is_being_handled():
            pressed = True
            raise KeyboardInterrupt

    def check() -> None:
        if pressed:
            raise KeyboardInterrupt

    is_free = signal.getsignal(signal.SIGINT) in (signal.default_int_handler, _press_after_run)
    if threading.current_thread() is not threading.main_thread() or not is_free:
        yield check
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield check
    finally:
        if pressed:
            global _end_of_interrupted_run
            _end_of_interrupted_run = time.monotonic()
            signal.signal(signal.SIGINT, _press_after_run)
        else:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _press_after_run(_signal: int, _frame: FrameType | None) -> None:
    """Ignore what was pressed for the run that has just ended: a script is about to exit."""
    if time.monotonic() - _end_of_interrupted_run > _SAME_PRESS:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        raise KeyboardInterrupt


def _is_being_handled() -> bool:
    """Whether an interrupt is on its way up, or being dealt with."""
    error = sys.exc_info()[1]
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__context__
    return False
