import io
import re
import time

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from mpl_toolkits.axes_grid1.anchored_artists import AnchoredSizeBar

from tramway.errors import InvalidInputError, MissingResultError
from tramway.inference import Maps
from tramway.plotting import color_limits, plot_map, shown_values
from tramway.plotting.marks import NO_VALUE
from tramway.plotting.polygons import Arrows, Polygons, _united
from tramway.tessellation import Partition, hexagons, sample_nearest, time_segments

GREY = to_rgba(NO_VALUE)


def artists(axes, kind):
    """The collections of exactly that kind: a quiver is a PolyCollection, too."""
    return [artist for artist in axes.collections if type(artist) is kind]


def cells_of(axes):
    (cells,) = (found for found in artists(axes, Polygons) if not found.get_hatch())
    return cells


def cell_colors(axes):
    """Colour of each cell, (n_cells, 4), once drawn."""
    axes.figure.draw_without_rendering()
    return cells_of(axes).get_facecolor()


def colorbar(axes):
    return cells_of(axes).colorbar


def with_column(maps, column, values):
    return Maps(maps.maps.assign(**{column: values}), maps.mode)


# Scalar features


def test_colour_of_a_cell_is_that_of_its_value(maps, partition):
    axes = plot_map(maps, "diffusivity", partition)
    values = maps.maps["diffusivity"]
    relative = (values - values.min()) / (values.max() - values.min())
    np.testing.assert_array_equal(
        cell_colors(axes)[maps.maps.index], mpl.colormaps["viridis"](relative)
    )


def test_cells_without_a_value_are_grey(maps, partition):
    cells = maps.maps.index
    values = maps.maps["diffusivity"].to_numpy().copy()
    values[0], values[1], values[2] = np.nan, np.inf, 0.0
    colors = cell_colors(
        plot_map(with_column(maps, "diffusivity", values), "diffusivity", partition)
    )
    absent = np.setdiff1d(np.arange(partition.tessellation.n_cells), cells)
    assert len(absent)
    grey = (colors == GREY).all(axis=1)
    np.testing.assert_array_equal(np.flatnonzero(grey), np.sort([*absent, cells[0], cells[1]]))


@given(data=st.data())
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_values_can_be_drawn(maps, partition, data):
    number = st.floats(-1e6, 1e6) | st.just(np.nan)
    size = len(maps)
    values = np.array(data.draw(st.lists(number, min_size=size, max_size=size)))
    values[0] = 1.0
    axes = plot_map(
        with_column(maps, "diffusivity", values), "diffusivity", partition, axes=Figure().subplots()
    )
    grey = (cell_colors(axes)[maps.maps.index] == GREY).all(axis=1)
    np.testing.assert_array_equal(grey, np.isnan(values))


def test_a_constant_map_can_be_drawn(maps, partition):
    for logscale in (False, True):
        axes = plot_map(
            with_column(maps, "diffusivity", 0.1), "diffusivity", partition, logscale=logscale
        )
        assert len(np.unique(cell_colors(axes)[maps.maps.index], axis=0)) == 1


def test_scalar_features_have_no_arrows(maps, partition):
    assert not artists(plot_map(maps, "potential", partition), Arrows)


def test_standard_deviations_of_vectors_have_no_arrows(maps, partition):
    deviations = (
        maps.maps[["force x", "force y"]].abs().set_axis(["force std x", "force std y"], axis=1)
    )
    axes = plot_map(Maps(deviations, "dv"), "force std", partition)
    assert not artists(axes, Arrows)
    assert colorbar(axes).ax.get_ylabel() == "force std (kT/µm)"


# Vector features


def test_colour_of_a_vector_is_its_amplitude(maps, partition):
    (cells,) = artists(plot_map(maps, "force", partition), Polygons)
    expected = np.hypot(maps.maps["force x"], maps.maps["force y"])
    # rtol: a norm and a hypot round differently in the last bit
    np.testing.assert_allclose(cells.get_array()[maps.maps.index], expected, rtol=1e-14)


