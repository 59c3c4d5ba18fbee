"""How long molecules stay in a set of cells: mean first-passage times in a map of V and D."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tramway.tessellation import Tessellation

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_SIDE = 40  # squares along the side of a set of cells, at least
_PER_CELL = 4  # and along that of a cell
_MOST = 40_000  # squares altogether
_ROUNDING = 1e-12  # of shares of the corners of a triangle


@dataclass(frozen=True, eq=False)
class Lattice:
    """Small squares that fill a set of cells.

    Attributes
    ----------
    side
        Side of a square, µm.
    centers
        Their centers, (n, 2), µm.
    first, second
        Squares side by side, (pairs,), each pair once.
    sides_on_border
        How many sides of each square are on the border of the set, (n,).
    """

    side: float
    centers: NDArray[np.float64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    sides_on_border: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PassageTime:
    """A mean first-passage time, and how it changes with the map.

    Attributes
    ----------
    time
        Mean time to reach the border of the set, s.
    by_potential, by_diffusivity
        Its derivatives by the values of V (s/kT) and D (s²/µm²) at each square, (n,).
    """

    time: float
    by_potential: NDArray[np.float64]
    by_diffusivity: NDArray[np.float64]


def lattice_in(tessellation: Tessellation, cells: NDArray[np.int64]) -> Lattice:
    """Fill some two-dimensional cells with squares: those whose centers are inside.

    Parameters
    ----------
    tessellation
        Convex cells.
    cells
        Numbers of some of them.
    """
    area = tessellation.cell_volume[cells]
    side = min(np.sqrt(np.median(area)) / _PER_CELL, np.sqrt(area.sum()) / _SIDE)
    side = float(max(side, np.sqrt(area.sum() / _MOST)))
    outlines = tessellation.polygons()
    polygons = [outlines[cell] for cell in cells]
    lowest = np.min([polygon.min(axis=0) for polygon in polygons], axis=0)
    places = np.concatenate([_places_in(polygon, lowest, side) for polygon in polygons])
    width = int(places[:, 1].max(initial=0)) + 3
    keys = np.unique((places + 1) @ [width, 1])  # a center on an edge is in two cells
    places = np.stack(np.divmod(keys, width), axis=1) - 1
    pairs, on_border = [], np.zeros(len(keys), dtype=np.int64)
    for step in (width, 1, -width, -1):
        at = np.searchsorted(keys, keys + step)
        is_there = keys[np.minimum(at, len(keys) - 1)] == keys + step
        on_border += ~is_there
        if step > 0:
            pairs.append(np.stack([np.flatnonzero(is_there), at[is_there]]))
    first, second = np.concatenate(pairs, axis=1)
    return Lattice(side, lowest + side * (places + 0.5), first, second, on_border)


def _places_in(
    polygon: NDArray[np.float64], lowest: NDArray[np.float64], side: float
) -> NDArray[np.int64]:
    """Column and row of the squares whose centers are in a convex polygon."""
    low = np.floor((polygon.min(axis=0) - lowest) / side).astype(np.int64)
    high = np.ceil((polygon.max(axis=0) - lowest) / side).astype(np.int64)
    columns, rows = (np.arange(first, last + 1) for first, last in zip(low, high, strict=True))
    places = np.stack(np.meshgrid(columns, rows, indexing="ij"), axis=-1).reshape(-1, 2)
    centers = lowest + side * (places + 0.5)
    edges = np.roll(polygon, -1, axis=0) - polygon
    offsets = centers[:, None] - polygon
    turns = edges[:, 0] * offsets[:, :, 1] - edges[:, 1] * offsets[:, :, 0]
    is_inside = np.logical_or((turns >= 0).all(axis=1), (turns <= 0).all(axis=1))
    return np.asarray(places[is_inside])


def interpolation(
    centers: NDArray[np.float64], points: NDArray[np.float64], *, is_curved: bool = False
) -> "csr_array":
    """Weights (n points, n centers) of values at centers: linear between three, the nearest beyond.

    Curved, the slopes at these three, fitted to the centers around, count, too: to the value of
    each is added half of what its slope adds on the way to the point, in the shares of linear
    interpolation. Where values are quadratic and the slopes theirs, that is exact.

    Parameters
    ----------
    centers, points
        Arrays (…, 2), µm.
    is_curved
        Whether values between centers are quadratic rather than linear.
    """
    from scipy.sparse import csr_array
    from scipy.spatial import Delaunay, KDTree, QhullError

    nearest = np.asarray(KDTree(centers).query(points)[1], dtype=np.int64)
    columns = np.repeat(nearest, 3).reshape(-1, 3)
    shares = np.tile([1.0, 0.0, 0.0], (len(points), 1))
    try:
        triangles = Delaunay(centers) if len(centers) >= 3 else None
    except QhullError:  # all on one line
        triangles = None
    if triangles is not None:
        inside, corners, found = _located(triangles, nearest, points)
        columns[inside], shares[inside] = corners, found
    rows = np.repeat(np.arange(len(points)), 3)
    at, shape = (rows, columns.ravel()), (len(points), len(centers))
    weights = csr_array((shares.ravel(), at), shape=shape)
    if triangles is None or not is_curved:
        return weights
    ways = (points[:, None] - centers[columns]) * (shares / 2)[:, :, None]
    is_beyond = shares.max(axis=1) == 1.0
    ways[is_beyond] = 0.0  # the nearest center, or at one
    for axis, slope in enumerate(_slopes(triangles)):
        weights += csr_array((ways[:, :, axis].ravel(), at), shape=shape) @ slope
    return weights


def _slopes(triangles: Any) -> tuple["csr_array", "csr_array"]:
    """Slopes along x and y at the corners of triangles, of the plane that fits best around each.

    Through the corner itself; corners beside it weigh by the inverse square of the distance.
    """
    from scipy.sparse import csr_array, diags_array

    starts, beside = triangles.vertex_neighbor_vertices
    n = len(triangles.points)
    corner = np.repeat(np.arange(n), np.diff(starts))
    ways = triangles.points[beside] - triangles.points[corner]
    ways /= (ways**2).sum(axis=1, keepdims=True)  # direction over distance
    products = (ways[:, :, None] * ways[:, None]) * (1 / (ways**2).sum(axis=1))[:, None, None]
    sums = np.stack([np.bincount(corner, part, n) for part in products.reshape(-1, 4).T], axis=1)
    xx, xy, _, yy = sums.T
    determinant = xx * yy - xy**2  # of unit vectors: from 0 to a quarter of their number squared
    is_plane = determinant > _ROUNDING
    inverse = np.where(is_plane, 1 / np.where(is_plane, determinant, 1.0), 0.0)
    found = []
    for along, across, of_along, of_both in ((0, 1, yy, xy), (1, 0, xx, xy)):
        entries = inverse[corner] * (
            of_along[corner] * ways[:, along] - of_both[corner] * ways[:, across]
        )
        slope = csr_array((entries, (corner, beside)), shape=(n, n))
        found.append(slope - diags_array(slope.sum(axis=1)))
    return found[0], found[1]


def _located(
    triangles: Any, nearest: NDArray[np.int64], points: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Points within some triangle: which, its corners (k, 3), and their shares (k, 3).

    All walk at once, each from a triangle of the nearest center across the side that it is farthest
    beyond; in a Delaunay triangulation, such a walk never comes back. It ends at the border, or in
    a triangle that is flat, of which there are some at the border only. (Delaunay.find_simplex
    would call LAPACK for each triangle, whose threads wait for each other.)
    """
    at = triangles.vertex_to_simplex[nearest]
    shares = np.full((len(points), 3), -1.0)
    walking = np.flatnonzero(at >= 0)
    for _ in range(len(triangles.simplices)):
        if not len(walking):
            break
        corners = triangles.points[triangles.simplices[at[walking]]]
        found = _shares_in(corners, points[walking])
        shares[walking] = found
        beyond = triangles.neighbors[at[walking], found.argmin(axis=1)]
        is_on = (found.min(axis=1) < -_ROUNDING) & (beyond >= 0) & ~np.isnan(found[:, 0])
        walking, beyond = walking[is_on], beyond[is_on]
        at[walking] = beyond
    inside = np.flatnonzero(shares.min(axis=1) >= -_ROUNDING)
    return inside, triangles.simplices[at[inside]], shares[inside]


