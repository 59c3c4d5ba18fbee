"""Layers of napari: the manifest, tracks and maps."""

import fnmatch
import importlib
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tramway
from tramway.data import Well, simulate, translocations
from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError
from tramway.files import Analysis, save_rwa
from tramway.inference import infer_diffusivity, infer_diffusivity_force
from tramway.napari import analysis_layers, analysis_reader, tracks_layer, tracks_reader
from tramway.plotting import color_limits, shown_values
from tramway.tessellation import Partition, nearest_cell, sliding_window, squares, time_segments

FOLDER = Path(tramway.__file__).parent / "napari"
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def movie() -> pd.DataFrame:
    return simulate(
        track_count=60,
        track_length=10,
        frame_interval=0.02,
        lower=(0, 0),
        upper=(3, 2),
        diffusivity=0.1,
        wells=[Well((1.5, 1.0), depth=2, width=0.3)],
        localization_precision=0.01,
        seed=1,
    )


@pytest.fixture(scope="module")
def partition(movie: pd.DataFrame) -> Partition:
    steps = translocations(movie)
    place = steps[["x", "y"]].to_numpy()
    cells = squares(place, displacement_length=0.1, resolution=1.0)
    return Partition(steps, cells, nearest_cell(place, cells))


@pytest.mark.filterwarnings("ignore:Using extra keyword arguments on `Field`")  # of npe2's own
def test_npe2_takes_the_manifest_and_finds_its_readers(tmp_path: Path, movie: pd.DataFrame) -> None:
    npe2 = pytest.importorskip("npe2")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    [(name, place)] = project["entry-points"]["napari.manifest"].items()
    module, file = place.split(":")
    [folder] = importlib.import_module(module).__path__
    manifest = npe2.PluginManifest.from_file(Path(folder) / file)
    manifest.validate_imports()
    assert manifest.name == name == project["name"] == tramway.__distribution__
    path = tmp_path / "movie.txt"
    movie.to_csv(path, sep="\t", index=False)
    save_rwa(tmp_path / "movie.rwa", Analysis(movie))
    functions = {command.id: command.python_name for command in manifest.contributions.commands}
    for opened in (path, tmp_path / "movie.rwa"):
        [offered] = [
            reader
            for reader in manifest.contributions.readers
            if any(fnmatch.fnmatch(opened.name, glob) for glob in reader.filename_patterns)
        ]
        module, function = functions[offered.command].split(":")
        read = getattr(importlib.import_module(module), function)(str(opened))
        [(_, settings, kind)] = read(str(opened))
        assert (settings["name"], kind) == ("movie", "tracks")


def test_tracks_are_numbered_by_frame_with_the_interval_as_scale(movie: pd.DataFrame) -> None:
    table = movie.assign(localization_precision=0.01, intensity=np.arange(len(movie)))
    data, settings, kind = tracks_layer(table, "some")
    assert kind == "tracks"
    np.testing.assert_array_equal(data[:, 0], movie["n"])
    np.testing.assert_array_equal(data[:, 1], np.round(movie["t"] / 0.02))
    np.testing.assert_array_equal(data[:, 2:], movie[["y", "x"]])
    assert settings["scale"] == pytest.approx((0.02, 1, 1))
    assert (settings["units"], settings["axis_labels"]) == (("s", "µm", "µm"), ("t", "y", "x"))
    assert settings["translate"] == (0, 0, 0)
    assert list(settings["features"]) == ["t [s]", "localization_precision [µm]", "intensity"]


def test_gaps_late_starts_and_other_zeros_are_frames() -> None:
    frames = np.array([7, 8, 11, 1000, 1002])
    times = np.round(frames * 0.0333 + 0.01, 4)  # of a clock that was started before the camera
    table = pd.DataFrame({"n": [1, 1, 1, 4, 4], "x": 0.0, "y": 1.0, "z": 2.0, "t": times})
    data, settings, _ = tracks_layer(table, "")
    np.testing.assert_array_equal(np.diff(data[:, 1]), np.diff(frames))
    world = data[:, 1] * settings["scale"][0] + settings["translate"][0]
    np.testing.assert_allclose(world, times, atol=2e-4)
    np.testing.assert_array_equal(data[0, 2:], [2, 1, 0])
    assert len(settings["scale"]) == len(settings["units"]) == 4


