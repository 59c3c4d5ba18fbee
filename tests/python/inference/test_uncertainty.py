"""Error bars, evidence and chosen priors of the DV model: against the model itself, and truth."""

import warnings
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from tramway import _core
from tramway.data import read_trajectories, simulate, translocations
from tramway.data.simulation import Well
from tramway.errors import InvalidInputError
from tramway.inference import contrast, get_model, infer_diffusivity_potential
from tramway.tessellation import Partition, hexagons, nearest_cell

LAG, SIGMA = 0.025, 0.02


def partition(table: Any, **options: Any) -> Partition:
    origins = table[["x", "y"]].to_numpy()
    tessellation = hexagons(origins, **options)
    return Partition(table, tessellation, nearest_cell(origins, tessellation), {})


def posterior_of(
    mesh: Any, cell: Any, displacements: Any, sigma: float, weights: tuple[float, float]
) -> _core.Posterior:
    """Posterior of the DV model for displacements of one lag, with these priors."""
    priors = dict(zip(("diffusivity_prior", "potential_prior"), weights, strict=True))
    return _core.Posterior(
        "dv",
        mesh,
        (cell, displacements, np.full(len(cell), LAG), None),
        {"localization_precision": sigma, "priors": priors},
    )


class Lattice:
    """Cells with the operators of the model as dense matrices, written from its formulas."""

    def __init__(self) -> None:
        self.mesh = hexagons(np.array([[0.0, 0.0], [2.0, 2.0]]), resolution=0.25)
        centers, count = self.mesh.cell_centers, self.mesh.n_cells
        self.gradient = np.zeros((2, count, count))
        self.laplacian = np.zeros((count, count))
        starts, neighbours = self.mesh.adjacency_starts, self.mesh.adjacency
        for i in range(count):
            near = neighbours[starts[i] : starts[i + 1]]
            offset = centers[near] - centers[i]
            distance = np.linalg.norm(offset, axis=1)
            for axis in (0, 1):
                cosine = offset[:, axis] / distance
                self._derivative(i, axis, near[cosine < -0.1564], near[cosine > 0.1564])
            for j, weight in zip(
                near, self.mesh.cell_volume[i] / len(near) / distance**2, strict=True
            ):
                self.laplacian[[i, j], [i, j]] += weight
                self.laplacian[[i, j], [j, i]] -= weight
        values, self.modes = np.linalg.eigh(self.laplacian)
        values[0] = np.inf  # the prior leaves the mean free; the draws have mean zero
        self.roughness = values

    def _derivative(self, i: int, axis: int, low: Any, high: Any) -> None:
        row, centers = self.gradient[axis, i], self.mesh.cell_centers
        means = [centers[s, axis].mean() - centers[i, axis] if len(s) else 0 for s in (low, high)]
        a, b = means
        weights = (
            [-b / (a * (a - b)), -a / (b * (b - a))] if a and b else [a and 1 / a, b and 1 / b]
        )
        for side, weight in zip((low, high), weights, strict=True):
            row[side] += weight / max(len(side), 1)
            row[i] -= weight

    def draw(self, weight: float, generator: np.random.Generator) -> NDArray[np.float64]:
        """Draw a map from the smoothness prior of this weight."""
        return self.modes @ (
            generator.normal(size=len(self.roughness)) / np.sqrt(2 * weight * self.roughness)
        )

    def posterior(
        self, d: Any, v: Any, weights: tuple[float, float], generator: np.random.Generator
    ) -> _core.Posterior:
        """Draw 40 displacements per cell from the model."""
        cell = np.repeat(np.arange(len(d)), 40)
        slope = np.einsum("aij,j->ia", self.gradient, v)
        drift = -(d[:, None] * slope * LAG)[cell]
        width = np.sqrt(2 * (d[cell] * LAG + SIGMA**2))[:, None]
        mesh = self.mesh
        return posterior_of(
            (mesh.cell_centers, mesh.adjacency_starts, mesh.adjacency, mesh.cell_volume),
            cell,
            drift + width * generator.normal(size=(len(cell), 2)),
            SIGMA,
            weights,
        )


