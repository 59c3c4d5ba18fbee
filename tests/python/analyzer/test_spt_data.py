"""Collections of sources."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, spt_data
from tramway.errors import (
    DataQualityWarning,
    FileFormatError,
    InvalidInputError,
    MissingResultError,
)


def two_steps() -> pd.DataFrame:
    """Two tracks; lags 0.1, 0.1 and 0.3 s, worked out by hand."""
    return pd.DataFrame(
        {"n": [1, 1, 1, 2, 2], "x": [0.0, 1, 2, 3, 4], "y": 0.0, "t": [0.0, 0.1, 0.2, 5.0, 5.3]}
    )


def test_patterns_are_sorted_and_may_be_several(data: Path) -> None:
    several = [str(data / "b*.txt"), data / "a.rpt.txt", str(data / "?.rpt.txt")]
    found = spt_data.from_ascii_files(several)
    assert [Path(path).name for path in found.filepaths] == [
        "a.rpt.txt",
        "b.rpt-roi.txt",
        "b.rpt.txt",
    ]


def test_home_folder_sub_folders_and_brackets(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = data / "day [1]"
    deep.mkdir()
    (data / "a.rpt.txt").rename(deep / "a.rpt.txt")
    monkeypatch.setenv("HOME", str(data))
    assert spt_data.from_ascii_files("~/**/*.rpt.txt").filepaths == [
        str(data / "b.rpt.txt"),
        str(deep / "a.rpt.txt"),
    ]
    assert len(spt_data.from_ascii_files("~/day [1]/a.rpt.txt")) == 1


def test_no_match_names_pattern_and_folder(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidInputError, match=r"no file matches '.*/\*\.rtp' \(working directory"
    ):
        spt_data.from_ascii_files(f"{tmp_path}/*.rtp")
    with pytest.raises(InvalidInputError, match="no such file"):
        spt_data.from_ascii_file(tmp_path / "a.txt")
    with pytest.raises(InvalidInputError, match="`filepattern` is empty"):
        spt_data.from_ascii_files([])


def test_settings_of_all_and_of_one(data: Path) -> None:
    found = spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    found.localization_precision = 0.03
    assert found[0].localization_error == pytest.approx(0.0009)
    found[1].localization_error = 0.0004  # the square of 0.02
    assert found[1].localization_precision == pytest.approx(0.02)
    with pytest.raises(InvalidInputError, match=r"differ in `localization_precision`: 0\.03"):
        found.localization_precision  # noqa: B018
    found.localization_precision = 0.05
    assert [f.localization_precision for f in found] == [0.05, 0.05]


def test_settings_made_before_the_data_are_known(data: Path) -> None:
    a = RWAnalyzer()
    a.spt_data.localization_precision = 0.03
    a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    assert a.spt_data[0].localization_precision == 0.03


@pytest.mark.parametrize(("name", "value"), [("precision", 30.0), ("error", 900), ("error", 9e-16)])
def test_a_precision_that_is_not_in_micrometres_is_noticed(
    data: Path, name: str, value: float
) -> None:
    found = spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    for item in (found, found[0]):
        with pytest.warns(DataQualityWarning, match="`localization_precision` is 3") as caught:
            setattr(item, f"localization_{name}", value)
        assert len(caught) == 1
        assert name == "error" or Path(caught[0].filename) == Path(__file__)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("localization_precision", -0.03),
        ("localization_precision", "0.03"),
        ("localization_error", -1),
        ("frame_interval", 0),
        ("dt", np.nan),
        ("coord_scale", 0),
        ("time_scale", -1),
        ("columns", "nxyt"),
        ("alias", "cell"),
    ],
)
def test_wrong_values_are_refused_at_once(data: Path, name: str, value: object) -> None:
    found = spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    with pytest.raises(InvalidInputError, match="expected"):
        setattr(found, name, value)


def test_frame_interval_is_the_median_lag_unless_set() -> None:
    found = spt_data.from_dataframe(two_steps())
    assert found.frame_interval == pytest.approx(0.1)
    found.time_step = 0.05
    assert found[0].dt == 0.05


def test_frame_interval_of_single_localizations_is_unknown() -> None:
    assert spt_data.from_dataframe(two_steps().iloc[[0, 3]]).frame_interval is None


def test_columns_and_scale_are_those_of_the_file(tmp_path: Path) -> None:
    table = two_steps()
    table[["x", "y"]] *= 1000  # nm
    table["t"] *= 1000  # ms
    table[["t", "x", "y", "n"]].to_csv(tmp_path / "a.txt", sep=" ", index=False, header=False)
    found = spt_data.from_ascii_file(tmp_path / "a.txt")
    found.columns = ["t", "x", "y", "n"]
    found.coord_scale = 1e-3
    found.time_scale = 1e-3
    pd.testing.assert_frame_equal(found.dataframe, two_steps())


def test_data_are_read_once_until_a_setting_changes(data: Path) -> None:
    found = spt_data.from_ascii_file(data / "a.rpt.txt")
    before = found.dataframe
    assert found.dataframe is before
    found.coord_scale = 2.0
    np.testing.assert_allclose(found.dataframe["x"], 2 * before["x"])


def test_tables(movie: Callable[..., pd.DataFrame]) -> None:
    found = spt_data.from_dataframes([movie(0), movie(1)])
    assert [f.source for f in found] == ["dataframe 0", "dataframe 1"]
    assert found.filepaths == []
    pd.testing.assert_frame_equal(found.dataframes[1], movie(1))
    with pytest.raises(InvalidInputError, match="only text files have `columns`"):
        found.columns = ["n", "x", "y", "t"]
    with pytest.raises(InvalidInputError, match="differ in their columns: n x y t; n x y t s"):
        found.from_dataframes([movie(0), movie(1).assign(s=1)])
    with pytest.raises(InvalidInputError, match="no column t"):
        found.from_dataframe(movie(0).drop(columns="t"))
    with pytest.raises(InvalidInputError, match="not a list of DataFrames"):
        found.from_dataframes(movie(0))  # type: ignore[arg-type]


def test_what_is_that_of_one_source(data: Path) -> None:
    one = spt_data.from_ascii_file(data / "a.rpt.txt")
    assert one.source == one.filepath == str(data / "a.rpt.txt")
    assert len(one.analyses) == 0
    with pytest.raises(
        InvalidInputError, match="`dataframe` is that of a single source, here are 2"
    ):
        spt_data.from_ascii_files(str(data / "*.rpt.txt")).dataframe  # noqa: B018


def test_sources_by_path_or_alias(data: Path) -> None:
    found = spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    found.alias = lambda path: Path(path).name[0]
    assert found.aliases == ["a", "b"]
    assert [f.alias for f in found.filter_by_source("b")] == ["b"]
    assert [f.alias for f in found.filter_by_source(str(data / "a.rpt.txt"))] == ["a"]
    assert [f.alias for f in found.filter_by_source({"a", "b"})] == ["a", "b"]
    assert [f.alias for f in found.filter_by_source(lambda name: name.endswith("b.rpt.txt"))] == [
        "b"
    ]
    with pytest.raises(MissingResultError, match="no source 'c' among"):
        found.filter_by_source("c")


def test_missing_results_and_missing_files(data: Path) -> None:
    found = spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    with pytest.raises(MissingResultError, match=r"a\.rpt\.txt: the root of the tree has no child"):
        found[0].get_sampling("roi000")
    with pytest.raises(MissingResultError, match=r"no \.rwa file beside .*a\.rpt\.txt, .*b\.rpt"):
        found.reload_from_rwa_files()
    found.reload_from_rwa_files(skip_missing=True)


def test_damaged_rwa_file_is_not_taken_for_none(data: Path) -> None:
    (data / "a.rpt.rwa").write_bytes(b"\x00" * 100)
    with pytest.raises(FileFormatError, match=r"a\.rpt\.rwa"):
        spt_data.from_ascii_file(data / "a.rpt.txt").analyses  # noqa: B018


def test_the_precision_can_be_that_of_each_localization() -> None:
    table = two_steps().assign(uncertainty=0.02)
    found = spt_data.from_dataframe(table)
    assert found.localization_precision is None
    found.localization_precision = "uncertainty"
    assert found.dataframe["localization_precision"].tolist() == [0.02] * len(table)
    assert found.localization_error is None
    assert found[0].imaging == ("column", 0.0)
    found.localization_precision = "sigma"
    with pytest.raises(InvalidInputError, match=r"no column sigma among .*uncertainty"):
        found.dataframe  # noqa: B018
    # A column of that name needs no word.
    found = spt_data.from_dataframe(table.rename(columns={"uncertainty": "localization_precision"}))
    assert found.localization_precision == "localization_precision"
    found.localization_precision = 0.03
    assert found[0].imaging == (0.03, 0.0)


def test_exposure_is_instantaneous_unless_set() -> None:
    found = spt_data.from_dataframe(two_steps())
    assert found.exposure_time == 0.0
    found.exposure_time = 0.01
    assert found[0].imaging == (0.0, 0.01)
    with pytest.raises(InvalidInputError, match="`exposure_time` is -1"):
        found.exposure_time = -1


@pytest.mark.parametrize("kind", ["from_ascii_files", "from_files", "from_rwa_files"])
def test_it_is_known_what_is_in_memory(data: Path, kind: str) -> None:
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    if kind == "from_rwa_files":
        for item in a.spt_data:
            item.save()
    elif kind == "from_files":
        for path in data.glob("*.rpt.txt"):
            table = pd.read_csv(path, sep="\t", names=["TRACK", "x [um]", "y [um]", "t [s]"])
            table.to_csv(path.with_suffix(".csv"), index=False)
    suffix = {"from_ascii_files": "rpt.txt", "from_files": "csv", "from_rwa_files": "rwa"}[kind]
    options: dict[str, Any] = {}
    if kind == "from_files":
        columns = {"n": "TRACK", "x": "x [um]", "y": "y [um]", "t": "t [s]"}
        options = {"format": "csv", "columns": columns}
    getattr(a.spt_data, kind)(str(data / f"*.{suffix}"), **options)
    item = a.spt_data[0]
    assert item.is_untouched
    assert len(item.dataframe)
    assert not item.is_untouched
    item.release()
    assert item.is_untouched
    assert item.analyses is not None
    assert not item.is_untouched


def test_a_table_is_in_memory_of_which_parts_were_read(data: Path) -> None:
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    a.spt_data.streaming = True
    a.roi.from_squares([[1, 1]], 1.0)
    item = a.spt_data[0]
    assert item.is_untouched
    assert len(item.bounds) == 2
    assert not item.is_untouched