def test_arrows_are_where_the_force_is_known(maps, partition):
    force_y = maps.maps["force y"].to_numpy().copy()
    force_y[:3] = np.nan
    axes = plot_map(with_column(maps, "force y", force_y), "force", partition)
    (arrows,) = artists(axes, Arrows)
    known = maps.maps.index[3:]
    np.testing.assert_array_equal(arrows.XY, partition.tessellation.cell_centers[known])
    colors = cell_colors(axes)
    assert (colors[maps.maps.index[:3]] == GREY).all()


def test_arrows_have_the_direction_of_the_force_and_its_proportions(maps, partition):
    highest = 4.0  # kT/µm, more than any amplitude of these maps
    (arrows,) = artists(plot_map(maps, "force", partition, clim=(0.0, highest)), Arrows)
    side = np.sqrt(partition.tessellation.cell_volume[0])  # µm; an arrow at `highest` is as long
    # rtol: a few roundings
    np.testing.assert_allclose(arrows.U, maps.maps["force x"] * side / highest, rtol=1e-12)
    np.testing.assert_allclose(arrows.V, maps.maps["force y"] * side / highest, rtol=1e-12)


def test_arrows_stand_out_from_their_cells(maps, partition):
    axes = plot_map(maps, "force", partition)
    (arrows,) = artists(axes, Arrows)
    brightness = cell_colors(axes)[maps.maps.index, :3] @ (0.2126, 0.7152, 0.0722)
    assert brightness.min() < 0.3
    assert brightness.max() > 0.7
    contrast = np.abs(arrows.get_facecolor()[:, 0] - brightness)  # arrows are black or white
    assert contrast.min() >= 0.5


def test_an_outlier_neither_shrinks_the_other_arrows_nor_leaves_its_cell(maps, partition):
    force_x = maps.maps["force x"].to_numpy().copy()
    (before,) = artists(plot_map(maps, "force", partition), Arrows)
    force_x[0] *= 1e3
    (after,) = artists(plot_map(with_column(maps, "force x", force_x), "force", partition), Arrows)
    side = np.sqrt(partition.tessellation.cell_volume[0])
    assert np.hypot(after.U, after.V).max() <= side * (1 + 1e-12)
    # The 95 % quantile that sets the scale moves by one rank, no more.
    np.testing.assert_allclose(after.U[1:], before.U[1:], rtol=0.1)


def test_a_force_of_zero_is_drawn(maps, partition):
    zero = Maps(maps.maps.assign(**{"force x": 0.0, "force y": 0.0}), "dv")
    axes = plot_map(zero, "force", partition)
    (arrows,) = artists(axes, Arrows)
    assert not arrows.U.any()
    assert not (cell_colors(axes)[maps.maps.index] == GREY).all(axis=1).any()


# Scale of the colours


@pytest.mark.parametrize(
    ("feature", "label"),
    [
        ("diffusivity", "diffusivity (µm²/s)"),
        ("potential", "potential (kT)"),
        ("force", "force (kT/µm)"),
    ],
)
def test_colour_bar_names_quantity_and_unit(maps, partition, feature, label):
    assert colorbar(plot_map(maps, feature, partition)).ax.get_ylabel() == label


def test_unit_can_be_replaced_or_left_out(maps, partition):
    axes = plot_map(maps, "potential", partition, unit="$k_BT$")
    assert colorbar(axes).ax.get_ylabel() == "potential ($k_BT$)"
    axes = plot_map(maps, "potential", partition, unit=None)
    assert colorbar(axes).ax.get_ylabel() == "potential"


def test_a_quantity_without_a_known_unit_shows_none(maps, partition):
    axes = plot_map(with_column(maps, "anomaly", 1.0), "anomaly", partition)
    assert colorbar(axes).ax.get_ylabel() == "anomaly"


def test_colour_bar_can_be_left_out(maps, partition):
    axes = plot_map(maps, "potential", partition, colorbar=False)
    assert colorbar(axes) is None
    assert len(axes.figure.axes) == 1