def _shares_in(corners: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Barycentric coordinates (n, 3) of points, each in a triangle; NaN where that is flat."""
    (ax, ay), (bx, by) = np.moveaxis(corners[:, 1:] - corners[:, :1], 0, -1)
    x, y = (points - corners[:, 0]).T
    twice_area = ax * by - ay * bx
    is_flat = np.abs(twice_area) <= _ROUNDING * (ax**2 + ay**2 + bx**2 + by**2)
    twice_area = np.where(is_flat, np.nan, twice_area)
    second, third = (x * by - y * bx) / twice_area, (y * ax - x * ay) / twice_area
    return np.stack([1 - second - third, second, third], axis=1)


class Passage:
    """Molecules in a potential on their way to the border of a set of cells.

    The mean time T to the border solves the backward equation :math:`e^V ∇·(D e^{-V} ∇T) = -1` with
    T = 0 there [1]_; by finite volumes, with the flux between two squares that is exact where V is
    linear and D constant [2]_. The dynamics is the one whose equilibrium is :math:`e^{-V}` wherever
    D varies.

    Parameters
    ----------
    lattice
        The set of cells.
    potential, diffusivity
        V and D at its squares, (n,), kT and µm²/s, D > 0.

    References
    ----------
    .. [1] Hänggi, Talkner & Borkovec, Rev. Mod. Phys. 62, 251 (1990).
    .. [2] Scharfetter & Gummel, IEEE Trans. Electron Devices 16, 64 (1969).
    """

    def __init__(
        self, lattice: Lattice, potential: NDArray[np.float64], diffusivity: NDArray[np.float64]
    ) -> None:
        from scipy.sparse import coo_array
        from scipy.sparse.linalg import splu

        i, j = self._pairs = lattice.first, lattice.second
        potential = potential - potential.min()
        boltzmann = np.exp(-potential)
        self._mass = lattice.side**2 * boltzmann
        rise = potential[j] - potential[i]
        # D (b - a) / (e^b - e^a), with the derivative of the logarithm of (x/2) / sinh(x/2)
        half = np.where(np.abs(rise) < 1e-4, 1e-4, rise) / 2
        self._mean = (diffusivity[i] + diffusivity[j]) / 2
        flux = self._mean * np.exp(-(potential[i] + potential[j]) / 2) * half / np.sinh(half)
        self._slope = (1 / half - 1 / np.tanh(half)) / 2
        # The border is half a square away from centers beside it.
        out = 2 * lattice.sides_on_border * diffusivity * boltzmann
        self._flux, self._out, self._diffusivity = flux, out, diffusivity

        n = len(potential)
        diagonal = out + np.bincount(i, flux, n) + np.bincount(j, flux, n)
        rows, columns = np.concatenate([i, j, np.arange(n)]), np.concatenate([j, i, np.arange(n)])
        entries = np.concatenate([-flux, -flux, diagonal])
        operator = coo_array((entries, (rows, columns)), shape=(n, n)).tocsc()
        self._operator = splu(operator, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
        self._times = self._operator.solve(self._mass)

    def time(self, start: int | None = None) -> PassageTime:
        """Mean time to the border.

        Parameters
        ----------
        start
            Square where the molecule starts; None: anywhere, in equilibrium within the set.
        """
        (i, j), n, times, flux = self._pairs, len(self._mass), self._times, self._flux
        weights = self._mass / self._mass.sum()
        if start is not None:
            weights = np.zeros(n)
            weights[start] = 1.0
        adjoint = self._operator.solve(weights)
        time = float(weights @ times)

        along = (times[i] - times[j]) * (adjoint[i] - adjoint[j])
        across = self._out * times * adjoint
        by_potential = -adjoint * self._mass + across
        by_potential += np.bincount(i, flux * along * (0.5 + self._slope), n)
        by_potential += np.bincount(j, flux * along * (0.5 - self._slope), n)
        if start is None:
            by_potential -= weights * (times - time)
        share = flux * along / (2 * self._mean)
        by_diffusivity = -across / self._diffusivity
        by_diffusivity -= np.bincount(i, share, n) + np.bincount(j, share, n)
        return PassageTime(time, by_potential, by_diffusivity)
