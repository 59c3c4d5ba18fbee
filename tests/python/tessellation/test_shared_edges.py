"""Edges that neighbouring cells share, of all kinds of cells."""

from typing import Literal

import numpy as np
import pytest

from tramway.tessellation import Tessellation, hexagons, quad_tree, squares, voronoi


def cells_of_edges(mesh: Tessellation) -> np.ndarray:
    return np.repeat(np.arange(mesh.n_cells), np.diff(mesh.adjacency_starts))


def from_outlines(mesh: Tessellation) -> tuple[np.ndarray, np.ndarray]:
    """As those of cells of which only the outlines are known."""
    return Tessellation.shared_edges(mesh)


@pytest.mark.parametrize("tilt", [0.0, 0.7])
def test_hexagons_share_their_sides(tilt: float) -> None:
    # The side of a hexagon of inradius r is 2 r / √3, and its normal points at the neighbour.
    mesh = hexagons(np.array([[0.0, 0.0], [3.0, 2.0]]), resolution=0.4, tilt=tilt)
    towards = mesh.cell_centers[mesh.adjacency] - mesh.cell_centers[cells_of_edges(mesh)]
    for length, normal in (mesh.shared_edges(), from_outlines(mesh)):
        np.testing.assert_allclose(length, 0.4 / np.sqrt(3), rtol=1e-9)
        np.testing.assert_allclose(normal, towards / 0.4, atol=1e-9)


def test_the_outline_of_a_cell_inside_is_closed() -> None:
    # ∮ n dl = 0 over the six sides.
    mesh = hexagons(np.array([[0.0, 0.0], [3.0, 2.0]]), resolution=0.4)
    length, normal = mesh.shared_edges()
    for cell in np.flatnonzero(np.diff(mesh.adjacency_starts) == 6):
        flow = (length[:, None] * normal)[cells_of_edges(mesh) == cell]
        np.testing.assert_allclose(flow.sum(axis=0), 0, atol=1e-12)


def test_cells_apart_share_nothing() -> None:
    mesh = hexagons(np.array([[0.0, 0.0], [3.0, 2.0]]), resolution=0.4)
    mesh.set_adjacency(0, 20)
    for length, _ in (mesh.shared_edges(), from_outlines(mesh)):
        apart = cells_of_edges(mesh) + mesh.adjacency == 20
        apart &= cells_of_edges(mesh) * mesh.adjacency == 0
        assert length[apart].tolist() == [0.0, 0.0]
        assert (length[~apart] > 0.2).all()


@pytest.mark.parametrize("clip", ["box", "hull"])
def test_edges_of_voronoi_cells_are_those_of_their_outlines(clip: Literal["box", "hull"]) -> None:
    points = np.random.default_rng(0).random((300, 2))
    mesh = voronoi(points, centers=points[:80], clip=clip)
    (length, normal), (expected, across) = mesh.shared_edges(), from_outlines(mesh)
    # Corners are rounded; the normal of an edge is as exact as that is to its length.
    np.testing.assert_allclose(length, expected, atol=1e-12)
    np.testing.assert_allclose(length[:, None] * normal, expected[:, None] * across, atol=1e-12)


def test_voronoi_cells_that_are_told_other_neighbours_keep_their_edges() -> None:
    points = np.random.default_rng(1).random((300, 2))
    mesh = voronoi(points, centers=points[:80])
    first, second = 10, int(mesh.neighbours(10)[0])
    length, _ = mesh.shared_edges()
    cell = cells_of_edges(mesh)
    is_pair = (np.minimum(cell, mesh.adjacency) == min(first, second)) & (
        np.maximum(cell, mesh.adjacency) == max(first, second)
    )
    mesh.set_adjacency(first, second, False)
    np.testing.assert_allclose(mesh.shared_edges()[0], length[~is_pair], rtol=1e-9)


def test_edges_of_squares_of_different_sizes_overlap_in_part() -> None:
    # The edge of two leaves is the whole side of the smaller one; that of squares, a side.
    points = np.random.default_rng(2).normal(0, 0.1, (4000, 2))
    tree = quad_tree(points, ref_distance=0.02)
    length, normal = tree.shared_edges()
    sides = tree.root_side / 2.0**tree.depths
    cell = cells_of_edges(tree)
    assert len(set(tree.depths)) > 2
    np.testing.assert_allclose(length, np.minimum(sides[cell], sides[tree.adjacency]), rtol=1e-9)
    towards = tree.cell_centers[tree.adjacency] - tree.cell_centers[cell]
    np.testing.assert_allclose(abs(normal).max(axis=1), 1.0, rtol=1e-12)
    assert ((normal * towards).sum(axis=1) > 0).all()


def test_squares_share_their_sides_and_corners() -> None:
    mesh = squares(np.array([[0.0, 0.0], [3.0, 2.0]]), count_per_dim=(4, 3))
    length, normal = mesh.shared_edges()
    towards = mesh.cell_centers[mesh.adjacency] - mesh.cell_centers[cells_of_edges(mesh)]
    # Between columns that is the height of a cell, 2/3, between rows the width, 3/4.
    is_beside, is_above = abs(towards[:, 1]) < 1e-9, abs(towards[:, 0]) < 1e-9
    expected = np.where(is_beside, 2 / 3, np.where(is_above, 3 / 4, 0.0))
    np.testing.assert_allclose(length, expected, atol=1e-12)
    np.testing.assert_allclose(normal[is_above], np.sign(towards[is_above]) * [0, 1], atol=1e-12)
