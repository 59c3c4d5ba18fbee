"""The DV objective with its exact gradient in vectorised numpy: the peer for L-BFGS-B.

Per displacement, without reduction to sufficient statistics, as one would write it first; the
spatial operators are sparse matrices built once.
"""

import numpy as np
import scipy.sparse as sparse

from tramway.tessellation import Partition

SIDE = np.sin(np.pi * 0.05)


class NumpyObjective:
    """Negative log posterior of the cells that hold data, in the variables ``[D…, V…]``."""

    def __init__(self, partition: Partition, sigma: float, prior_d: float, prior_v: float) -> None:
        mesh = partition.tessellation
        self.cells = np.unique(partition.cells)
        self.index = np.searchsorted(self.cells, partition.cells)
        self.dr, self.dt = partition.displacements, partition.lags
        self.variance, self.priors = sigma**2, (prior_d, prior_v)
        centers = mesh.cell_centers[self.cells]
        adjacency = mesh.cell_adjacency.tocsr()[self.cells][:, self.cells].tocsr()
        self.gradient = [self._gradient(centers, adjacency, axis) for axis in (0, 1)]
        complete = np.all([g.getnnz(axis=1) > 0 for g in self.gradient], axis=0)
        self.gradient = [sparse.diags(complete.astype(float)) @ g for g in self.gradient]
        self.smoothness = self._smoothness(centers, adjacency, mesh.cell_volume[self.cells])

    @staticmethod
    def _gradient(
        centers: np.ndarray, adjacency: sparse.csr_matrix, axis: int
    ) -> sparse.csr_matrix:
        rows = sparse.lil_matrix(adjacency.shape)
        for i in range(len(centers)):
            neighbours = adjacency.indices[adjacency.indptr[i] : adjacency.indptr[i + 1]]
            offset = centers[neighbours] - centers[i]
            cosine = offset[:, axis] / np.linalg.norm(offset, axis=1)
            sides = [neighbours[cosine < -SIDE], neighbours[cosine > SIDE]]
            means = [centers[s, axis].mean() - centers[i, axis] if len(s) else None for s in sides]
            low, high = means
            if low is not None and high is not None:
                weights = [-high / (low * (low - high)), -low / (high * (high - low))]
            else:
                weights = [1 / mean if mean is not None else 0.0 for mean in means]
            for side, weight in zip(sides, weights, strict=True):
                for j in side:
                    rows[i, j] = weight / len(side)
                    rows[i, i] -= weight / len(side)
        return rows.tocsr()

    @staticmethod
    def _smoothness(
        centers: np.ndarray, adjacency: sparse.csr_matrix, volumes: np.ndarray
    ) -> sparse.csr_matrix:
        coo = adjacency.tocoo()
        distance = np.linalg.norm(centers[coo.row] - centers[coo.col], axis=1)
        degree = np.diff(adjacency.indptr)
        slope = np.sqrt(volumes[coo.row] / degree[coo.row]) / distance
        edge = np.arange(len(slope))
        shape = (len(slope), len(centers))
        entries = np.r_[edge, edge], np.r_[coo.col, coo.row]
        b = sparse.csr_matrix((np.r_[slope, -slope], entries), shape)
        return (b.T @ b).tocsr()

    def start(self) -> np.ndarray:
        squares = np.bincount(self.index, (self.dr**2).sum(1) / 4 - self.variance)
        d = squares / np.bincount(self.index, self.dt)
        return np.r_[np.maximum(d, 1e-3), np.zeros(len(d))]

    def value_and_gradient(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        d, v = np.split(x, 2)
        g = np.stack([operator @ v for operator in self.gradient], 1)[self.index]
        b = d[self.index] * self.dt
        q = 4 * (b + self.variance)
        residual = self.dr + b[:, None] * g
        squares = (residual**2).sum(1)
        value = np.log(np.pi * q).sum() + (squares / q).sum()
        by_d = self.dt * (4 / q + 2 * (residual * g).sum(1) / q - 4 * squares / q**2)
        by_g = 2 * (b / q)[:, None] * residual
        gradient_d = np.bincount(self.index, by_d)
        gradient_v = sum(
            operator.T @ np.bincount(self.index, by_g[:, axis])
            for axis, operator in enumerate(self.gradient)
        )
        gradients = gradient_d, gradient_v
        for prior, part, gradient in zip(self.priors, (d, v), gradients, strict=True):
            slope = self.smoothness @ part
            value += prior * (part @ slope)
            gradient += 2 * prior * slope
        return value, np.r_[gradient_d, gradient_v]
