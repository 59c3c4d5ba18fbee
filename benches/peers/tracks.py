"""Whole tracks in noise: `tracks.dv` and StochasticForceInference, time and error of the force.

On the usual landscape of `benches/landscapes.py`, whose truth is known: a field of 4 µm.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

OUTER = str(Path(__file__).parents[1])


def prepare(displacements: int, folder: Path) -> Path:
    """Tracks for both, and the force where it counts."""
    import pickle

    sys.path.append(OUTER)
    from landscapes import BORDER, SIDE, USUAL, localizations, simulated

    folder.mkdir()
    partition, landscape = simulated(replace(USUAL, displacements=displacements), 0)
    (folder / "partition.pickle").write_bytes(pickle.dumps(partition))
    points = partition.tessellation.cell_centers[np.unique(partition.cells)]
    counts = ((points > BORDER) & (points < SIDE - BORDER)).all(axis=1)
    np.savez(
        folder / "tracks.npz", points=points[counts], counts=counts, dt=USUAL.lag,
        precision=USUAL.precision, force=-landscape.potential(points[counts])[1],
        diffusivity=landscape.diffusivity(points[counts])[0],
        slope=landscape.diffusivity(points[counts])[1], **localizations(partition),
    )  # fmt: skip
    return folder


def _error(force, truth):
    seen = np.isfinite(force).all(axis=1)
    return float(np.sqrt(((force - truth)[seen] ** 2).sum() / (truth[seen] ** 2).sum()))


def ours(folder):
    from data import partition
    from tramway.inference import get_model

    given, data = partition(folder), np.load(folder / "tracks.npz")
    precision = float(data["precision"])

    def work():
        maps = get_model("tracks.dv").infer(given, localization_precision=precision)
        return {"error": _error(maps["force"].to_numpy()[data["counts"]], data["force"])}

    return work


def linear(folder):
    return _stochastic_force_inference(folder, is_linear=True)


def parametric(folder):
    return _stochastic_force_inference(folder, is_linear=False)


def _stochastic_force_inference(folder, is_linear):
    """Gradients of 6 × 6 Gaussians; the true D and its slope are given to it."""
    import jax.numpy as jnp
    from SFI import OverdampedLangevinInference

    from stochastic_force_inference import BASES, SIDE, collection

    data = dict(np.load(folder / "tracks.npz"))
    tracks, basis = collection(data), BASES["gradients of 6 × 6 Gaussians"]()

    def work():
        fit = OverdampedLangevinInference(tracks)
        if is_linear:
            fit.compute_diffusion_constant()
            fit.infer_force_linear(basis, preset="robust")
        else:
            fit.infer_force(basis)
        drift = np.asarray(fit.force_inferred(jnp.asarray(data["points"] - SIDE / 2)))
        force = (drift - data["slope"]) / data["diffusivity"][:, None]
        return {"error": _error(force, data["force"])}

    return work