def test_times_rounded_to_ms_are_frames_of_the_whole_movie() -> None:
    random = np.random.default_rng(1)
    frames = (random.integers(0, 20_000, (2000, 1)) + np.arange(5)).ravel()
    times = np.round(frames / 30, 3)  # 33.3… ms
    table = pd.DataFrame({"n": np.repeat(np.arange(2000), 5), "x": 0.0, "y": 1.0, "t": times})
    data, settings, _ = tracks_layer(table, "")
    np.testing.assert_array_equal(data[:, 1], frames)
    assert settings["scale"][0] == pytest.approx(1 / 30, rel=2e-6)  # 1 ms over all


def test_irregular_times_are_kept() -> None:
    times = [0.0, 0.01, 0.0237, 0.0301]
    table = pd.DataFrame({"n": 1, "x": 0.0, "y": 0.0, "t": times})
    data, settings, _ = tracks_layer(table, "")
    np.testing.assert_array_equal(data[:, 1], times)
    assert settings["scale"] == (1, 1, 1)


def test_localizations_without_tracks_are_points(movie: pd.DataFrame) -> None:
    single = movie.assign(n=np.arange(len(movie)))
    data, settings, kind = tracks_layer(single, "")
    assert (kind, data.shape[1], len(settings["scale"])) == ("points", 3, 3)
    assert 0 < settings["size"] < 0.1  # µm: that of napari, 10, would cover everything
    np.testing.assert_allclose(data[:, 0] * settings["scale"][0], movie["t"], atol=1e-9)


def test_each_quantity_of_maps_is_a_layer_of_cells(
    movie: pd.DataFrame, partition: Partition, tmp_path: Path
) -> None:
    tree = Analysis(movie)
    maps = infer_diffusivity_force(partition, localization_precision=0.01)
    tree.add(partition, "roi000").add(maps, "df")
    save_rwa(tmp_path / "a.rwa", tree)
    read = analysis_reader(str(tmp_path / "a.rwa"))
    assert read is not None
    layers = read(str(tmp_path / "a.rwa"))
    names = [settings["name"] for _, settings, _ in layers]
    assert names == ["a", "roi000/df: diffusivity", "roi000/df: force"]
    assert [kind for *_, kind in layers] == ["tracks", "shapes", "shapes"]
    cells = partition.tessellation
    for data, settings, _ in layers[1:]:
        assert len(data) == len(settings["features"]) == cells.n_cells
        for corners, outline in zip(data, cells.polygons(), strict=True):
            np.testing.assert_array_equal(corners, outline[:, ::-1])
        pd.testing.assert_frame_equal(settings["features"], maps.to_dataframe())
        assert (settings["scale"], settings["edge_width"]) == ((1, 1), 0)
    assert [settings["visible"] for _, settings, _ in layers[1:]] == [True, False]


def test_colours_are_those_of_the_figures(movie: pd.DataFrame, partition: Partition) -> None:
    from matplotlib import colormaps

    maps = infer_diffusivity(partition, localization_precision=0.01)
    maps.maps.loc[maps.maps.index[0], "diffusivity"] = np.nan
    tree = Analysis(None)
    tree.add(partition, "roi000").add(maps, "d")
    [(_, settings, _)] = analysis_layers(tree, "")
    low, high = color_limits(shown_values(maps, "diffusivity", partition))
    values = maps.maps["diffusivity"].reindex(range(partition.tessellation.n_cells)).to_numpy()
    expected = colormaps["viridis"]((values - low) / (high - low))
    expected[np.isnan(values)] = (0.9, 0.9, 0.9, 1)
    np.testing.assert_allclose(settings["face_color"], expected)


