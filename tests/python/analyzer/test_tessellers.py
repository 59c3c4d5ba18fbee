"""What holds for every tessellation method that can be chosen."""

import json
import os
import pickle
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tramway import _core
from tramway.analyzer import RWAnalyzer, cell_mergers, tesseller, tessellers
from tramway.cli.configuration import analyzer_of, read
from tramway.data import translocations
from tramway.errors import InvalidInputError, UnknownAttributeError
from tramway.files import Analysis, read_rwa, save_rwa
from tramway.tessellation import Partition, Tessellation, nearest_cell

CENTERS = np.random.default_rng(0).uniform(0, 2, (25, 2))
OPTIONS: dict[str, dict[str, Any]] = {
    "voronoi": {"centers": CENTERS},
    "kdtree": {"resolution": 0.2},
    "nesting": {"outer": tessellers.Squares(resolution=1.0), "inner": tessellers.KMeans},
}
METHODS = pytest.mark.parametrize("method", tesseller.Tesseller.plugins())
METHODS_IN_SPACE = pytest.mark.parametrize(
    "method", [name for name in tesseller.Tesseller.plugins() if name != "hexagon"]
)


def make(method: str) -> tesseller.Tesseller:
    return tesseller.from_plugin(method, **OPTIONS.get(method, {}))


def fields(cells: Tessellation) -> dict[str, Any]:
    return {name: np.asarray(value) for name, value in vars(cells).items()}


def assert_same(cells: Tessellation, expected: Tessellation) -> None:
    assert type(cells) is type(expected)
    np.testing.assert_equal(fields(cells), fields(expected))


