import pytest

from tramway.errors import InvalidInputError
from tramway.study import find_movies


@pytest.fixture
def folder(tmp_path):
    for name in (
        "control/a.rpt.txt",
        "control/a.rpt-roi.txt",
        "control/a.rpt.rwa",
        "drug/cell 1/b.csv",
        "drug/cell 1/c.csv",
        "drug/.hidden/d.csv",
        "drug/tramway-runs/job.csv",
        "study/regions.csv",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_movies_have_conditions_names_and_cells(folder):
    movies = find_movies(folder, roi_suffix="roi", output=folder / "study")
    assert [(m.condition, m.name, m.cell) for m in movies] == [
        ("control", "a.rpt", "a.rpt"),
        ("drug", "cell 1/b", "cell 1"),
        ("drug", "cell 1/c", "cell 1"),
    ]


def test_what_lies_beside_movies_is_none(folder):
    for name in (
        "control/a.tif",
        "control/~$notes.csv",
        "control/RoiSet.zip",
        "earlier/comparison.html",
        "earlier/regions.csv",
        "earlier/drug/cell 1/b.html",
        "drug/m.zarr/.zgroup",
        "drug/m.zarr/x/0.0",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    movies = find_movies(folder, roi_suffix="roi", output=folder / "study")
    assert [m.name for m in movies] == ["a.rpt", "cell 1/b", "cell 1/c", "m"]
    assert movies[-1].path == folder / "drug" / "m.zarr"


def test_a_pattern_chooses(folder):
    assert len(find_movies(folder, "drug/*/c.csv")) == 1
    (folder / "drug" / "tracks.json").touch()
    assert [m.name for m in find_movies(folder, "*/*.json")] == ["tracks"]


def test_what_is_no_study(folder, tmp_path):
    with pytest.raises(InvalidInputError, match="no movies match"):
        find_movies(folder, "*/*.xml")
    with pytest.raises(InvalidInputError, match="is no folder"):
        find_movies(tmp_path / "absent")
    (folder / "stray.csv").touch()
    with pytest.raises(InvalidInputError, match="in no folder of a condition"):
        find_movies(folder, "*.csv")
