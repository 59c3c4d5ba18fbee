import json

import numpy as np
import pandas as pd
import pytest

from tramway.inference import Maps, find_domains, find_wells, infer_diffusivity_potential
from tramway.plotting.arrows import plan_arrows
from tramway.report import read_results
from tramway.report.region import describe
from tramway.tessellation import (
    Partition,
    border_of,
    hexagons,
    nearest_cell,
    sample_nearest,
    time_segments,
)


@pytest.fixture(scope="module")
def result(results):
    return read_results([results])[0].results[0]


@pytest.fixture(scope="module")
def described(result):
    return describe(result)


def test_values_and_error_bars_are_those_of_the_maps(result, described, unpacked):
    arrays = unpacked(described["data"])
    table = result.maps.maps
    np.testing.assert_array_equal(arrays["cell"], table.index)
    np.testing.assert_array_equal(arrays["count"], result.partition.location_count[table.index])
    for column in table:
        rtol = 2e-3 if "std" in column else 2e-4  # 8 and 12 binary digits
        np.testing.assert_allclose(arrays[f"value {column}"], table[column], rtol=rtol)


def test_outlines_are_those_of_the_cells(result, described, unpacked):
    arrays = unpacked(described["data"])
    polygons = result.partition.tessellation.polygons()
    x0, y0, width, height = arrays["origin"]
    ends = np.cumsum(arrays["sides"])[:-1]
    for row, corners in enumerate(np.split(arrays["corner"], ends)):
        outline = np.stack([arrays["x"][corners], arrays["y"][corners]], axis=1) / 65535
        outline = outline * [width, height] + [x0, y0]
        cell = arrays["cell"][arrays["place"] == row][0]
        np.testing.assert_allclose(outline, polygons[cell], atol=1e-4)  # µm


def test_neighbours_have_their_corners_in_common(result, described, unpacked):
    # Those of hexagons are computed for each, and differ by roundings.
    arrays = unpacked(described["data"])
    ends = np.cumsum(arrays["sides"])[:-1]
    edges = [
        tuple(sorted(pair))
        for corners in np.split(arrays["corner"], ends)
        for pair in zip(corners.tolist(), np.roll(corners, -1).tolist(), strict=True)
    ]
    alone = [edge for edge in set(edges) if edges.count(edge) == 1]
    polygons = result.partition.tessellation.polygons()
    assert len(alone) == len(border_of([polygons[cell] for cell in sorted(arrays["cell"])]))


def test_features_have_units_errors_and_limits(described):
    features = {feature["name"]: feature for feature in described["features"]}
    assert list(features) == ["diffusivity", "potential", "force", "variance ratio"]
    assert features["force"]["unit"] == "kT/µm"
    assert features["force"]["columns"] == ["force x", "force y"]
    assert features["force"]["errors"] == ["force std x", "force std y"]
    assert features["potential"]["limits"][0] == 0


def test_arrows_of_many_cells_are_for_squares(result, unpacked):
    # As in the figures: the page does not work it out.
    origins = result.partition.points[["x", "y"]].to_numpy()
    cells = hexagons(origins, resolution=0.08)
    partition = Partition(result.partition.points, cells, nearest_cell(origins, cells))
    maps = infer_diffusivity_potential(
        partition, localization_precision=0.02, diffusivity_prior=20, potential_prior=0.3
    )
    described = describe(type(result)(**(vars(result) | {"maps": maps, "partition": partition})))
    arrays = unpacked(described["data"])
    is_known = maps.maps["force x"].notna() & maps.maps["force y"].notna()
    cells = maps.maps.index[is_known]
    plan = plan_arrows(partition, np.isin(np.arange(partition.tessellation.n_cells), cells))
    np.testing.assert_array_equal(arrays["square force"][is_known], plan.squares)
    [force] = [feature for feature in described["features"] if feature["name"] == "force"]
    assert force["arrows"] == [{"length": pytest.approx(plan.length, rel=1e-3), "least": 0.25}]


def test_arrows_of_few_cells_are_their_own(described, unpacked):
    [force] = [feature for feature in described["features"] if feature["name"] == "force"]
    assert force["arrows"][0]["least"] == 0
    assert "square force" not in unpacked(described["data"])


def test_wells_are_those_that_are_found(result, described):
    wells = find_wells(result.maps)
    assert [well["depth"] for well in described["wells"]] == pytest.approx(wells["depth"], rel=1e-5)
    deepest = described["wells"][0]
    assert deepest["x"] == pytest.approx(0.9, abs=0.25)  # of a cell
    assert described["deepest"] == {"depth": deepest["depth"], "std": deepest["std"]}
    domains = find_domains(result.maps)
    times = [well["residence"] for well in described["wells"]]
    assert times == pytest.approx(domains["residence time"], rel=1e-3)
    assert described["summary"]["wells"] == (wells["probability"] >= 0.5).sum()


def test_it_is_plain_json(described):
    json.dumps(described, allow_nan=False)


def test_segments_of_time(segments, unpacked):
    [movie] = read_results([segments])
    described = describe(movie.results[0])
    arrays = unpacked(described["data"])
    assert len(described["segments"]) == 4
    assert set(arrays["segment"]) == {0, 1, 2, 3}
    assert arrays["place"].max() + 1 == len(arrays["sides"])


def test_wells_in_segments_have_cells_of_the_whole_map(result):
    # Cells of the page's arrays; a segment has as many as the tessellation in space.
    twice = time_segments(result.partition.tessellation, [[0.0, 0.2], [0.2, 0.4]])
    partition = sample_nearest(result.partition.points, twice)
    maps = infer_diffusivity_potential(
        partition, localization_precision=0.02, diffusivity_prior=20, potential_prior=0.3
    )
    described = describe(type(result)(**(vars(result) | {"maps": maps, "partition": partition})))
    assert {well["segment"] for well in described["wells"]} == {0, 1}
    for well in described["wells"]:
        assert {cell // twice.spatial.n_cells for cell in well["cells"]} == {well["segment"]}


def test_maps_of_something_else(result):
    table = pd.DataFrame({"mine": [1.0, np.nan]}, index=[0, 5])
    other = Maps(table, "own", partition=result.partition)
    described = describe(type(result)(**(vars(result) | {"maps": other})))
    [feature] = described["features"]
    assert (feature["name"], feature["unit"], feature["errors"]) == ("mine", "", [])
    assert described["wells"] == []
    assert described["summary"]["diffusivity"] is None