@pytest.mark.parametrize(
    ("clim", "extend"),
    [((0.0, 9.0), "neither"), ((1.0, 9.0), "min"), ((0.0, 1.0), "max")],
)
def test_colour_bar_is_pointed_where_values_lie_beyond(maps, partition, clim, extend):
    bar = colorbar(plot_map(maps, "potential", partition, clim=clim))
    assert bar.extend == extend
    assert (bar.vmin, bar.vmax) == clim


def test_logarithmic_scale(maps, partition):
    values = np.geomspace(0.001, 1.0, len(maps))
    axes = plot_map(
        with_column(maps, "diffusivity", values), "diffusivity", partition, logscale=True
    )
    (cells,) = artists(axes, Polygons)
    # Equal ratios are equal steps of colour; atol: the logarithms are of order 1
    steps = np.diff(np.asarray(cells.norm(values)))
    np.testing.assert_allclose(steps, steps[0], rtol=0, atol=1e-12)
    assert cells.get_clim() == color_limits(
        shown_values(with_column(maps, "diffusivity", values), "diffusivity", partition),
        logscale=True,
    )


def test_a_diffusivity_of_zero_is_below_a_logarithmic_scale_and_not_unknown(maps, partition):
    values = maps.maps["diffusivity"].to_numpy().copy()
    values[0] = 0.0
    axes = plot_map(
        with_column(maps, "diffusivity", values), "diffusivity", partition, logscale=True
    )
    assert colorbar(axes).extend == "min"
    color = cell_colors(axes)[maps.maps.index[0]]
    np.testing.assert_array_equal(color, mpl.colormaps["viridis"](0.0))


@pytest.mark.parametrize(
    ("lowest", "highest", "labels"),
    [(0.01, 1.0, ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]), (0.1, 0.3, ["0.2"])],
)
def test_a_logarithmic_scale_is_labelled_with_plain_numbers(
    maps, partition, lowest, highest, labels
):
    values = np.geomspace(lowest, highest, len(maps))
    axes = plot_map(
        with_column(maps, "diffusivity", values), "diffusivity", partition, logscale=True
    )
    axes.figure.draw_without_rendering()
    shown = [label.get_text() for label in colorbar(axes).ax.get_yticklabels()]
    assert set(labels) <= set(shown)


@pytest.mark.parametrize(("stretch", "orientation"), [(1.0, "vertical"), (3.0, "horizontal")])
def test_colour_bar_is_along_a_flat_region(maps, partition, stretch, orientation, monkeypatch):
    polygons = [polygon * (stretch, 1.0) for polygon in partition.tessellation.polygons()]
    monkeypatch.setattr(type(partition.tessellation), "polygons", lambda _: polygons)
    bar = colorbar(plot_map(maps, "potential", partition))
    assert bar.orientation == orientation


@pytest.mark.parametrize("name", ["cividis", mpl.colormaps["cividis"]])
def test_colormap(maps, partition, name):
    axes = plot_map(maps, "potential", partition, colormap=name)
    highest = cell_colors(axes)[maps.maps["potential"].idxmax()]
    np.testing.assert_array_equal(highest, mpl.colormaps["cividis"](1.0))


# The rest of the picture


def test_locations_are_drawn_when_asked_for(maps, partition):
    assert not artists(plot_map(maps, "potential", partition), PathCollection)
    axes = plot_map(maps, "potential", partition, overlay_locations=True)
    (dots,) = artists(axes, PathCollection)
    np.testing.assert_array_equal(dots.get_offsets(), partition.points[["x", "y"]])


def test_given_axes_are_used_without_pyplot(maps, partition):
    axes = Figure().subplots()
    drawn = plot_map(maps, "force", partition, axes=axes, title="F", aspect="auto", linewidth=1.5)
    assert drawn is axes
    assert axes.get_title() == "F"
    assert axes.get_aspect() == "auto"
    (cells,) = artists(axes, Polygons)
    np.testing.assert_array_equal(cells.get_linewidth(), [1.5])
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("feature", ["diffusivity", "force"])
@pytest.mark.parametrize("logscale", [False, True])
def test_the_figure_can_be_saved(maps, partition, feature, logscale):
    file = io.BytesIO()
    axes = plot_map(maps, feature, partition, overlay_locations=True, logscale=logscale)
    axes.figure.savefig(file)  # any warning is an error
    assert file.tell() > 0


