"""Maps as tables, for other programs."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tramway.errors import InvalidInputError, MissingResultError
from tramway.inference import Maps, infer_diffusivity, infer_diffusivity_force
from tramway.tessellation import Partition, nearest_cell, sliding_window, squares, time_segments

Filed = Callable[..., Partition]


@pytest.fixture
def maps() -> Maps:
    """Maps of squares of 1 µm, one of which holds no translocation."""
    random = np.random.default_rng(1)
    place = random.uniform(0, 3, (400, 2))
    place = place[~((place > 1) & (place < 2)).all(axis=1)]
    cells = squares(place, displacement_length=0.1, resolution=1.0)
    table = pd.DataFrame(place, columns=["x", "y"])
    table[["dx", "dy"]] = random.normal(0, 0.1, place.shape)
    table["dt"] = 0.02
    partition = Partition(table, cells, nearest_cell(place, cells))
    return infer_diffusivity_force(partition, localization_precision=0.01)


def test_each_cell_has_a_row(maps: Maps) -> None:
    table = maps.to_dataframe()
    cells = maps.inferred_from().tessellation
    assert len(table) == cells.n_cells > len(maps)
    assert list(table.columns) == [
        "cell",
        "x [µm]",
        "y [µm]",
        "area [µm²]",
        "count",
        "diffusivity [µm²/s]",
        "force x [kT/µm]",
        "force y [kT/µm]",
        "diffusivity std [µm²/s]",
        "force std x [kT/µm]",
        "force std y [kT/µm]",
        "status",
    ]
    empty = table[table["count"] == 0]
    assert len(empty)
    assert empty["status"].eq("no data").all()
    assert empty["diffusivity [µm²/s]"].isna().all()
    filled = table.set_index("cell").loc[maps.maps.index]
    np.testing.assert_array_equal(filled["force x [kT/µm]"], maps.maps["force x"])
    np.testing.assert_array_equal(table["area [µm²]"], cells.cell_volume)


def test_csv_and_parquet_hold_the_table(maps: Maps, tmp_path: Path) -> None:
    table = maps.to_dataframe()
    maps.to_csv(tmp_path / "a.csv")
    read = pd.read_csv(tmp_path / "a.csv", encoding="utf-8")
    pd.testing.assert_frame_equal(read, table, check_dtype=False, rtol=1e-15)
    pytest.importorskip("pyarrow")
    maps.to_parquet(tmp_path / "a.parquet")
    read = pd.read_parquet(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(read, table, check_dtype=False)


def test_geojson_holds_outlines_and_values(maps: Maps, tmp_path: Path) -> None:
    maps.to_geojson(tmp_path / "a.geojson")
    found = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    table = maps.to_dataframe()
    assert len(found["features"]) == len(table)
    for feature, (_, row) in zip(found["features"], table.iterrows(), strict=True):
        ring = np.array(feature["geometry"]["coordinates"][0])
        assert ring[0].tolist() == ring[-1].tolist()
        # The shoelace formula gives the area; its sign, that the ring is counterclockwise.
        x, y = ring.T
        area = np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2
        assert area == pytest.approx(row["area [µm²]"])
        value = feature["properties"]["diffusivity [µm²/s]"]
        assert (value is None) == np.isnan(row["diffusivity [µm²/s]"])


def test_segments_of_time_are_told(filed: Filed) -> None:
    random = np.random.default_rng(1)
    place = random.uniform(0, 2, (300, 2))
    times = np.sort(random.uniform(0, 10, 300))
    cells = squares(place, displacement_length=0.1, resolution=1.0)
    segments = time_segments(cells, sliding_window(times, duration=5.0))
    table = pd.DataFrame(place, columns=["x", "y"]).assign(t=times, dx=0.1, dy=-0.1, dt=0.02)
    index = nearest_cell(place, cells) + cells.n_cells * (times >= segments.intervals[1, 0])
    maps = infer_diffusivity(Partition(table, segments, index), localization_precision=0.01)
    found = maps.to_dataframe()
    assert found["cell"].tolist() == list(range(cells.n_cells)) * segments.n_segments
    second = found[found["segment"] == 1]
    assert second["t min [s]"].eq(segments.intervals[1, 0]).all()


def test_three_dimensions_have_volumes_and_no_outlines(filed: Filed, tmp_path: Path) -> None:
    partition = filed([[0, 0, 0], [1, 1, 1]], [0, 0, 1], np.full((3, 3), 0.1), 0.02)
    maps = infer_diffusivity(partition, localization_precision=0.01)
    assert {"z [µm]", "volume [µm³]"} <= set(maps.to_dataframe())
    with pytest.raises(InvalidInputError, match="have no outlines"):
        maps.to_geojson(tmp_path / "a.geojson")


def test_maps_without_partition() -> None:
    maps = Maps(pd.DataFrame({"diffusivity": [1.0]}), "d")
    with pytest.raises(MissingResultError, match=r"set maps\.partition"):
        maps.to_dataframe()
