"""Columns and units of tables that no known program writes."""

from pathlib import Path

import pytest

from tramway.data.formats import read_file
from tramway.data.formats.usual_names import by_usual_names, units_of
from tramway.errors import InvalidInputError


@pytest.mark.parametrize(
    ("names", "purposes", "units"),
    [
        ("track_id frame pos_x pos_y", "n frame x y", (None, None)),
        ("Trajectory,Time (ms),X (nm),Y (nm)", "n t x y", ("nm", "ms")),
        ("particle,t [s],x [µm],y [µm],z [µm]", "n t x y z", ("µm", "s")),
        ("frame,xnm,ynm", "frame x y", ("nm", None)),
        ("Ground-truth,frame,xnano,ynano,znano,intensity", "frame x y z", ("nm", None)),
        ("frame,xnm,ynm,locprecnm", "frame x y localization_precision", ("nm", None)),
        ("TRACK_ID,POSITION_X,POSITION_Y,FRAME,uncertainty_xy [nm]", None, (None, None)),
        ("id,x,y,t", "x y t", (None, None)),
        ("frame num,molecule num,x (nm),y (nm),z (nm)", "frame x y z", ("nm", None)),
        ("First frame,X position (pixel),Y position (pixel)", "frame x y", ("px", None)),
        ("x[nm],y[nm],[frame],I[a.u.]", "frame x y", ("nm", None)),
        ("x,y,z,phot,id,frame_ix", "frame x y z", (None, None)),
    ],
)
def test_names(names: str, purposes: str | None, units: tuple[str | None, str | None]) -> None:
    found = by_usual_names(names.split("," if "," in names else " "))
    if purposes is not None:
        assert set(found) == set(purposes.split())
    else:
        assert set(found) == {"n", "x", "y", "frame", "localization_precision"}
    assert units_of(found, None, None) == units


def test_the_surer_of_two_names_is_taken() -> None:
    """Vutara's tables have a time point, of movies one after the other, before the frame."""
    names = ["time-point", "slice", "frame", "particle", "track_id", "x", "y"]
    found = by_usual_names(names)
    assert (found["frame"], found["n"]) == ("frame", "track_id")


def test_units_and_columns_can_be_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("who,when,east,north\n1,0,100,0\n1,50,200,0\n")
    names = {"n": "who", "t": "when", "x": "east", "y": "north"}
    said = {"columns": names, "length_unit": "nm", "time_unit": "ms"}
    found = read_file(path, format="csv", options=said).trajectories
    assert found.to_numpy().tolist() == [[1, 0.1, 0, 0], [1, 0.2, 0, 0.05]]
    with pytest.raises(InvalidInputError, match=r"set a\.spt_data\.pixel_size.*coord_scale"):
        read_file(path, format="csv", options={"columns": names, "time_unit": "ms"})
    with pytest.raises(InvalidInputError, match=r"from_files\(…, time_unit='s'\)"):
        read_file(path, format="csv", options={"columns": names, "length_unit": "nm"})
    with pytest.raises(InvalidInputError, match="`length_unit` is 'inch', expected"):
        read_file(path, format="csv", options={**said, "length_unit": "inch"})
    with pytest.raises(InvalidInputError, match="no column 'who2', as `columns` says, among who"):
        read_file(path, format="csv", options={**said, "columns": {**names, "n": "who2"}})
    with pytest.raises(InvalidInputError, match="`columns` has the key 'track', expected some of"):
        read_file(path, format="csv", options={**said, "columns": {"track": "who"}})
