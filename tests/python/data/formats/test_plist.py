"""The array ``plist`` of MATLAB files."""

from pathlib import Path

import numpy as np
import pytest
import scipy.io

from tramway.analyzer import RWAnalyzer
from tramway.data.formats import read_file
from tramway.errors import InvalidInputError

ARRAY = np.array([[1, 0.125, 10, 20], [1, 0.25, 11, 20], [4, 0.125, 30, 20]])  # n t x y
"""Seconds and nm; powers of two, so that nothing is rounded."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "movie.mat"
    scipy.io.savemat(path, {"plist": ARRAY})
    return path


def test_times_that_are_no_frames_are_seconds(path: Path) -> None:
    read = read_file(path, options={"columns": ["n", "t", "x", "y"]}).trajectories
    np.testing.assert_array_equal(read[["n", "t", "x", "y"]], ARRAY)


def test_analyzers_are_told_the_columns(path: Path) -> None:
    a = RWAnalyzer()
    a.spt_data.from_mat_file(path)
    a.spt_data.columns = ["n", "t", "x", "y"]
    a.spt_data.coord_scale = 0.001
    [item] = a.spt_data
    np.testing.assert_allclose(item.dataframe["x"], [0.01, 0.011, 0.03], rtol=1e-15)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["t", "x", "y"], r"shape \(3, 4\), expected \(N, 3\)"),
        (["n", "t", "a", "b"], "expected x, y, and t or frame"),
        (["n", "a", "x", "y"], "expected x, y, and t or frame"),
    ],
)
def test_columns_have_to_fit(path: Path, columns: list[str], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        read_file(path, options={"columns": columns})
