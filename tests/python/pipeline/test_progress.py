"""A bar where somebody looks, and none between lines that are kept."""

import logging
import sys
import warnings

import pytest

from tramway.pipeline.progress import progress


@pytest.fixture
def logger(monkeypatch: pytest.MonkeyPatch) -> logging.Logger:
    monkeypatch.setattr("tramway.pipeline.progress._is_watched", lambda: True)
    return logging.Logger("a test", logging.INFO)


def test_a_bar_is_drawn(logger: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    with progress(2, "infer", logger) as advance:
        advance()
    assert "infer" in capsys.readouterr().err


def test_what_is_over_soon_has_none(
    logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress(2, "planning", logger, unit="file", after=60.0) as advance:
        advance()
        advance()
    assert "planning" not in capsys.readouterr().err


def test_there_is_none_at_level_debug(
    logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    logger.setLevel(logging.DEBUG)
    with progress(2, "infer", logger) as advance:
        advance()
    assert capsys.readouterr().err == ""


def test_that_notebooks_have_no_widgets_is_not_said(
    logger: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("tqdm.")]:
        if name in ("tqdm.auto", "tqdm.contrib.logging"):
            monkeypatch.delitem(sys.modules, name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with progress(1, "infer", logger) as advance:
            advance()