@pytest.mark.slow
def test_error_bars_are_calibrated_on_the_models_own_draws() -> None:
    # D and V drawn from the priors, data from the model: up to the Gaussian approximation the
    # intervals cover as often as they say (Cook, Gelman & Rubin, 2006). 200 draws of 82 cells.
    lattice, generator = Lattice(), np.random.default_rng(0)
    weights = (400.0, 0.3)
    deviations: dict[str, list[NDArray[np.float64]]] = {"D": [], "V": [], "F": [], "contrast": []}
    for _ in range(200):
        d = 0.3 + lattice.draw(weights[0], generator)
        assert d.min() > 0.02, "the prior keeps D away from its bound"
        v = lattice.draw(weights[1], generator)
        problem = lattice.posterior(d, v, weights, generator)
        found = problem.estimate([], 1e-8, 100, None)
        found_v = found["potential"]
        deviations["D"].append((found["diffusivity"] - d) / found["diffusivity_std"])
        of_v = (found_v - found_v.mean()) - (v - v.mean())
        deviations["V"].append(of_v / found["potential_std"])
        force = -np.einsum("aij,j->ia", lattice.gradient, v)
        deviations["F"].append(((found["vector"] - force) / found["vector_std"]).ravel())
        one, other = generator.choice(len(d), 2, replace=False)
        pair = np.zeros(len(d))
        pair[[one, other]] = 1, -1
        x = np.concatenate([found["diffusivity"], found_v])
        value, std, _ = problem.contrasts(x, pair[None])
        assert value == pytest.approx(pair @ found_v)
        deviations["contrast"].append((value - pair @ v) / std)
    for name, drawn in deviations.items():
        sizes = np.abs(np.concatenate(drawn))
        # 200 contrasts alone scatter by 3.5 %; everything else has thousands of cells.
        room = 0.08 if name == "contrast" else 0.02
        for level in (0.5, 0.9, 0.95):
            covered = np.mean(sizes < norm.ppf(0.5 + level / 2))
            assert covered == pytest.approx(level, abs=room), (name, level)


@pytest.mark.slow
def test_priors_draw_a_contrast_by_as_much_as_is_said() -> None:
    # A well that is drawn towards flat, in 60 draws of the data: what the mean misses of the truth
    # is b = s x, for a draw s; what is said is that of x - b, less by s itself.
    lattice, generator = Lattice(), np.random.default_rng(3)
    radius = np.linalg.norm(lattice.mesh.cell_centers - 1.0, axis=1)
    d, v = np.full(len(radius), 0.3), -2 * np.exp(-0.5 * (radius / 0.4) ** 2)
    pair = np.zeros((1, len(radius)))
    pair[0, radius.argmin()], pair[0, radius.argmax()] = -1, 1
    values, said = [], []
    for _ in range(60):
        weights = (400.0, 1.0)
        problem = lattice.posterior(d, v, weights, generator)
        found = problem.estimate([], 1e-8, 100, None)
        x = np.concatenate([found["diffusivity"], found["potential"]])
        value, _, drawn = problem.contrasts(x, pair)
        values.append(value[0])
        said.append(drawn[0])
    truth = float((pair @ v)[0])
    missing = truth - np.mean(values)
    error = np.std(values) / np.sqrt(len(values))
    assert missing > 5 * error
    assert np.mean(said) == pytest.approx(missing * (1 - missing / truth), abs=3 * error)


def test_the_evidence_is_the_integral_over_the_parameters() -> None:
    # Two cells: three parameters, integrated on a grid. With 2,000 displacements per cell the
    # Gaussian approximation is good to about 1/2000.
    generator = np.random.default_rng(1)
    centers = np.array([[0.0, 0.0], [0.2, 0.15]])
    cell = np.repeat([0, 1], 2000)
    drift = 0.2 * LAG * np.array([[1.0, -1.0]])
    displacements = drift + np.sqrt(2 * (0.2 * LAG + SIGMA**2)) * generator.normal(size=(4000, 2))
    weights = 5.0, 0.2
    mesh = (centers, np.array([0, 1, 2]), np.array([1, 0]), np.ones(2))
    problem = posterior_of(mesh, cell, displacements, SIGMA, weights)
    found = problem.estimate([], 1e-8, 100, None)
    d, v, least = found["diffusivity"], found["potential"], found["objective"]
    d_std, v_std = found["diffusivity_std"], found["potential_std"]

    grid = np.linspace(-6, 6, 41)
    steps = [d_std[0], d_std[1], 2 * v_std[1]]  # V₂ − V₁ varies twice as much as V₂ − mean
    integral = 0.0
    for a in grid * steps[0]:
        for b in grid * steps[1]:
            for c in grid * steps[2]:
                value = problem.value(np.array([d[0] + a, d[1] + b, v[0], v[1] + c]))
                integral += np.exp(least - value)
    integral *= np.prod(steps) * (grid[1] - grid[0]) ** 3
    # Each prior is a Gaussian of the difference, with precision 2 λ w; w counts both cells.
    edge = 2 / (0.2**2 + 0.15**2)
    priors = sum(0.5 * np.log(2 * weight * edge / (2 * np.pi)) for weight in weights)
    assert found["log_evidence"] == pytest.approx(np.log(integral) + priors - least, abs=0.01)