# What is refused


def test_an_unknown_feature_is_refused_with_those_there_are(maps, partition):
    with pytest.raises(MissingResultError, match=r"'drift'.* diffusivity, potential, force"):
        plot_map(maps, "drift", partition)


def test_maps_of_other_cells_are_refused(maps, partition):
    shifted = Maps(maps.maps.set_index(maps.maps.index + 1_000), "dv")
    with pytest.raises(InvalidInputError, match="the partition that the maps were inferred from"):
        plot_map(shifted, "potential", partition)


def test_a_map_without_any_value_is_refused(maps, partition):
    with pytest.raises(InvalidInputError, match="'potential' has no finite value"):
        plot_map(with_column(maps, "potential", np.nan), "potential", partition)
    with pytest.raises(InvalidInputError, match="'potential' has no positive value"):
        plot_map(with_column(maps, "potential", -1.0), "potential", partition, logscale=True)
    empty = Maps(maps.maps.iloc[:0], "dv")
    with pytest.raises(InvalidInputError, match="'potential' has no finite value"):
        plot_map(empty, "potential", partition)


@pytest.mark.parametrize("clim", [(1.0, 0.0), (1.0, 1.0), (0.0, np.nan), (0.0, np.inf), (1.0,)])
def test_limits_that_do_not_increase_are_refused(maps, partition, clim):
    with pytest.raises(InvalidInputError, match=r"`clim` is .*, expected a (pair of|list of 2)"):
        plot_map(maps, "potential", partition, clim=clim)


def test_clip_is_a_quantile_or_a_number_of_interquartile_ranges(maps, partition):
    values = maps.maps["diffusivity"].to_numpy()
    lower, middle, upper = np.nanquantile(values, (0.25, 0.5, 0.75))
    expected = values[values <= middle + 1.5 * (upper - lower)].max()
    for clip, highest in ((0.6, np.nanquantile(values, 0.6)), (1.5, expected)):
        axes = plot_map(maps, "diffusivity", partition, clip=clip)
        assert axes.collections[0].get_clim()[1] == pytest.approx(highest)
    with pytest.raises(InvalidInputError, match="`clip`"):
        plot_map(maps, "diffusivity", partition, clip=0)


def test_limits_of_a_logarithmic_scale_are_positive(maps, partition):
    with pytest.raises(InvalidInputError, match=r"`clim` is .*, expected positive"):
        plot_map(maps, "potential", partition, clim=(0.0, 1.0), logscale=True)


def test_nothing_is_drawn_when_the_arguments_are_refused(maps, partition):
    with pytest.raises(MissingResultError, match="no feature 'potential'"):
        plot_map(Maps(pd.DataFrame(index=maps.maps.index), "dv"), "potential", partition)
    assert pyplot.get_fignums() == []


# Time segments


def test_one_time_segment_is_drawn_as_if_it_were_alone(maps, partition):
    middle = partition.points["t"].median()
    end = partition.points["t"].max()
    cells = partition.tessellation
    segmented = sample_nearest(partition.points, time_segments(cells, [[0, middle], [middle, end]]))
    later = maps.maps.set_axis(maps.maps.index + cells.n_cells) * 2
    both = Maps(pd.concat([maps.maps, later]), maps.mode)
    axes = plot_map(both, "diffusivity", segmented, segment=1, overlay_locations=True)
    alone = plot_map(Maps(2 * maps.maps, "dv"), "diffusivity", partition)
    np.testing.assert_array_equal(cell_colors(axes), cell_colors(alone))
    assert colorbar(axes).mappable.get_clim() == colorbar(alone).mappable.get_clim()
    (dots,) = artists(axes, PathCollection)
    assert len(dots.get_offsets()) == (partition.points["t"] >= middle).sum()

    with pytest.raises(InvalidInputError, match=r"`segment` is not set, .* from 0 to 1"):
        plot_map(both, "diffusivity", segmented)
    with pytest.raises(InvalidInputError, match=r"`segment` is 2, expected .* from 0 to 1"):
        plot_map(both, "diffusivity", segmented, segment=2)
    with pytest.raises(InvalidInputError, match="no time segments"):
        plot_map(maps, "diffusivity", partition, segment=0)


