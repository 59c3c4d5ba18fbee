"""What the log is told while a run goes on."""

import logging

import pytest

from tramway.pipeline.book import Book
from tramway.runs import TaskRecord


@pytest.fixture
def book() -> Book:
    logger = logging.getLogger("tramway.test_book")
    logger.setLevel(logging.DEBUG)
    return Book(logger)


def test_a_remark_of_many_regions_is_told_once_with_their_number(
    book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for region in range(3):
        note = f"noise is 0.{region} D Δt"
        book.record(TaskRecord("infer", "a.txt", f"roi{region}", "done", notes=(note, "other")))
    book.tell_repeated()
    book.tell_repeated()  # nothing is left to tell
    told = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert told == [
        "a.txt, roi0: noise is 0.0 D Δt",
        "a.txt, roi0: other",
        "in 3 regions: noise is … D Δt",
        "in 3 regions: other",
    ]


def test_each_is_told_at_level_debug(book: Book, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for region in range(3):
        book.record(TaskRecord("infer", "a.txt", f"roi{region}", "done", notes=("noise",)))
    told = [r.getMessage() for r in caplog.records if "noise" in r.getMessage()]
    assert told == [f"a.txt, roi{region}: noise" for region in range(3)]
