"""Maps of segments of time, side by side and moving."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.animation import FFMpegWriter

from tramway.errors import InvalidInputError, MissingPackageError
from tramway.inference import Maps
from tramway.plotting import animate_map, plot_segments
from tramway.plotting.polygons import Polygons
from tramway.tessellation import sample_nearest, time_segments


@pytest.fixture
def segmented(maps, partition):
    """Three segments: D doubles from one to the next, and the last one has no value."""
    ends = partition.points["t"].max() * np.array([0, 0.4, 0.8, 1])
    cells = time_segments(partition.tessellation, np.stack([ends[:-1], ends[1:]], axis=1))
    count = partition.tessellation.n_cells
    factors = (1.0, 2.0, np.nan)
    tables = [
        (factor * maps.maps).set_axis(maps.maps.index + number * count)
        for number, factor in enumerate(factors)
    ]
    return Maps(pd.concat(tables), maps.mode), sample_nearest(partition.points, cells)


def drawn(axes):
    return next(artist for artist in axes.collections if isinstance(artist, Polygons))


def test_segments_share_one_scale_and_one_colour_bar(segmented, maps):
    figure = plot_segments(segmented[0], "diffusivity", segmented[1])
    *panels, bar = figure.axes
    assert len(panels) == 3
    assert bar.get_ylabel() == "diffusivity (µm²/s)"
    assert len({drawn(axes).get_clim() for axes in panels}) == 1
    least, most = maps.maps["diffusivity"].min(), 2 * maps.maps["diffusivity"].max()
    # rtol: cells of few translocations may lie beyond
    np.testing.assert_allclose(drawn(panels[0]).get_clim(), (least, most), rtol=0.05)
    assert panels[0].get_title().endswith(" s")


def test_what_has_no_segments_is_refused(maps, partition):
    with pytest.raises(InvalidInputError, match="`partition` has no time segments"):
        plot_segments(maps, "diffusivity", partition)
    assert pyplot.get_fignums() == []


def test_an_animation_is_written_as_gif(segmented, tmp_path):
    figure = pyplot.figure(figsize=(3, 2), layout="compressed")
    animation = animate_map(segmented[0], "diffusivity", segmented[1], figure)
    animation.save(tmp_path / "maps.gif", writer="pillow", fps=2)
    assert (tmp_path / "maps.gif").read_bytes()[:4] == b"GIF8"


def test_an_animation_is_written_as_mp4(segmented, tmp_path):
    if not FFMpegWriter.isAvailable():
        pytest.skip("there is no ffmpeg here")
    animation = animate_map(segmented[0], "diffusivity", segmented[1], pyplot.figure())
    animation.save(tmp_path / "maps.mp4", fps=2)
    assert (tmp_path / "maps.mp4").read_bytes()[4:8] == b"ftyp"


def test_without_ffmpeg_it_is_said_what_to_do(segmented, tmp_path, monkeypatch):
    monkeypatch.setattr(FFMpegWriter, "isAvailable", classmethod(lambda cls: False))
    animation = animate_map(segmented[0], "diffusivity", segmented[1], pyplot.figure())
    with pytest.raises(MissingPackageError, match=r"maps\.mp4' needs ffmpeg.*save a \.gif"):
        animation.save(tmp_path / "maps.mp4")
    animation.save(tmp_path / "maps.gif")


def test_segments_share_one_legend_below_all(segmented):
    maps, partition = segmented
    table = maps.maps.assign(**{"diffusivity std": 0.1 * maps.maps["diffusivity"]})
    figure = plot_segments(Maps(table, maps.mode), "diffusivity", partition, uncertainty="opacity")
    assert all(axes.get_legend() is None for axes in figure.axes)
    [legend] = figure.legends
    figure.draw_without_rendering()
    below = legend.get_window_extent().y1
    assert all(axes.get_window_extent().y0 >= below - 1 for axes in figure.axes)
