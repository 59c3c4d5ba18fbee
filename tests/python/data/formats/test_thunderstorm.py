"""Units of ThunderSTORM's tables: its users choose one for each column."""

import json
from pathlib import Path

import pytest

from tramway.data.formats import Linking, read_file, read_localizations
from tramway.errors import FileFormatError, InvalidInputError


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("x [nm],y [nm],z [nm],uncertainty_xy [nm]", "1500,2500,{z}00,30"),
        ("x [px],y [px],z [nm],uncertainty [nm]", "15,25,{z}00,30"),
        ("x [um],y [um],z [nm],uncertainty_xy [px]", "1.5,2.5,{z}00,0.3"),
        ("x [nm],y [nm],z [um],uncertainty [um]", "1500,2500,0.{z},0.03"),
    ],
)
def test_each_column_has_its_own_unit(header: str, row: str, tmp_path: Path) -> None:
    pytest.importorskip("trackpy")
    path = tmp_path / "storm.csv"
    rows = "".join(f"{z},{z},{row.format(z=z)}\n" for z in (1, 2))
    path.write_text(f"id,frame,{header}\n{rows}")
    size = 0.1 if "px" in header else None
    found = read_file(path, pixel_size=size, frame_interval=0.02, linking=Linking(0.5))
    assert found.facts.format == "thunderstorm"
    table = found.trajectories
    assert table[["x", "y"]].iloc[0].tolist() == pytest.approx([1.5, 2.5])
    assert table["z"].tolist() == pytest.approx([0.1, 0.2])
    assert table["localization_precision"].tolist() == pytest.approx([0.03, 0.03])
    assert table["t"].tolist() == pytest.approx([0, 0.02])


def test_pixel_size_is_asked_for_where_only_the_precision_is_in_pixels(tmp_path: Path) -> None:
    path = tmp_path / "storm.csv"
    path.write_text("id,frame,x [nm],y [nm],uncertainty [px]\n1,1,1500,2500,0.3\n")
    assert read_localizations(path)[2].length_unit == "nm"
    with pytest.raises(
        InvalidInputError, match=r"precision is in pixels, positions in nm: set a\.spt_data\.pixel"
    ):
        read_file(path, frame_interval=0.02)


def test_list_of_molecules_in_json(tmp_path: Path) -> None:
    """Numbers are texts there, as ThunderSTORM formats them."""
    pytest.importorskip("trackpy")
    path = tmp_path / "storm.json"
    molecules = [
        {"uncertainty [nm]": "30", "y [nm]": "2500", "frame": f"{frame}", "x [nm]": "1500.5"}
        for frame in (1, 2)
    ]
    path.write_text(json.dumps(molecules, indent=2))
    found = read_file(path, frame_interval=0.02, linking=Linking(0.5))
    assert found.facts.format == "thunderstorm"
    names = ["x", "y", "t", "localization_precision"]
    assert found.trajectories[names].to_numpy().tolist() == pytest.approx(
        [pytest.approx([1.5005, 2.5, 0, 0.03]), pytest.approx([1.5005, 2.5, 0.02, 0.03])]
    )
    del molecules[1]["frame"]
    path.write_text(json.dumps(molecules))
    with pytest.raises(FileFormatError, match=r"storm\.json cannot be read as .*frame"):
        read_file(path)
