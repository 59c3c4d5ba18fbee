"""Ctrl-C, pressed once, twice, and where nobody listens."""

import os
import signal
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from tramway.pipeline.interrupts import one_interrupt


@pytest.fixture(autouse=True)
def _pythons_own_handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr("tramway.pipeline.interrupts._SAME_PRESS", 0.0)
    yield
    with suppress(KeyboardInterrupt):
        press()  # what an interrupted run leaves takes itself away
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    signal.sigpending()  # the interpreter looks before it goes on


class Closing:
    """As a pool of workers: it takes a while to end them, and Ctrl-C is pressed meanwhile."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        press()


def entries() -> Iterator[int]:
    with Closing():
        yield 0


def test_it_is_raised_once() -> None:
    with pytest.raises(KeyboardInterrupt) as caught, one_interrupt(), Closing():
        press()
    assert caught.value.__context__ is None


def test_pressed_again_after_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tramway.pipeline.interrupts._SAME_PRESS", 3600.0)
    with pytest.raises(KeyboardInterrupt), one_interrupt():
        press()
    press()  # a script is exiting: no second traceback
    with pytest.raises(KeyboardInterrupt), one_interrupt():
        press()  # another run listens again
    monkeypatch.setattr("tramway.pipeline.interrupts._SAME_PRESS", 0.0)
    with pytest.raises(KeyboardInterrupt):
        press()  # long after: for something else


def test_pressed_again_while_a_generator_is_closed() -> None:
    done = []

    def run() -> None:
        try:
            with closing(entries()) as going_on:
                next(going_on)
                press()
        finally:
            done.append("saved")

    with pytest.raises(KeyboardInterrupt), one_interrupt():
        run()
    assert done == ["saved"]


def test_pressed_again_where_it_was_dealt_with() -> None:
    with one_interrupt():
        with suppress(KeyboardInterrupt):
            press()
        with pytest.raises(KeyboardInterrupt):
            press()  # a question was asked: this answers it


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_came_to_nothing_is_raised_again() -> None:
    class Thing: ...

    with one_interrupt() as check:
        check()
        thing = Thing()
        reference = weakref.ref(thing, lambda _: press())
        del thing  # Python prints what is raised in there, and goes on
        assert reference() is None
        with pytest.raises(KeyboardInterrupt):
            check()


def test_others_that_listen_are_left_alone() -> None:
    heard = []
    signal.signal(signal.SIGINT, lambda *_: heard.append("pressed"))
    with one_interrupt() as check:
        press()
        check()
    assert heard == ["pressed"]
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_in_a_thread_nothing_is_changed() -> None:
    found: list[object] = []

    def look() -> None:
        with one_interrupt() as check:
            check()
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]
