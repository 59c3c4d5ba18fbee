"""Borders of sets of cells."""

import numpy as np
import pytest

from tramway.tessellation import border_of, hexagons, outlines_of, quad_tree


def lengths(edges: np.ndarray) -> float:
    return float(np.linalg.norm(edges[:, 1] - edges[:, 0], axis=1).sum())


def test_outlines_go_around_parts_and_holes() -> None:
    cells = hexagons(np.array([[0.0, 0.0], [3.0, 3.0]]), resolution=0.5)
    polygons = cells.polygons()
    middle = int(np.linalg.norm(cells.cell_centers - 1.5, axis=1).argmin())
    starts = cells.adjacency_starts
    ring = cells.adjacency[starts[middle] : starts[middle + 1]]
    outer, inner = outlines_of([polygons[cell] for cell in ring])
    assert (len(outer), len(inner)) == (18, 6)  # six hexagons, each with three edges outside
    assert len(outlines_of([polygons[0], polygons[-1]])) == 2
    assert outlines_of([]) == []


def test_cells_of_different_sizes_share_parts_of_edges() -> None:
    points = np.random.default_rng(0).normal(size=(400, 2))
    cells = quad_tree(points, resolution=0.1, min_location_count=0, max_location_count=20)
    assert len(np.unique(cells.cell_volume)) > 2
    border = border_of(cells.polygons())
    corners = np.concatenate(cells.polygons())
    assert lengths(border) == pytest.approx(2 * np.ptp(corners, axis=0).sum())  # of the whole


def test_corners_that_differ_by_roundings_are_one() -> None:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    beside = square + np.array([1.0, 1.5e-9])
    assert lengths(border_of([square, beside])) == pytest.approx(6)
    (line,) = outlines_of([square, beside])
    assert len(line) == 6
