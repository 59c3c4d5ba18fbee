"""The DV objective with exact derivatives in vectorised numpy: the peer for SciPy's solvers.

From the sums of each cell, with sparse matrices for gradients and priors: what one would write in
Python who knows how it is done.
"""

import numpy as np
import scipy.sparse as sparse

SIDE = np.sin(np.pi * 0.05)


class NumpyObjective:
    """Negative log posterior of the cells that hold data, in the variables ``[D…, V…]``."""

    def __init__(self, partition, sigma: float, prior_d: float, prior_v: float) -> None:
        mesh = partition.tessellation
        self.cells, index = np.unique(partition.cells, return_inverse=True)
        dr, lags = partition.displacements, partition.lags
        self.lag, self.variance, self.priors = lags[0], sigma**2, (prior_d, prior_v)
        assert np.allclose(lags, self.lag)
        self.count = np.bincount(index).astype(float)
        self.sums = np.stack([np.bincount(index, dr[:, axis]) for axis in (0, 1)], axis=1)
        self.squares = np.bincount(index, (dr**2).sum(axis=1))
        centers = mesh.cell_centers[self.cells]
        adjacency = mesh.cell_adjacency.tocsr()[self.cells][:, self.cells].tocoo()
        self.gradient = [_gradient(centers, adjacency, axis) for axis in (0, 1)]
        complete = np.all([g.getnnz(axis=1) > 0 for g in self.gradient], axis=0)
        self.gradient = [(sparse.diags(complete * 1.0) @ g).tocsr() for g in self.gradient]
        self.smoothness = _smoothness(centers, adjacency, mesh.cell_volume[self.cells])

    def start(self) -> np.ndarray:
        d = (self.squares / (4 * self.count) - self.variance) / self.lag
        return np.r_[np.maximum(d, 1e-3), np.zeros(len(d))]

    def _cells(self, x: np.ndarray) -> tuple[np.ndarray, ...]:
        """Maps, and what each cell has of them: b = D Δt, ∇V, q, squares of residuals, b ∂/∂b."""
        d, v = np.split(x, 2)
        g = np.stack([operator @ v for operator in self.gradient], axis=1)
        b = d * self.lag
        q = 4 * (b + self.variance)
        slope, steep = (g * self.sums).sum(axis=1), self.count * (g**2).sum(axis=1)
        return d, v, g, b, q, self.squares + 2 * b * slope + b**2 * steep, slope, steep

    def value(self, x: np.ndarray) -> float:
        d, v, _, _, q, squares, _, _ = self._cells(x)
        value = (self.count * np.log(np.pi * q)).sum() + (squares / q).sum()
        for prior, field in zip(self.priors, (d, v), strict=True):
            value += prior * (field @ (self.smoothness @ field))
        return value

    def value_and_gradient(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        d, v, g, b, q, squares, slope, steep = self._cells(x)
        by_b = 4 * self.count / q + 2 * (slope + b * steep) / q - 4 * squares / q**2
        by_g = 2 * (b / q)[:, None] * (self.sums + (b * self.count)[:, None] * g)
        by_v = sum(operator.T @ by_g[:, axis] for axis, operator in enumerate(self.gradient))
        gradient = np.r_[
            self.lag * by_b + 2 * self.priors[0] * (self.smoothness @ d),
            by_v + 2 * self.priors[1] * (self.smoothness @ v),
        ]
        return self.value(x), gradient

    def hessian(self, x: np.ndarray, expected: bool) -> sparse.csc_matrix:
        """Exact, or what is expected of the data (Fisher information)."""
        _, _, g, b, q, squares, slope, steep = self._cells(x)
        n = self.count
        by_gg = 2 * n * b**2 / q
        if expected:
            by_bb = 16 * n / q**2 + 2 * steep / q
            by_bg = (2 * n * b / q)[:, None] * g
        else:
            first = 2 * (slope + b * steep)
            by_bb = -16 * n / q**2 + 2 * steep / q - 8 * first / q**2 + 32 * squares / q**3
            moved = b[:, None] * self.sums + (b**2 * n)[:, None] * g
            by_bg = (2 * self.sums + (4 * n * b)[:, None] * g) / q[:, None]
            by_bg = by_bg - 8 * moved / (q**2)[:, None]
        diagonal = sparse.diags_array
        cross = sum(
            diagonal(self.lag * by_bg[:, axis]) @ operator
            for axis, operator in enumerate(self.gradient)
        )
        by_v = sum(operator.T @ diagonal(by_gg) @ operator for operator in self.gradient)
        # The potential is known up to a constant: what is added has no effect on its shape.
        by_v = by_v + 2 * self.priors[1] * self.smoothness + 1e-8 * sparse.eye_array(len(n))
        by_d = diagonal(self.lag**2 * by_bb) + 2 * self.priors[0] * self.smoothness
        return sparse.csc_matrix(sparse.block_array([[by_d, cross], [cross.T, by_v]]))


def _gradient(centers: np.ndarray, adjacency: sparse.coo_array, axis: int) -> sparse.csr_matrix:
    """Slope of the parabola through a cell and the means of its neighbours on both sides."""
    row, column, count = adjacency.row, adjacency.col, len(centers)
    offset = centers[column] - centers[row]
    cosine = offset[:, axis] / np.linalg.norm(offset, axis=1)
    sides = [np.flatnonzero(cosine < -SIDE), np.flatnonzero(cosine > SIDE)]
    found = [np.bincount(row[side], minlength=count) for side in sides]
    low, high = (
        np.bincount(row[side], offset[side, axis], minlength=count) / np.maximum(number, 1)
        for side, number in zip(sides, found, strict=True)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        two = (found[0] > 0) & (found[1] > 0)
        weights = [
            np.where(two, -high / (low * (low - high)), 1 / low),
            np.where(two, -low / (high * (high - low)), 1 / high),
        ]
    entries = [
        (weight[row[side]] / number[row[side]], row[side], column[side])
        for side, number, weight in zip(sides, found, weights, strict=True)
    ]
    value, i, j = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    parts = np.r_[value, -value], (np.r_[i, i], np.r_[j, i])
    return sparse.csr_matrix(parts, shape=(count, count))


def _smoothness(
    centers: np.ndarray, adjacency: sparse.coo_array, volumes: np.ndarray
) -> sparse.csr_matrix:
    distance = np.linalg.norm(centers[adjacency.row] - centers[adjacency.col], axis=1)
    degree = np.bincount(adjacency.row, minlength=len(centers))
    slope = np.sqrt(volumes[adjacency.row] / degree[adjacency.row]) / distance
    edge = np.arange(len(slope))
    entries = np.r_[edge, edge], np.r_[adjacency.col, adjacency.row]
    b = sparse.csr_matrix((np.r_[slope, -slope], entries), (len(slope), len(centers)))
    return (b.T @ b).tocsr()
