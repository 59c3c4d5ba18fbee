"""Ctrl-C during a run: it ends the run once, however often it is pressed."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


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

    is_ours = threading.current_thread() is threading.main_thread()
    if not is_ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield check
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _is_being_handled() -> bool:
    """Whether an interrupt is on its way up, or being dealt with."""
    error = sys.exc_info()[1]
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__context__
    return False
