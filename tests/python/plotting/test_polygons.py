import io
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import IdentityTransform

from tramway.plotting.polygons import Polygons, _compound, _short, _steps

NUMBER = r"-?(?:\d+\.?\d*|\.\d+)"


def corners_of(text):
    """Outlines that a path of SVG tells, by its specification: m, steps, z."""
    outlines, begin = [], np.zeros(2)
    for outline in re.findall(r"m([^mz]*)z", text):
        steps = np.array(re.findall(NUMBER, outline), dtype=float).reshape(-1, 2)
        places = begin + np.cumsum(steps, axis=0)
        outlines.append(places)
        begin = places[0]
    return outlines


@pytest.mark.parametrize("digits", [1, 2])
def test_steps_lead_to_the_corners(digits):
    numbers = np.random.default_rng(0)
    outlines = [numbers.uniform(-500, 500, (count, 2)).round(digits) for count in (6, 4, 11)]
    path = _compound([np.vstack([outline, outline[:1]]) for outline in outlines])
    text = _steps(path, IdentityTransform(), digits)
    for read, outline in zip(corners_of(text), outlines, strict=True):
        np.testing.assert_allclose(read, outline, atol=1e-9)
    assert _steps(_compound([]), IdentityTransform(), digits) == ""


@pytest.mark.parametrize(
    ("number", "text"), [(0, " 0"), (5, " .05"), (-50, "-.5"), (100, " 1"), (-1020, "-10.2")]
)
def test_numbers_are_as_short_as_can_be(number, text):
    assert _short(number, 2) == text


def test_nothing_is_worked_out_where_nothing_is_drawn(monkeypatch):
    # A figure with a layout is drawn twice, the first time for the sizes of its texts only.
    calls = []
    figure = Figure(layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    triangle = [(0, 0), (1, 0), (0, 1)]
    axes.add_collection(Polygons([triangle], facecolor="red"))
    original = Polygons._corners
    monkeypatch.setattr(
        Polygons, "_corners", lambda self, r: (calls.append(r), original(self, r))[1]
    )
    file = io.StringIO()
    figure.savefig(file, format="svg")
    assert len(calls) == 1
    drawn = file.getvalue().partition('id="PathCollection_1"')[2]
    [outline] = corners_of(drawn.partition("</g>")[0])
    # Both legs are as long as the sides of the axes, within the rounding.
    box = axes.get_window_extent().bounds
    scale = 72 / figure.dpi
    x, y = np.ptp(outline, axis=0)
    assert x == pytest.approx(box[2] * scale, abs=0.02)
    assert y == pytest.approx(box[3] * scale, abs=0.02)


def test_no_polygons_are_nothing():
    figure = Figure()
    figure.subplots().add_collection(Polygons([]))
    figure.savefig(io.StringIO(), format="svg")