@pytest.fixture
def points(movie: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return translocations(movie(0, track_count=200))


@pytest.fixture
def points_in_space() -> pd.DataFrame:
    """Translocations of 200 free walks in a slab, 0.02 s apart."""
    random = np.random.default_rng(7)
    steps = random.normal(scale=0.05, size=(200, 15, 3))
    steps[:, 0] = random.uniform((0, 0, 0), (2, 2, 0.6), (200, 3))
    tracks = pd.DataFrame(steps.cumsum(axis=1).reshape(-1, 3), columns=["x", "y", "z"])
    tracks.insert(0, "n", np.repeat(np.arange(200), 15))
    tracks["t"] = np.tile(np.arange(15) * 0.02, 200)
    return translocations(tracks)


@METHODS
def test_cells(method: str, points: pd.DataFrame) -> None:
    cells = make(method).tessellate(points)
    index = nearest_cell(points[["x", "y"]], cells)
    partition = Partition(points, cells, index)
    assert partition.location_count.sum() == len(points)
    adjacency = cells.cell_adjacency.toarray()
    np.testing.assert_array_equal(adjacency, adjacency.T)
    assert not adjacency.diagonal().any()
    assert cells.n_cells > 3
    assert adjacency.any(axis=1).all()
    assert np.all(np.isfinite(cells.cell_volume) & (cells.cell_volume > 0))
    outlines = cells.polygons()
    assert len(outlines) == cells.n_cells
    for cell, (outline, volume) in enumerate(zip(outlines, cells.cell_volume, strict=True)):
        x, y = (outline - cells.cell_centers[cell]).T
        doubled = x * np.roll(y, -1) - y * np.roll(x, -1)
        assert doubled.sum() / 2 == pytest.approx(volume)
        # The points of a cell are to the left of every side of its outline.
        a, b = outline, np.roll(outline, -1, axis=0)
        for point in partition.origins[index == cell]:
            (abx, aby), (px, py) = (b - a).T, (point - a).T
            assert (abx * py - aby * px).min() > -1e-9


@METHODS_IN_SPACE
def test_cells_in_space(method: str, points_in_space: pd.DataFrame, tmp_path: Path) -> None:
    a = RWAnalyzer()
    a.tesseller = make(method)
    if method == "voronoi":
        a.tesseller.centers = np.column_stack([CENTERS, CENTERS[::-1, 0] * 0.3])
    a.spt_data.from_dataframe(points_in_space[["n", "x", "y", "z", "t"]])
    partition = a.sampler.sample(points_in_space)
    cells = partition.tessellation
    assert cells.dim == 3
    assert partition.location_count.sum() == len(points_in_space)
    adjacency = cells.cell_adjacency.toarray()
    np.testing.assert_array_equal(adjacency, adjacency.T)
    assert not adjacency.diagonal().any()
    assert adjacency.any(axis=1).all()
    box = np.concatenate([partition.origins, cells.cell_centers])
    assert cells.cell_volume.min() > 0
    # Cells fill the box of the points and centers, or that of the tree.
    whole = cells.root_side**3 if method == "kdtree" else np.ptp(box, axis=0).prod()
    if method != "grid":  # whose centers are half a cell inside
        assert cells.cell_volume.sum() == pytest.approx(whole)

    root = Analysis(points_in_space)
    root.add(partition, "cells")
    save_rwa(tmp_path / "cells.rwa", root)
    result = read_rwa(tmp_path / "cells.rwa")["cells"].data
    assert_same(result.tessellation, cells)
    np.testing.assert_array_equal(result.cells, partition.cells)

    a.tesseller.post_processing = cell_mergers.ByTranslocationCount(200)
    assert a.sampler.sample(points_in_space).location_count.min() >= 200


def test_hexagons_are_flat(points_in_space: pd.DataFrame) -> None:
    with pytest.raises(InvalidInputError, match="hexagons are for two dimensions"):
        make("hexagon").tessellate(points_in_space)


@METHODS
def test_one_region_leaves_no_trace_in_the_next(
    method: str, movie: Callable[..., pd.DataFrame]
) -> None:
    # Regions of different sizes, numbers of points and lengths of displacements, in any order.
    regions = [translocations(movie(seed, track_count=50 * seed)) for seed in (1, 2, 3)]
    space = ["x", "y", "dx", "dy"]
    regions = [region.assign(**(region[space] * k)) for k, region in enumerate(regions, 1)]
    alone = [make(method).tessellate(region) for region in regions]
    for order in ((0, 1, 2), (2, 1, 0), (1, 1, 0)):
        same = make(method)
        for k in order:
            assert_same(same.tessellate(regions[k]), alone[k])


@METHODS
def test_the_same_input_gives_the_same_cells(method: str, points: pd.DataFrame) -> None:
    expected = make(method).tessellate(points)
    assert_same(make(method).tessellate(points), expected)
    threads = _core.thread_count()
    try:
        for count in (1, 3):
            _core.set_thread_count(count)
            assert_same(make(method).tessellate(points), expected)
    finally:
        _core.set_thread_count(threads)


@METHODS
def test_cells_move_with_the_points(method: str, points: pd.DataFrame) -> None:
    # Of points in multiples of 2^-30, moved by powers of 2, no distance changes to the last bit.
    shift = np.array([64.0, -32.0])
    points = points.assign(**np.round(points[["x", "y"]] * 2.0**30) / 2.0**30)
    moved = points.assign(x=points["x"] + shift[0], y=points["y"] + shift[1])
    here, there = make(method), make(method)
    if method == "voronoi":
        there.centers = CENTERS + shift
    cells, expected = there.tessellate(moved), here.tessellate(points)
    # k-means ends a little elsewhere where a rounding decides about a point.
    np.testing.assert_allclose(cells.cell_centers - shift, expected.cell_centers, atol=1e-9)
    np.testing.assert_allclose(cells.cell_volume, expected.cell_volume, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(cells.adjacency, expected.adjacency)


@METHODS
def test_cells_travel_between_processes(method: str, points: pd.DataFrame) -> None:
    chosen = pickle.loads(pickle.dumps(make(method)))
    cells = chosen.tessellate(points)
    assert_same(cells, make(method).tessellate(points))
    assert_same(pickle.loads(pickle.dumps(cells)), cells)


@METHODS
def test_cells_survive_in_files(method: str, points: pd.DataFrame, tmp_path: Path) -> None:
    a = RWAnalyzer()
    a.tesseller = make(method)
    partition = a.sampler.sample(points)
    root = Analysis(points)
    root.add(partition, "cells")
    save_rwa(tmp_path / "cells.rwa", root)
    result = read_rwa(tmp_path / "cells.rwa")["cells"].data
    assert_same(result.tessellation, partition.tessellation)
    np.testing.assert_array_equal(result.cells, partition.cells)
    assert result.param == partition.param


@METHODS
def test_settings_are_plain_data(method: str) -> None:
    chosen = make(method)
    chosen.post_processing = cell_mergers.ByTranslocationCount(7, update_centroids=True)
    again = tesseller.Tesseller.from_settings(json.loads(json.dumps(chosen.settings())))
    assert again.plugin == method
    assert again.parameters == chosen.parameters


def test_nested_cells_go_all_the_way(declare: Callable[..., RWAnalyzer], tmp_path: Path) -> None:
    a = declare("a.rpt.txt")
    inner = tessellers.KMeans(resolution=0.3)
    inner.post_processing = cell_mergers.ByTranslocationCount(5)
    a.tesseller = tessellers.Nesting(tessellers.Squares(resolution=1.5), inner)
    a.run()
    for region in a.roi:
        cells = region.get_sampling().data.tessellation
        assert_same(cells, a.tesseller.tessellate(region.crop()))
    path = tmp_path / "job.toml"
    path.write_text(
        """
        [tesseller]
        from_plugin = "nesting"
        outer = { plugin = "grid", resolution = 1.5 }
        [tesseller.inner]
        plugin = "kmeans"
        resolution = 0.3
        post_processing = { count_threshold = 5 }
        """
    )
    assert analyzer_of(read(path)).tesseller.parameters == a.tesseller.parameters


LOOK = """
import json, sys, warnings
warnings.simplefilter("ignore")
from tramway.core.hdf5.store import load_rwa
from tramway.helper import infer, map_plot
import matplotlib
matplotlib.use("Agg")
seen = {}
tree = load_rwa(sys.argv[1])
for label in tree.labels:
    partition = tree[label].data
    cells = partition.tessellation
    maps = infer(partition, "d", sigma=0.03)
    map_plot(maps, partition, feature="diffusivity", show=False)
    adjacency = getattr(cells, "diagonal_adjacency", cells.cell_adjacency)
    seen[label] = {
        "centers": cells.cell_centers.tolist(),
        "adjacency": adjacency.astype(bool).toarray().tolist(),
        "volume": cells.cell_volume.tolist(),
        "cell_index": partition.cell_index.tolist(),
        "mapped": maps.maps.index.tolist(),
    }
print(json.dumps(seen))
"""


@pytest.mark.slow
def test_the_original_reads_plots_and_infers_from_all(
    points: pd.DataFrame, tmp_path: Path, original_python: str
) -> None:
    a = RWAnalyzer()
    root = Analysis(points)
    for method in tesseller.Tesseller.plugins():
        a.tesseller = make(method)
        root.add(a.sampler.sample(points), method)
    path = tmp_path / "all.rwa"
    save_rwa(path, root)
    process = subprocess.run(
        [original_python, "-c", LOOK, str(path)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    seen = json.loads(process.stdout.splitlines()[-1])
    assert set(seen) == set(tesseller.Tesseller.plugins())
    for method, facts in seen.items():
        partition = root[method].data
        cells = partition.tessellation
        assert facts["centers"] == cells.cell_centers.tolist()
        assert facts["adjacency"] == cells.cell_adjacency.toarray().tolist()
        assert facts["volume"] == cells.cell_volume.tolist()
        assert facts["cell_index"] == partition.cells.tolist()
        assert facts["mapped"] == np.flatnonzero(partition.location_count).tolist()


def test_classes_are_the_plugins() -> None:
    made = {name: getattr(tessellers, name) for name in tessellers.__all__}
    chosen = {kind(**OPTIONS.get(name.lower(), {})).plugin for name, kind in made.items()}
    assert {*chosen, "gas"} == set(tesseller.Tesseller.plugins())  # another name of gwr
    assert pickle.loads(pickle.dumps(tessellers.GWR(seed=3))).parameters["seed"] == 3
    with pytest.raises(AttributeError, match=r"no tesseller 'Hexagon' \(did you mean `Hexagons`"):
        tessellers.Hexagon  # noqa: B018
    with pytest.raises(TypeError, match="KMeans takes settings by name only, 1 given"):
        tessellers.KMeans(0.3)


def test_parameters_are_checked_as_they_are_set() -> None:
    assert tessellers.Voronoi([(0, 1), (2, 3)]).centers == [[0.0, 1.0], [2.0, 3.0]]
    assert tessellers.Squares(count_per_dim=(3, 4.0)).count_per_dim == [3, 4]
    assert tessellers.Random().seed == 0
    for wrong, message in [
        (lambda: tessellers.Voronoi([(0, np.nan)]), "`centers`"),
        (lambda: tessellers.Voronoi("here"), "`centers` is 'here'"),
        (lambda: tessellers.KMeans(clip="circle"), "`clip` is 'circle'"),
        (lambda: tessellers.Random(seed=0.5), "`seed` is 0.5"),
        (lambda: tessellers.QuadTree(min_location_count=-1), "`min_location_count`"),
        (lambda: tessellers.Squares(count_per_dim=(3, 0)), "`count_per_dim` is 0"),
    ]:
        with pytest.raises(InvalidInputError, match=message):
            wrong()
    with pytest.raises(UnknownAttributeError, match="`tilt`"):
        tessellers.Squares(tilt=1.0)


def test_centers_of_your_own_must_be_given(points: pd.DataFrame) -> None:
    with pytest.raises(InvalidInputError, match=r"`centers` is not set: .*tessellers\.Voronoi"):
        tesseller.from_plugin("voronoi").tessellate(points)
    a = RWAnalyzer()
    with pytest.raises(InvalidInputError, match="needs arguments"):
        a.tesseller = tessellers.Voronoi


def test_cells_within_cells(points: pd.DataFrame) -> None:
    a = RWAnalyzer()
    a.tesseller = tessellers.Nesting(tessellers.Squares(resolution=1.5), tessellers.KMeans)
    a.tesseller.inner.resolution = 0.3
    a.tesseller.inner.post_processing = cell_mergers.ByTranslocationCount(5)
    partition = a.sampler.sample(points)
    # What each tesseller is set to is in the record, and decides.
    assert partition.param["tessellation"] == {
        "outer": {"plugin": "grid", "resolution": 1.5},
        "inner": {
            "plugin": "kmeans",
            "resolution": 0.3,
            "tol": 1e-6,
            "clip": "box",
            "post_processing": cell_mergers.ByTranslocationCount(5).parameters,
        },
        "clip": "box",
    }
    # The cells of one square are those that its own translocations make.
    outer = a.tesseller.outer.tessellate(points)
    own = points[nearest_cell(points[["x", "y"]], outer) == 0]
    expected = a.tesseller.inner.tessellate(own).cell_centers
    np.testing.assert_array_equal(partition.tessellation.cell_centers[: len(expected)], expected)
    assert partition.tessellation.n_cells > 2 * len(expected)


def test_nested_tessellers_are_checked_as_they_are_set(points: pd.DataFrame) -> None:
    for wrong, message in [
        (lambda: tessellers.Nesting(tessellers.Squares, 3), "`inner` is 3, expected one of"),
        (lambda: tessellers.Nesting(tessellers.Squares, {}), "`inner` is {}, expected one of"),
        (lambda: tessellers.Nesting({"plugin": "gird"}, "kmeans"), "did you mean `grid`"),
        (lambda: tessellers.Nesting(tessellers.Voronoi, tessellers.KMeans), "call it, Voronoi"),
        (lambda: tessellers.Nesting(tesseller.Tesseller, tessellers.KMeans), "`outer` is <Tess"),
        (
            lambda: tesseller.from_plugin("nesting").tessellate(points),
            r"tessellers\.Nesting\(outer",
        ),
    ]:
        with pytest.raises(InvalidInputError, match=message):
            wrong()


def test_cells_with_few_translocations_are_merged(points: pd.DataFrame) -> None:
    a = RWAnalyzer()
    a.tesseller = tessellers.Hexagons(resolution=0.2)
    assert a.tesseller.post_processing is None
    before = a.sampler.sample(points)
    a.tesseller.post_processing = cell_mergers.ByTranslocationCount
    a.tesseller.post_processing.count_threshold = 30
    a.tesseller = pickle.loads(pickle.dumps(a.tesseller))  # as it travels to other processes
    after = a.sampler.sample(points)
    assert before.location_count.min() < 30 <= after.location_count.min()
    # What decides the result is in its record.
    assert "post_processing" not in before.param["tessellation"]
    assert after.param["tessellation"]["post_processing"] == {
        "merger": "ByTranslocationCount",
        "count_threshold": 30,
        "update_centroids": False,
    }
    a.tesseller.post_processing = None
    assert_same(a.sampler.sample(points).tessellation, before.tessellation)


def test_mergers_are_checked_as_they_are_set() -> None:
    chosen = tessellers.Squares()
    chosen.post_processing = cell_mergers.ByTranslocationCount(10, update_centroids=True)
    assert repr(chosen.post_processing) == (
        "ByTranslocationCount(count_threshold=10, update_centroids=True)"
    )
    with pytest.raises(InvalidInputError, match="`post_processing` is 3, expected cell_mergers"):
        chosen.post_processing = 3
    with pytest.raises(InvalidInputError, match="`merger` is 'No', expected 'ByTrans"):
        chosen.post_processing = {"merger": "No"}
    with pytest.raises(UnknownAttributeError, match="did you mean `count_threshold`"):
        chosen.post_processing = {"count_treshold": 3}
    with pytest.raises(InvalidInputError, match="`count_threshold` is 0"):
        chosen.post_processing.count_threshold = 0
    with pytest.raises(UnknownAttributeError, match="did you mean `count_threshold`"):
        chosen.post_processing.count_treshold = 3
    with pytest.raises(UnknownAttributeError, match="did you mean `post_processing`"):
        chosen.post_procesing = None
    with pytest.raises(UnknownAttributeError, match="set it once the tesseller is chosen"):
        tessellers.Squares(post_processing=None)
