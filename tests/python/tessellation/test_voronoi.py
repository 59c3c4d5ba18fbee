import numpy as np
import pytest
import scipy.spatial

from tramway.errors import InsufficientDataError, InvalidInputError
from tramway.tessellation import VoronoiTessellation, nearest_cell, voronoi

RANDOM = np.random.default_rng(1)
POINTS = np.vstack([RANDOM.uniform((-1, 2), (2, 4), (500, 2)), [(-1, 2), (2, 4)]])
CENTERS = RANDOM.uniform((-1, 2), (2, 4), (60, 2))


def area(polygon: np.ndarray) -> float:
    x, y = (polygon - polygon[0]).T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


def mirrored_cells(
    centers: np.ndarray, lower: tuple[float, ...], upper: tuple[float, ...]
) -> tuple[list[np.ndarray], set[tuple[int, ...]]]:
    """Corners of each cell in a box, and pairs of neighbours, by Qhull.

    Mirror images of the centers make the sides of the box bisectors: Qhull's cells of the centers
    themselves then end there.
    """
    images = [centers]
    for axis, sides in enumerate(zip(lower, upper, strict=True)):
        for side in sides:
            image = centers.copy()
            image[:, axis] = 2 * side - image[:, axis]
            images.append(image)
    qhull = scipy.spatial.Voronoi(np.concatenate(images))
    regions = [qhull.regions[qhull.point_region[cell]] for cell in range(len(centers))]
    pairs = np.sort(qhull.ridge_points, axis=1)
    inner = {tuple(pair) for pair in pairs.tolist() if pair[1] < len(centers)}
    return [qhull.vertices[region] for region in regions], inner


def neighbour_pairs(cells: VoronoiTessellation) -> set[tuple[int, ...]]:
    pairs = np.transpose(cells.cell_adjacency.nonzero())
    return {tuple(pair) for pair in pairs.tolist() if pair[0] < pair[1]}


def test_cells_are_those_of_qhull() -> None:
    cells = voronoi(POINTS, centers=CENTERS)
    corners, neighbours = mirrored_cells(CENTERS, (-1, 2), (2, 4))
    for cell, outline in enumerate(cells.polygons()):
        expected = scipy.spatial.ConvexHull(corners[cell])
        assert cells.cell_volume[cell] == pytest.approx(expected.volume)
        assert area(outline) == pytest.approx(expected.volume)
        assert len(outline) == len(corners[cell])
    assert neighbour_pairs(cells) == neighbours


@pytest.mark.parametrize("n_cells", [2, 9, 200])
def test_cells_in_space_are_those_of_qhull(n_cells: int) -> None:
    lower, upper = (-1.0, 2.0, 0.0), (2.0, 4.0, 0.5)
    centers = np.random.default_rng(n_cells).uniform(lower, upper, (n_cells, 3))
    cells = voronoi([lower, upper], centers=centers)
    corners, neighbours = mirrored_cells(centers, lower, upper)
    expected = [scipy.spatial.ConvexHull(corner).volume for corner in corners]
    np.testing.assert_allclose(cells.cell_volume, expected)
    assert neighbour_pairs(cells) == neighbours
    np.testing.assert_array_equal(cells.region, [lower, upper])
    with pytest.raises(InvalidInputError, match="polyhedra have no outlines"):
        cells.polygons()


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
        (np.zeros((4, 1)), CENTERS, "box", "Voronoi cells are for two or three dimensions"),
        (np.zeros((4, 3)), CENTERS, "box", r"shape \(60, 2\), expected \(n_cells, 3\)"),
        (np.eye(3), np.eye(3), "hull", "expected 'box' in three dimensions"),
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
    with pytest.raises(InsufficientDataError, match="lie in a plane"):
        voronoi(np.eye(3)[:2], centers=np.eye(3)[:2])
    with pytest.raises(InsufficientDataError, match="no cell center"):
        voronoi(POINTS, centers=np.zeros((0, 2)))
