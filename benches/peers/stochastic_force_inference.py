"""Drifts that StochasticForceInference finds: run by the bench of that name, in its environment.

    python stochastic_force_inference.py LANDSCAPE.npz ...

Each file has localizations `x`, µm, of the track `particle` and its frame `step`, the lag `dt`, s,
and `points`. Beside it is written, for each basis and estimator, the drift that was found at the
points, the mean of D, and the information criterion. Estimators are those for noisy localizations:
the linear one (preset `robust`) and the parametric one, which models noise; terms of each basis are
all kept, or chosen by the package's own criterion, PASTIS.
"""

import sys
import time
import warnings
from pathlib import Path

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from SFI import OverdampedLangevinInference, TrajectoryCollection  # noqa: E402
from SFI.bases import monomials_up_to  # noqa: E402
from SFI.statefunc import make_basis  # noqa: E402

SIDE = 4.0  # µm
COLUMNS = 256  # tracks are filled up to a multiple of these: programs are compiled for few shapes


def gaussians(count, derive_from_potential):
    """Gaussians on a grid, as wide as it: their gradients, or each times both unit vectors."""
    axis = np.linspace(-SIDE / 2, SIDE / 2, count)
    width = axis[1] - axis[0]
    centers = jnp.asarray(np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2))

    def gradients(x):
        offset = x[None] - centers
        peak = jnp.exp(-(offset**2).sum(axis=1) / (2 * width**2))
        return (peak[:, None] * offset / width).T

    def vectors(x):
        peak = jnp.exp(-((x[None] - centers) ** 2).sum(axis=1) / (2 * width**2))
        none = jnp.zeros_like(peak)
        return jnp.stack([jnp.concatenate([peak, none]), jnp.concatenate([none, peak])])

    if derive_from_potential:
        return make_basis(gradients, dim=2, rank=1, n_features=count**2)
    return make_basis(vectors, dim=2, rank=1, n_features=2 * count**2)


BASES = {
    "gradients of 6 × 6 Gaussians": lambda: gaussians(6, True),
    "gradients of 9 × 9 Gaussians": lambda: gaussians(9, True),
    "6 × 6 Gaussians": lambda: gaussians(6, False),
    "polynomials of degree 5": lambda: monomials_up_to(5, dim=2, rank="vector"),
}


def collection(data):
    """The tracks about the middle of the field; empty places hold the last localization, masked."""
    tracks, steps = data["particle"], data["step"]
    count = -(-(tracks.max() + 1) // COLUMNS) * COLUMNS
    positions, is_seen = (
        np.zeros((steps.max() + 1, count, 2)),
        np.zeros((steps.max() + 1, count), bool),
    )
    positions[steps, tracks], is_seen[steps, tracks] = data["x"] - SIDE / 2, True
    for k in range(1, len(positions)):
        missing = ~is_seen[k]
        positions[k, missing] = positions[k - 1, missing]
    return TrajectoryCollection.from_arrays(X=positions, dt=float(data["dt"]), mask=is_seen)


def main():
    bases = {name: make() for name, make in BASES.items()}
    for path in map(Path, sys.argv[1:]):
        data = np.load(path)
        points = jnp.asarray(data["points"] - SIDE / 2)
        found = {}
        for name, basis in bases.items():
            for estimator in ("parametric", "linear"):
                used = time.process_time()
                fit = OverdampedLangevinInference(collection(data))
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    if estimator == "linear":
                        fit.compute_diffusion_constant()
                        fit.infer_force_linear(basis, preset="robust")
                    else:
                        fit.infer_force(basis)
                    d = float(np.trace(fit.diffusion_average)) / 2
                    said = {"all": np.asarray(fit.force_inferred(points))}
                    selected = fit.sparsify_force(criterion="PASTIS", method="greedy")
                    said["chosen"] = np.asarray(fit.force_inferred(points))
                count, _, criterion, _ = selected.select_by_ic("PASTIS")
                for terms, drift in said.items():
                    found[f"{name}|{estimator}|{terms}"] = drift
                found[f"{name}|{estimator}|D, criterion"] = np.array([d, criterion])
                print(
                    f"{path.stem}, {name}, {estimator}: D {d:.4f}, {count} of {selected.p} terms, "
                    f"criterion {criterion:.1f}; {time.process_time() - used:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )
        np.savez(path.with_suffix(".found.npz"), **found)


if __name__ == "__main__":
    main()