# Islands, uncertainty, wells


def with_deviations(maps, deviation):
    return Maps(
        maps.maps.assign(**{"potential std": deviation, "force std x": 0.1, "force std y": 0.1}),
        maps.mode,
    )


def legend(axes):
    drawn = axes.get_legend()
    return [] if drawn is None else [text.get_text() for text in drawn.get_texts()]


def test_an_island_is_hatched_and_the_legend_says_what_it_is(maps, partition):
    x = partition.tessellation.cell_centers[maps.maps.index, 0]
    is_gap, is_island = (x > 1.3) & (x < 1.6), x >= 1.6
    values = np.where(is_gap, np.nan, np.where(is_island, 0.0, maps.maps["potential"] + 3))
    axes = plot_map(with_column(maps, "potential", values), "potential", partition)
    assert legend(axes) == ["no value", "island, with a zero of its own"]
    hatched = [artist for artist in axes.collections if artist.get_hatch()]
    assert [len(artist.get_paths()) for artist in hatched] == [is_island.sum()]
    assert colorbar(axes).vmin >= 3.0
    colors = cell_colors(axes)[maps.maps.index[is_island]]
    assert (colors == GREY).all()  # under the hatch; never the colour of a low value


def test_without_islands_there_is_no_legend(maps, partition):
    assert legend(plot_map(maps, "potential", partition)) == []


def test_uncertain_cells_are_masked(maps, partition):
    spread = maps.maps["potential"].std()
    deviations = np.where(np.arange(len(maps)) < 5, 10 * spread, 0.01 * spread)
    axes = plot_map(with_deviations(maps, deviations), "potential", partition, uncertainty="mask")
    (dotted,) = [artist for artist in axes.collections if artist.get_hatch()]
    assert len(dotted.get_paths()) == 5
    assert legend(axes)[-1] == "± error takes half of the scale"


def test_colours_fade_where_cells_are_uncertain(maps, partition):
    spread = maps.maps["potential"].std()
    deviations = np.where(np.arange(len(maps)) < 5, 100 * spread, 0.0)
    certain = plot_map(maps, "potential", partition)
    faded = plot_map(
        with_deviations(maps, deviations), "potential", partition, uncertainty="opacity",
        clim=colorbar(certain).mappable.get_clim(),
    )  # fmt: skip
    before, after = (cell_colors(axes)[maps.maps.index, :3] for axes in (certain, faded))
    np.testing.assert_array_equal(after[5:], before[5:])
    assert (after[:5] > 0.95).all()


def test_standard_deviations_are_in_a_panel_beside_the_map(maps, partition):
    certain = with_deviations(maps, 0.2)
    axes = plot_map(certain, "potential", partition, uncertainty="panel", title="V")
    first, second, *_ = axes.figure.axes
    assert first is axes
    assert colorbar(second).ax.get_ylabel() == "potential std (kT)"
    pair = Figure().subplots(1, 2)
    assert plot_map(certain, "force", partition, uncertainty="panel", axes=pair) is pair[0]


def test_uncertainty_that_cannot_be_shown_is_refused(maps, partition):
    with pytest.raises(InvalidInputError, match="'sd', expected 'panel', 'opacity', 'mask'"):
        plot_map(maps, "potential", partition, uncertainty="sd")
    with pytest.raises(InvalidInputError, match="the maps have no 'potential std'"):
        plot_map(maps, "potential", partition, uncertainty="mask")
    with pytest.raises(InvalidInputError, match="`axes` are not two"):
        plot_map(maps, "potential", partition, uncertainty="panel", axes=Figure().subplots())
    with pytest.raises(InvalidInputError, match="`axes` are several"):
        plot_map(maps, "potential", partition, axes=Figure().subplots(1, 2))


