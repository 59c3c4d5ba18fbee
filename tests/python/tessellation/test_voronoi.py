import numpy as np
import pytest
import scipy.spatial

from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.tessellation import nearest_cell, voronoi

RANDOM = np.random.default_rng(1)
POINTS = np.vstack([RANDOM.uniform((-1, 2), (2, 4), (500, 2)), [(-1, 2), (2, 4)]])
CENTERS = RANDOM.uniform((-1, 2), (2, 4), (60, 2))


def area(polygon: np.ndarray) -> float:
    x, y = (polygon - polygon[0]).T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


def test_cells_are_those_of_qhull_with_mirror_images() -> None:
    # Mirror images of the centers make the sides of the box bisectors: Qhull's cells of the centers
    # themselves then end there.
    cells = voronoi(POINTS, centers=CENTERS)
    images = [CENTERS]
    for axis, sides in enumerate([(-1, 2), (2, 4)]):
        for side in sides:
            image = CENTERS.copy()
            image[:, axis] = 2 * side - image[:, axis]
            images.append(image)
    qhull = scipy.spatial.Voronoi(np.concatenate(images))
    for cell, outline in enumerate(cells.polygons()):
        corners = qhull.vertices[qhull.regions[qhull.point_region[cell]]]
        expected = scipy.spatial.ConvexHull(corners)
        assert cells.cell_volume[cell] == pytest.approx(expected.volume)
        assert area(outline) == pytest.approx(expected.volume)
        assert len(outline) == len(corners)
    neighbours = {tuple(pair) for pair in np.sort(qhull.ridge_points, axis=1) if pair.max() < 60}
    pairs = np.transpose(cells.cell_adjacency.nonzero())
    assert {tuple(pair) for pair in pairs if pair[0] < pair[1]} == neighbours


def test_cells_tile_the_box_or_the_hull() -> None:
    box, hull = (voronoi(POINTS, centers=CENTERS, clip=clip) for clip in ("box", "hull"))
    assert box.cell_volume.sum() == pytest.approx(6)
    assert area(box.region) == pytest.approx(6)
    expected = scipy.spatial.ConvexHull(np.concatenate([POINTS, CENTERS])).volume
    assert hull.cell_volume.sum() == pytest.approx(expected)
    assert np.all(hull.cell_volume <= box.cell_volume + 1e-12)
    for cells in (box, hull):
        expected = scipy.spatial.KDTree(CENTERS).query(POINTS)[1]
        np.testing.assert_array_equal(nearest_cell(POINTS, cells), expected)


def test_centers_beyond_the_points_widen_the_box() -> None:
    cells = voronoi(POINTS, centers=[(0, 3), (5, 3)])
    assert cells.cell_volume.sum() == pytest.approx(12)
    np.testing.assert_allclose(cells.cell_volume, [3.5 * 2, 2.5 * 2])


def test_one_center_has_all() -> None:
    cells = voronoi(POINTS, centers=[(0.0, 3.0)])
    assert cells.cell_volume == pytest.approx([6])
    assert len(cells.adjacency) == 0
    assert [len(polygon) for polygon in cells.polygons()] == [4]


@pytest.mark.parametrize(
    ("points", "centers", "clip", "message"),
    [
        (POINTS, [(0, 3), (1, 3), (0, 3)], "box", r"`centers\[2\]`.*the same as center 0"),
        (POINTS, [(0, 3), (1, np.inf)], "box", "finite"),
        (POINTS, [0, 3], "box", r"shape \(2,\), expected \(n_cells, 2\)"),
        (POINTS, CENTERS, "circle", "`clip` is 'circle'"),
        (np.zeros((4, 3)), CENTERS, "box", "Voronoi cells are for two dimensions"),
    ],
)
def test_bad_input_is_refused(points: object, centers: object, clip: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        voronoi(points, centers=centers, clip=clip)


def test_an_area_is_needed() -> None:
    line = np.column_stack([np.linspace(0, 1, 9)] * 2)
    assert voronoi(line, centers=line[::4]).cell_volume.sum() == pytest.approx(1)
    for points, clip in ((line, "hull"), (line * (1, 0), "box")):
        with pytest.raises(InsufficientDataError, match="lie on a line"):
            voronoi(points, centers=points[::4], clip=clip)
    with pytest.raises(InsufficientDataError, match="no cell center"):
        voronoi(POINTS, centers=np.zeros((0, 2)))
