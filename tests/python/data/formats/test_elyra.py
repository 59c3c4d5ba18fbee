"""What Zeiss's program writes below its table, and several channels in one."""

from pathlib import Path

import pytest

from tramway.data.formats import read_localizations

NAMES = ["Index", "First Frame", "Number Frames", "Frames Missing", "Position X [nm]"]
HEADER = "\t".join([*NAMES, "Position Y [nm]", "Channel"]) + "\r\n"
ROWS = "1\t1\t1\t0\t1500.5\t2500\t1\r\n2\t2\t1\t0\t1600.5\t2500\t{channel}\r\n"
DESCRIPTION = "VoxelSizeX : 0.1\r\nVoxelSizeY : 0.1\r\nROI List :\r\n"


@pytest.mark.parametrize("end", ["", "\0\r\r\n", "\r\n"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_description_of_the_image_ends_the_table(end: str, decimal: str, tmp_path: Path) -> None:
    path = tmp_path / "cell.txt"
    content = HEADER + ROWS.format(channel=1).replace(".", decimal) + end + DESCRIPTION
    path.write_bytes(content.encode())
    _, read, facts = read_localizations(path)
    assert (facts.format, facts.length_unit, facts.problems) == ("elyra", "nm", [])
    assert read.columns["x"].tolist() == [1500.5, 1600.5]


def test_channels_are_told(tmp_path: Path) -> None:
    path = tmp_path / "cell.txt"
    path.write_bytes((HEADER + ROWS.format(channel=2)).encode())
    [problem] = read_localizations(path)[2].problems
    assert "localizations of 2 channels are in one file" in problem