def test_wells_are_outlined_with_their_depths(maps, partition):
    cells = tuple(int(cell) for cell in maps.maps.index[10:12])
    wells = pd.DataFrame(
        {"x": [1.0], "y": [0.5], "depth": [3.21], "depth std": [0.44], "cells": [cells]}
    )
    axes = plot_map(maps, "potential", partition, wells=wells)
    (border,) = artists(axes, LineCollection)
    # Two hexagons side by side share one of their twelve edges, and both sides of it go.
    assert len(border.get_segments()) == 10
    assert "3.2 ± 0.4" in [text.get_text() for text in axes.texts]
    with pytest.raises(InvalidInputError, match=r"`wells` is True \(bool\), expected DataFrame"):
        plot_map(maps, "potential", partition, wells=True)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="`wells` has no column 'depth', 'depth std'"):
        plot_map(maps, "potential", partition, wells=wells[["x", "y", "cells"]])
    with pytest.raises(InvalidInputError, match="give wells that were found in it"):
        plot_map(maps, "potential", partition, wells=wells.assign(cells=[(10_000,)]))


def test_a_scale_bar_is_in_place_of_axes(maps, partition):
    axes = plot_map(maps, "potential", partition, scale_bar=True)
    assert not axes.axison
    (bar,) = [artist for artist in axes.artists if isinstance(artist, AnchoredSizeBar)]
    assert bar.txt_label.get_text() == "0.5 µm"


# Many cells


@pytest.fixture(scope="module")
def many():
    """Ten thousand cells: a vortex."""
    cells = hexagons(np.array([[0.0, 0.0], [10.0, 10.0]]), resolution=0.107)
    x, y = cells.cell_centers.T - 5
    points = pd.DataFrame({"x": x + 5, "y": y + 5, "dx": 0.1, "dy": 0.1, "dt": 0.02})
    field = {"diffusivity": 0.1 + 0.01 * np.hypot(x, y), "force x": -y, "force y": x}
    assert 9_500 < cells.n_cells < 11_000
    return Maps(pd.DataFrame(field), "df"), Partition(points, cells, np.arange(cells.n_cells))


def test_arrows_of_many_cells_are_few_and_long_enough_to_see(many):
    maps, partition = many
    (arrows,) = artists(plot_map(maps, "force", partition), Arrows)
    assert 15**2 < arrows.N <= 21**2
    length = np.hypot(arrows.U, arrows.V)
    assert length.max() > 10 / 25  # µm: a twenty-fifth of the picture
    assert length.min() >= length.max() / 4  # none is a speck, as some at the eye would be
    # The mean of a linear field is its value at the mean place; rtol: roundings.
    x, y = arrows.XY.T - 5
    np.testing.assert_allclose(arrows.U * x, -arrows.V * y, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("feature", ["diffusivity", "force"])
def test_a_vector_file_of_many_cells_is_small_and_soon_written(many, feature):
    maps, partition = many
    axes = plot_map(maps, feature, partition)
    axes.figure.savefig(io.BytesIO(), format="pdf")  # loads what the first one needs
    times = []
    for _ in range(3):
        file = io.BytesIO()
        started = time.process_time()
        axes.figure.savefig(file, format="pdf")
        times.append(time.process_time() - started)
    assert file.tell() < 1e6
    assert min(times) < 3.0  # measured: 0.7, 0.8 on a busy machine


@pytest.mark.slow
@pytest.mark.parametrize("uncertainty", [None, "opacity", "mask", "panel"])
def test_a_text_file_of_many_cells_is_small(many, uncertainty):
    maps, partition = many
    deviations = np.random.default_rng(0).lognormal(-3, 0.8, len(maps))  # dots all over the map
    maps = Maps(maps.maps.assign(**{"diffusivity std": deviations}), maps.mode)
    file = io.BytesIO()
    plot_map(maps, "diffusivity", partition, uncertainty=uncertainty).figure.savefig(
        file, format="svg"
    )
    assert file.tell() < 1e6


def test_neighbours_of_one_colour_are_one_outline():
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    ring = [np.add(square, (i, j)) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    united = _united([*ring, np.add(square, (9, 0))])
    assert sorted(map(len, united)) == [5, 5, 13]  # the one apart, the hole, and what is around
    x, y = np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in united]).T
    assert (x[0] * y[1] - x[1] * y[0]).sum() / 2 == pytest.approx(9)