@pytest.fixture(scope="module")
def walk() -> Partition:
    tracks = simulate(
        track_count=400,
        track_length=21,
        frame_interval=LAG,
        lower=(0, 0),
        upper=(2, 2),
        diffusivity=0.2,
        wells=[Well((1.0, 1.0), 3.0, 0.3)],
        localization_precision=0.0,
        seed=3,
    )
    return partition(translocations(tracks), resolution=0.25)


def test_chosen_weights_maximise_the_evidence(walk: Partition) -> None:
    def log_evidence(d_weight: float, v_weight: float) -> float:
        maps = infer_diffusivity_potential(
            walk,
            localization_precision=0.0,
            diffusivity_prior=d_weight,
            potential_prior=v_weight,
        )
        value: float = maps.attributes["log_evidence"]  # type: ignore[assignment]
        return value

    maps = infer_diffusivity_potential(
        walk, localization_precision=0.0, diffusivity_prior="auto", potential_prior="auto"
    )
    best = log_evidence(maps.diffusivity_prior, maps.potential_prior)
    assert best == pytest.approx(maps.log_evidence, abs=1e-6)
    # A maximum, up to the fixed point's neglect of how the curvature moves with the optimum: 0.3
    # nats are no evidence.
    for factor in (0.3, 3.0):
        assert log_evidence(maps.diffusivity_prior * factor, maps.potential_prior) < best + 0.3
        assert log_evidence(maps.diffusivity_prior, maps.potential_prior * factor) < best + 0.3
    assert len(maps.evidence_curve) <= 25


def test_one_weight_can_be_chosen_with_the_other_given(walk: Partition) -> None:
    maps = infer_diffusivity_potential(
        walk, localization_precision=0.0, diffusivity_prior=20, potential_prior="auto"
    )
    assert maps.diffusivity_prior == 20
    assert maps.potential_prior != 1


