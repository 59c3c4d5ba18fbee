"""Tables of trajectories of saSPT, and such as look like them."""

from pathlib import Path

import pytest

from tramway.data.formats import read_file, read_localizations
from tramway.errors import InvalidInputError


def test_a_table_with_depth_is_of_another_program(tmp_path: Path) -> None:
    # saSPT has no z, which was dropped without a word.
    path = tmp_path / "trajs.csv"
    rows = [f"1,{k},{k},{k},{2 * k}" for k in range(4)]
    path.write_text("\n".join(["trajectory,frame,x,y,z", *rows]))
    with pytest.raises(InvalidInputError, match="does not say the unit of positions"):
        read_file(path)
    reader, read, _ = read_localizations(path)
    assert reader.name == "csv"
    assert read.columns["z"].tolist() == [0, 2, 4, 6]
