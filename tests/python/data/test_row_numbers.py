"""Text files whose rows are numbered, as pandas writes its index."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tramway.data import read_trajectories
from tramway.errors import FileFormatError

TABLE = pd.DataFrame(
    {"n": [1, 1, 2, 2], "x": [0.1, 0.2, 0.3, 0.5], "y": [0.0, 0.1, 0.2, 0.1], "t": [1.0, 2, 1, 2]},
    index=[0, 1, 4, 7],
)


@pytest.mark.parametrize("header", [True, False])
def test_index_of_pandas_is_left_out(tmp_path: Path, header: bool) -> None:
    path = tmp_path / "a.txt"
    TABLE.to_csv(path, sep="\t", header=header)
    read = read_trajectories(path)
    assert read.columns.tolist() == ["n", "x", "y", "t"]
    np.testing.assert_array_equal(read.to_numpy(), TABLE.to_numpy())


def test_names_given_are_those_without_the_index(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    TABLE.to_csv(path, sep="\t")
    read = read_trajectories(path, ["n", "y", "x", "t"])
    np.testing.assert_array_equal(read["y"], TABLE["x"])


@pytest.mark.parametrize(
    "text",
    [
        "1 0.1 0.2 0 1.0\n1 0.2 0.2 0 2.0\n",  # n x y z t without its names
        "n x y t\n0 1 0.1 0.2 1.0\n1 1 0.2 0.2 2.0\n",  # a name is missing, or a value too many
        "0 1 0.1 nan 1.0\n1 1 0.1 nan 2.0\n",
    ],
)
def test_other_tables_are_refused_as_before(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text)
    with pytest.raises(FileFormatError, match=r"fields|expected"):
        read_trajectories(path)
