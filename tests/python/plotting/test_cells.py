import io

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from tramway.errors import InvalidInputError, WithoutEffectWarning
from tramway.plotting import plot_cell_indices, plot_cells
from tramway.plotting.polygons import Polygons
from tramway.tessellation import Summing, sample_nearest, time_segments


def artists(axes, kind):
    """The collections of exactly that kind: a quiver is a PolyCollection, too."""
    return [artist for artist in axes.collections if type(artist) is kind]


def test_one_outline_per_cell(partition):
    (cells,) = artists(plot_cells(partition), Polygons)
    drawn = [path.vertices[:-1] for path in cells.get_paths()]  # the last vertex closes the path
    expected = partition.tessellation.polygons()
    assert len(drawn) == partition.tessellation.n_cells
    for outline, polygon in zip(drawn, expected, strict=True):
        np.testing.assert_array_equal(outline, polygon)


def test_one_dot_per_translocation(partition):
    (dots,) = artists(plot_cells(partition), PathCollection)
    np.testing.assert_array_equal(dots.get_offsets(), partition.points[["x", "y"]])


def test_locations_can_be_left_out(partition):
    assert not artists(plot_cells(partition, locations=False), PathCollection)


def test_sums_have_no_locations(partition):
    summing = Summing(partition.tessellation)
    summing.add(partition.points)
    axes = plot_cells(summing.partition())
    assert artists(axes, Polygons)
    assert not artists(axes, PathCollection)


def test_axes_are_in_micrometres_and_to_scale(partition):
    axes = plot_cells(partition, title="region 1")
    assert axes.get_xlabel() == "x (µm)"
    assert axes.get_ylabel() == "y (µm)"
    assert axes.get_title() == "region 1"
    assert axes.get_aspect() == 1.0


def test_all_cells_are_within_the_limits(partition):
    axes = plot_cells(partition, locations=False)
    vertices = np.concatenate(partition.tessellation.polygons())
    for low, high, coordinate in (
        (*axes.get_xlim(), vertices[:, 0]),
        (*axes.get_ylim(), vertices[:, 1]),
    ):
        assert low < coordinate.min()
        assert coordinate.max() < high


def test_a_new_figure_has_the_proportions_of_the_region(partition):
    width, height = plot_cells(partition).figure.get_size_inches()
    assert width > height  # the region is twice as wide as it is high


def test_given_axes_are_used_without_pyplot(partition):
    axes = Figure().subplots()
    assert plot_cells(partition, axes=axes, aspect="auto") is axes
    assert axes.get_aspect() == "auto"
    assert pyplot.get_fignums() == []


def test_outline_style_is_that_of_the_polygons(partition):
    (cells,) = artists(plot_cells(partition, edgecolor="red", linewidth=2.0), Polygons)
    np.testing.assert_array_equal(cells.get_edgecolor(), [to_rgba("red")])
    np.testing.assert_array_equal(cells.get_linewidth(), [2.0])


def test_unknown_options_are_refused_and_those_of_arrows_change_nothing(partition, monkeypatch):
    with pytest.raises(InvalidInputError, match="no option `edge_colour`: expected"):
        plot_cells(partition, edge_colour="red")
    monkeypatch.setattr("tramway.attributes._told", set())
    with pytest.warns(WithoutEffectWarning, match="`cell_arrow_ratio` has no effect"):
        plot_cells(partition, cell_arrow_ratio=0.5)
    with pytest.warns(WithoutEffectWarning, match="logscale=True"):
        plot_cells(partition, transform=np.log)


def test_location_options_have_a_color_and_voronoi_options_a_style_of_centers(partition):
    axes = plot_cells(
        partition,
        location_options={"color": "red", "alpha": 1},
        voronoi_options={"centroid_style": "g+"},
    )
    (dots,) = artists(axes, PathCollection)
    np.testing.assert_array_equal(dots.get_facecolor(), [to_rgba("red")])
    (centers,) = axes.get_lines()
    np.testing.assert_array_equal(centers.get_xydata(), partition.tessellation.cell_centers)
    assert centers.get_marker() == "+"
    axes = plot_cells(partition, voronoi_options={"centroid_style": None})
    assert not axes.get_lines()


def test_options_as_scripts_name_them(partition):
    axes = plot_cells(
        partition,
        xlim=(0.5, 1.0),
        ylim=(0.2, 0.6),
        location_options={"style": "+", "color": "r"},
        voronoi_options={"color": "bggg", "style": "--"},
        delaunay_options=True,
    )
    assert (axes.get_xlim(), axes.get_ylim()) == ((0.5, 1.0), (0.2, 0.6))
    (dots,) = artists(axes, PathCollection)
    assert dots.get_linewidths()[0] > 0  # a cross is nothing but its lines
    (cells,) = artists(axes, Polygons)
    assert tuple(cells.get_edgecolor()[0]) == to_rgba("b")
    assert len(artists(axes, LineCollection)) == 1
    assert not artists(plot_cells(partition, delaunay_options=False), LineCollection)
    numbered = plot_cell_indices(partition, shift_indices=True, font_size=4)
    assert [text.get_text() for text in numbered.texts][:2] == ["1", "2"]
    assert numbered.texts[0].get_fontsize() == 4


def test_three_dimensional_cells_are_refused(partition, monkeypatch):
    monkeypatch.setattr(type(partition.tessellation), "dim", 3)
    with pytest.raises(InvalidInputError, match="`partition` has cells in 3 dimensions"):
        plot_cells(partition)


@pytest.mark.parametrize("file_format", ["png", "pdf"])
def test_the_figure_can_be_saved(partition, file_format):
    file = io.BytesIO()
    plot_cells(partition).figure.savefig(file, format=file_format)  # any warning is an error
    assert file.tell() > 0


def test_cells_are_drawn_once_with_the_translocations_of_one_segment_or_all(partition):
    end = partition.points["t"].max()
    cells = time_segments(partition.tessellation, [[0, 0.6 * end], [0.4 * end, end]])
    segmented = sample_nearest(partition.points, cells)
    for segment, expected in (
        (None, len(partition.points)),
        (1, len(cells.members(partition.points["t"])[1])),
    ):
        axes = plot_cells(segmented, segment=segment)
        (outlines,), (dots,) = (artists(axes, kind) for kind in (Polygons, PathCollection))
        assert len(outlines.get_paths()) == partition.tessellation.n_cells
        assert len(dots.get_offsets()) == expected


def test_the_current_axes_are_taken_if_they_are_empty(partition):
    pyplot.close("all")
    _, (left, right) = pyplot.subplots(1, 2)
    pyplot.sca(left)
    assert plot_cells(partition) is left
    assert plot_cells(partition) not in (left, right)  # nothing is drawn over unasked
    pyplot.sca(right)
    assert plot_cells(partition, locations=False) is right
    pyplot.close("all")


def test_other_locations_in_their_color(partition):
    shown = partition.points.iloc[:10]
    options = {"color": "red", "size": 3}
    axes = plot_cells(partition, locations=shown, location_options=options)
    (dots,) = artists(axes, PathCollection)
    np.testing.assert_array_equal(dots.get_offsets(), shown[["x", "y"]])
    assert to_rgba("red", 0.5) == tuple(dots.get_facecolor()[0])
    pyplot.close("all")