@pytest.mark.parametrize(
    ("priors", "message"),
    [
        (
            {"potential_prior": "auto"},
            "`potential_prior` is 'auto' and `diffusivity_prior` is None",
        ),
        ({"diffusivity_prior": "auto", "potential_prior": 0}, "`potential_prior` is 0"),
        ({"diffusivity_prior": "strong"}, "`diffusivity_prior` is 'strong', expected 'auto'"),
    ],
)
def test_weights_that_leave_the_evidence_undefined_are_refused(
    walk: Partition, priors: Any, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        infer_diffusivity_potential(walk, localization_precision=0.0, **priors)


def test_without_proper_priors_there_is_no_evidence(walk: Partition) -> None:
    maps = infer_diffusivity_potential(walk, localization_precision=0.0, potential_prior=1)
    assert np.isnan(maps.log_evidence)
    assert (maps["diffusivity std"] > 0).all(axis=None)


def test_cells_on_the_bound_have_an_error_bar() -> None:
    # A cell whose displacements are shorter than the noise alone makes them. With slope g at the
    # bound and little curvature the posterior is exponential: root mean square √2 / g.
    generator = np.random.default_rng(2)
    centers = np.array([[0.0, 0.0], [0.2, 0.15]])
    displacements = np.concatenate(
        [0.03 * generator.normal(size=(300, 2)), 0.12 * generator.normal(size=(300, 2))]
    )
    mesh = (centers, np.array([0, 1, 2]), np.array([1, 0]), np.ones(2))
    problem = posterior_of(mesh, np.repeat([0, 1], 300), displacements, 0.06, (1e-3, 1.0))
    found = problem.estimate([], 1e-8, 100, None)
    d, d_std = found["diffusivity"], found["diffusivity_std"]
    assert d[0] == 0
    slope = problem.gradient(np.concatenate([d, found["potential"]]))[0]
    assert 0.5 * np.sqrt(2) / slope < d_std[0] <= 1.01 * np.sqrt(2) / slope


def test_a_contrast_needs_cells_of_one_connected_set(walk: Partition) -> None:
    maps = infer_diffusivity_potential(
        walk, localization_precision=0.0, diffusivity_prior=20, potential_prior=1
    )
    cells = maps.maps.index
    value, std = contrast(maps, walk, [cells[3]], [cells[7]])
    difference = maps.maps["potential"].iloc[3] - maps.maps["potential"].iloc[7]
    assert value == pytest.approx(difference)
    assert std > 0
    assert contrast(maps, walk, [cells[3]], [cells[3]]) == (0.0, 0.0)
    with pytest.raises(InvalidInputError, match=r"`baseline` is \[\]"):
        contrast(maps, walk, [cells[3]], [])
    with pytest.raises(InvalidInputError, match=r"`cells` is \[-5\]"):
        contrast(maps, walk, [-5], [cells[3]])


@pytest.mark.parametrize("smoothness", [1, 2])
def test_known_wells_of_the_examples_are_found_within_their_error_bars(
    shared: Path, smoothness: Literal[1, 2]
) -> None:
    # Truth: wells of 10, 6, 1 and 3 kT, D = 0.2 µm²/s (InferenceMAP's example, Nat. Methods 2015).
    path = shared / "data/inferencemap/potential_example.trxyt"
    table = translocations(read_trajectories(path, ["n", "x", "y", "t"]))
    length = float(np.hypot(table["dx"], table["dy"]).mean())
    part = partition(table, displacement_length=length)
    # These data have noise of their own in each displacement, not in each localization: nothing is
    # to be corrected, and there is no warning.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        maps = infer_diffusivity_potential(
            part,
            localization_precision=0.03,
            diffusivity_prior="auto",
            potential_prior="auto",
            smoothness=smoothness,
        )
    assert np.allclose(maps["diffusivity"], 0.2, rtol=0.2)
    weights = part.location_count[maps.maps.index]
    mean = np.average(maps["diffusivity"]["diffusivity"], weights=weights)
    assert mean == pytest.approx(0.2, rel=0.05)
    # A depth is that of the cell at the well's center, below the mean over the flat surroundings in
    # which each cell counts by its displacements: those of cells at the border are few.
    centers = part.tessellation.cell_centers[maps.maps.index]
    depths = {(-1.25, 1.25): 10, (1.25, 1.25): 6, (-1.25, -1.25): 1, (1.25, -1.25): 3}
    distances = np.array([np.linalg.norm(centers - well, axis=1) for well in depths])
    flat = distances.min(axis=0) > 0.9
    baseline = np.repeat(maps.maps.index[flat], weights[flat])
    errors = []
    for depth, distance in zip(depths.values(), distances, strict=True):
        value, std = contrast(maps, part, [maps.maps.index[distance.argmin()]], baseline)
        assert -value == pytest.approx(depth, abs=2 * std)
        errors.append(-value - depth)
    assert np.sqrt(np.mean(np.square(errors))) < 1.5


@pytest.mark.parametrize("name", ["d", "dv"])
def test_known_diffusivities_of_the_examples_are_found_within_their_error_bars(
    shared: Path, name: str
) -> None:
    # Truth by quadrant: 1.0, 0.5, 0.1 and 0.25 µm²/s (InferenceMAP's example, Nat. Methods 2015).
    path = shared / "data/inferencemap/diffusion_example.trxyt"
    table = translocations(read_trajectories(path, ["n", "x", "y", "t"]))
    length = float(np.hypot(table["dx"], table["dy"]).mean())
    part = partition(table, displacement_length=length)
    maps = get_model(name).infer(part, localization_precision=0.03, mode=name)
    x, y = part.tessellation.cell_centers[maps.maps.index].T
    truth = np.where(x < 0, np.where(y > 0, 1.0, 0.1), np.where(y > 0, 0.5, 0.25))
    counts = part.location_count[maps.maps.index]
    away = (np.abs(x) > 0.5) & (np.abs(y) > 0.5)
    for value in (1.0, 0.5, 0.1, 0.25):
        cells = away & (truth == value)
        mean = np.average(maps.maps["diffusivity"][cells], weights=counts[cells])
        assert mean == pytest.approx(value, rel=0.05)
    deviation = np.abs(maps.maps["diffusivity"] - truth) / maps.maps["diffusivity std"]
    assert 0.85 < np.mean(deviation[away] < norm.ppf(0.95)) < 0.97