def test_paths_by_colour_are_what_paths_by_cell_are(maps, partition):
    def picture(kind):
        axes = plot_map(maps, "diffusivity", partition, colorbar=False)
        (cells,) = artists(axes, Polygons)
        if kind is PolyCollection:
            cells.draw = lambda renderer: PolyCollection.draw(cells, renderer)
        axes.figure.canvas.draw()
        return np.asarray(axes.figure.canvas.buffer_rgba(), dtype=float)

    # Corners are rounded to a hundredth of a pixel; edges are painted in another order.
    difference = np.abs(picture(Polygons) - picture(PolyCollection))
    assert difference.mean() < 0.5
    assert (difference > 64).mean() < 0.002


# Beside each other


@pytest.mark.parametrize("layout", [None, "constrained", "compressed", "tight"])
def test_colour_bars_do_not_run_into_neighbours(maps, partition, layout):
    figure = Figure(figsize=(12, 4), layout=layout)
    panels = figure.subplots(1, 3)
    for axes, feature in zip(panels, ("diffusivity", "potential", "force"), strict=True):
        plot_map(maps, feature, partition, axes=axes)
    figure.draw_without_rendering()
    ends = [colorbar(axes).ax.get_tightbbox().x1 for axes in panels]
    starts = [axes.get_tightbbox().x0 for axes in panels]
    assert all(end < start for end, start in zip(ends[:-1], starts[1:], strict=True))


def test_numbers_of_a_vector_file_are_short_and_arrows_are_two_paths(maps, partition, tmp_path):
    axes = plot_map(maps, "force", partition)
    axes.figure.set_size_inches(4.321, 3.217)  # where y points down, no number would be round
    axes.figure.savefig(tmp_path / "force.svg")
    text = (tmp_path / "force.svg").read_text()
    for number in (1, 2):  # cells, and arrows that are black or white
        drawn = text.partition(f'id="PathCollection_{number}"')[2].partition("</g>")[0]
        assert re.search(r'd="m \d', drawn)
        assert not re.search(r"\.\d{3}", "".join(re.findall(r' d="[^"]*"', drawn)))
    assert drawn.count("<path") == 2


def test_cells_that_are_hatched_or_fade_are_few_paths(maps, partition, tmp_path):
    spread = maps.maps["potential"].std()
    deviations = np.linspace(0.1, 0.11, len(maps)) * spread  # within one shade
    paths = []
    for uncertainty in (None, "opacity"):
        uncertain = with_deviations(maps, deviations)
        axes = plot_map(uncertain, "potential", partition, uncertainty=uncertainty)
        axes.figure.savefig(tmp_path / "map.svg")
        drawn = (tmp_path / "map.svg").read_text().partition('id="PathCollection_1"')[2]
        paths.append(drawn.partition("</g>")[0].count("<path"))
    assert paths[0] == paths[1]
    deviations = np.where(np.arange(len(maps)) < 5, 10 * spread, 0.01 * spread)
    axes = plot_map(with_deviations(maps, deviations), "potential", partition, uncertainty="mask")
    axes.figure.savefig(tmp_path / "map.svg")
    dotted = (tmp_path / "map.svg").read_text().partition('id="PathCollection_2"')[2]
    assert dotted.partition("</g>")[0].count("<path") == 1
