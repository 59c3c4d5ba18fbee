"""Tracks as text without a header, with any number of columns behind the first four."""

from pathlib import Path

import pytest

from tramway.data.formats import read_file


@pytest.mark.parametrize("more", ["", "\t0\t0\t0", "\t0" * 4, "\t0" * 6])
def test_other_numbers_of_columns(more: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"10.5\t20\t1\t7{more}\n10.6\t20\t3\t7{more}\n")
    how = {"pixel_size": 0.1, "frame_interval": 0.02}
    table = read_file(path, format="evalspt", **how).trajectories
    assert table["x"].tolist() == pytest.approx([1.05, 1.06])
    assert table["t"].tolist() == [0, 0.04]