def test_cells_without_any_value_are_grey(partition: Partition) -> None:
    maps = infer_diffusivity(partition, localization_precision=0.01)
    maps.maps["diffusivity"] = np.nan
    tree = Analysis(None)
    tree.add(partition, "roi000").add(maps, "d")
    [(_, settings, _)] = analysis_layers(tree, "")
    assert np.unique(settings["face_color"], axis=0).tolist() == [[0.9, 0.9, 0.9, 1]]


def test_segments_of_time_are_slices(partition: Partition) -> None:
    steps, spatial = partition.points, partition.tessellation
    times = steps["t"].to_numpy()
    # Each translocation in the one segment it is in: segments side by side.
    cells = time_segments(spatial, sliding_window(times, duration=0.05))
    segment = np.searchsorted(cells.intervals[1:, 0], times, side="right")
    segmented = Partition(steps, cells, partition.cells + spatial.n_cells * segment)
    tree = Analysis(None)
    maps = infer_diffusivity(segmented, localization_precision=0.01)
    tree.add(segmented, "roi000").add(maps, "d")
    [(data, settings, _)] = analysis_layers(tree, "")
    assert len(data) == len(settings["face_color"]) == cells.n_cells
    slices = np.array([corners[0, 0] for corners in data])
    np.testing.assert_array_equal(slices, settings["features"]["segment"])
    assert settings["units"] == ("s", "µm", "µm")
    middle = slices * settings["scale"][0] + settings["translate"][0]
    table = settings["features"]
    np.testing.assert_allclose(middle, (table["t min [s]"] + table["t max [s]"]) / 2)


def test_what_is_not_ours_is_left_to_others(tmp_path: Path) -> None:
    path = tmp_path / "image.txt"
    path.write_bytes(b"II*\0" + bytes(100))
    for reader in (tracks_reader, analysis_reader):
        assert reader(str(path)) is None
        assert reader([str(path)]) is None
        assert reader(str(tmp_path / "nothing.rwa")) is None


def test_damage_and_unknown_units_are_errors_that_say_so(
    movie: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "a.rwa"
    save_rwa(path, Analysis(movie))
    path.write_bytes(path.read_bytes()[:1000])
    assert_raises(analysis_reader, path, FileFormatError, "a.rwa")
    damaged = tmp_path / "a.txt"
    damaged.write_text("n\tx\ty\tt\n1\t0\t0\t0\n1\t0\tb\t1\n")
    assert_raises(tracks_reader, damaged, FileFormatError, "a.txt")
    pixels = tmp_path / "tracks.csv"
    frames = np.arange(5)
    pd.DataFrame({"particle": 0, "frame": frames, "x": frames / 2, "y": 1.0}).to_csv(pixels)
    assert_raises(tracks_reader, pixels, InvalidInputError, "pixel_size")


def assert_raises(reader: Any, path: Path, error: type[Exception], match: str) -> None:
    read = reader(str(path))
    assert read is not None
    with pytest.raises(error, match=match):
        read(str(path))


def test_cells_without_outlines_are_left_out_and_said_so() -> None:
    random = np.random.default_rng(1)
    place = random.uniform(0, 2, (300, 3))
    steps = pd.DataFrame(place, columns=["x", "y", "z"])
    steps[["dx", "dy", "dz"]] = random.normal(0, 0.1, place.shape)
    steps["dt"] = 0.02
    cells = squares(place, displacement_length=0.1, resolution=1.0)
    partition = Partition(steps, cells, nearest_cell(place, cells))
    tree = Analysis(None)
    maps = infer_diffusivity(partition, localization_precision=0.01)
    tree.add(partition, "roi000").add(maps, "d")
    with pytest.warns(DataQualityWarning, match="roi000/d were left out"):
        assert analysis_layers(tree, "movie") == []
