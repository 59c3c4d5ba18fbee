"""All maps of a study in one table."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis, save_rwa, study_table, write_study
from tramway.inference import Maps, infer_diffusivity, infer_diffusivity_force
from tramway.tessellation import Partition, nearest_cell, squares


def make(seed: int) -> tuple[Partition, Maps, Maps]:
    random = np.random.default_rng(seed)
    place = random.uniform(0, 3, (300, 2))
    table = pd.DataFrame(place, columns=["x", "y"])
    table[["dx", "dy"]] = random.normal(0, 0.1, place.shape)
    table["dt"] = 0.02
    cells = squares(place, displacement_length=0.1, resolution=1.0)
    partition = Partition(table, cells, nearest_cell(place, cells))
    own = {"localization_precision": 0.01}
    return partition, infer_diffusivity(partition, **own), infer_diffusivity_force(partition, **own)


@pytest.fixture
def study(tmp_path: Path) -> list[Path]:
    """Two conditions of one movie each; maps of two models in each, of the same cells."""
    paths = []
    for rank, condition in enumerate(("control", "treated")):
        (tmp_path / condition).mkdir()
        path = tmp_path / condition / f"movie{rank}.rwa"
        partition, diffusivity, force = make(rank)
        root = Analysis(None)
        root.add(partition, "roi000")
        root["roi000"].add(diffusivity, "d")
        root["roi000"].add(force, "df")
        save_rwa(path, root)
        paths.append(path)
    return paths


def test_names_of_files_become_columns(study: list[Path]) -> None:
    table = study_table(study, "{condition}/movie{movie}.rwa")
    assert list(table.columns[:6]) == ["condition", "movie", "file", "region", "maps", "cell"]
    maps = [make(0)[1:], make(1)[1:]]
    for (condition, movie), rows in table.groupby(["condition", "movie"]):
        own = maps[["control", "treated"].index(condition)]
        assert movie == str(["control", "treated"].index(condition))
        for label, expected in zip(("d", "df"), own, strict=True):
            found = rows[rows["maps"] == label].reset_index(drop=True)
            whole = expected.to_dataframe()
            pd.testing.assert_frame_equal(found[whole.columns], whole)
    assert table.loc[table["maps"] == "d", "force x [kT/µm]"].isna().all()


def test_one_label(study: list[Path]) -> None:
    table = study_table(study, label="d")
    assert set(table["maps"]) == {"d"}
    assert not any("force" in name for name in table)
    with pytest.raises(MissingResultError, match=r"label 'dv' in .*movie0.* have d, df"):
        study_table(study, label="dv")


def test_folders_are_their_files(study: list[Path], tmp_path: Path) -> None:
    pd.testing.assert_frame_equal(study_table([tmp_path]), study_table(study))


def test_files(study: list[Path], tmp_path: Path) -> None:
    whole = study_table(study, "{condition}/*.rwa")
    write_study(tmp_path / "a.csv", study, "{condition}/*.rwa")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "a.csv"), whole, check_dtype=False)
    write_study(tmp_path / "a.geojson", study, "{condition}/*.rwa")
    found = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))["features"]
    assert [item["properties"]["condition"] for item in found] == whole["condition"].tolist()
    assert [item["properties"]["count"] for item in found] == whole["count"].tolist()
    with pytest.raises(InvalidInputError, match=r"a\.txt ends in none of \.csv, \.parquet"):
        write_study(tmp_path / "a.txt", study)
    pytest.importorskip("pyarrow")
    write_study(tmp_path / "a.parquet", study, "{condition}/*.rwa")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), whole, check_dtype=False)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{condition}/cell{n}.rwa", r"movie0\.rwa is not as `pattern` says"),
        ("*.rwa", "expected names in braces, each once"),
        ("{a}/{a}.rwa", "expected names in braces, each once"),
        ("{cell}.rwa", "and none of file, region, maps, cell"),
    ],
)
def test_pattern_that_does_not_fit(study: list[Path], pattern: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        study_table(study, pattern)


def test_images(study: list[Path], tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    write_study(
        tmp_path / "{condition}-{file}-{region}-{maps}.tif",
        study,
        "{condition}/*.rwa",
        pixel_size=0.1,
    )
    names = sorted(path.name for path in tmp_path.glob("*.tif"))
    assert names == [
        f"{condition}-movie{rank}-roi000-{maps}.tif"
        for rank, condition in enumerate(("control", "treated"))
        for maps in ("d", "df")
    ]
    assert tifffile.imread(tmp_path / names[1]).shape[-2:] == (30, 30)


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("{region}.tif", 0.1, "two images would be roi000.tif"),
        ("{movie}.tif", 0.1, "has 'movie' in braces, expected some of file, region, maps"),
        ("{file}.tif", None, "needed for them"),
        ("study.csv", 0.1, "is for images"),
    ],
)
def test_wrong_names_of_images(
    study: list[Path], tmp_path: Path, name: str, size: float | None, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        write_study(tmp_path / name, study, pixel_size=size)
    assert not list(tmp_path.glob("*.tif"))
