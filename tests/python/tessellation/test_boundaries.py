"""Edges that cells share."""

import numpy as np
import pytest

from tramway.tessellation import hexagons
from tramway.tessellation.boundaries import boundaries


@pytest.mark.parametrize("tilt", [0.0, 0.7])
def test_hexagons_share_their_sides(tilt: float) -> None:
    # The side of a hexagon of inradius r is 2 r / √3, and its normal points at the neighbour.
    mesh = hexagons(np.array([[0.0, 0.0], [3.0, 2.0]]), resolution=0.4, tilt=tilt)
    edges = boundaries(mesh)
    np.testing.assert_allclose(edges.length, 0.4 / np.sqrt(3), rtol=1e-9)
    towards = mesh.cell_centers[edges.neighbour] - mesh.cell_centers[edges.cell]
    np.testing.assert_allclose(edges.normal, towards / 0.4, atol=1e-9)


def test_the_outline_of_a_cell_inside_is_closed() -> None:
    # ∮ n dl = 0 over the six sides.
    mesh = hexagons(np.array([[0.0, 0.0], [3.0, 2.0]]), resolution=0.4)
    edges = boundaries(mesh)
    inside = np.flatnonzero(np.diff(mesh.adjacency_starts) == 6)
    flow = edges.length[:, None] * edges.normal
    for cell in inside:
        np.testing.assert_allclose(flow[edges.cell == cell].sum(axis=0), 0, atol=1e-12)
