"""Print how well the known truth of InferenceMAP's examples is found by whole tracks.

    OPENBLAS_NUM_THREADS=1 python benches/inferencemap.py ../shared/data/inferencemap

`potential_example.trxyt` has wells of 10, 6, 1 and 3 kT, and `diffusion_example.trxyt` quadrants of
1.0, 0.5, 0.1 and 0.25 µm²/s (El Beheiry, Dahan & Masson, Nat. Methods 12, 594, 2015). Their noise
of 0.03 µm is drawn anew for each displacement: successive ones do not share it, so each is a track
of its own here. Depths are those of the cell at the center of a well, below the mean over the flat
surroundings, in which each cell counts by its displacements. Ends with what is promised: PASS or
FAIL.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from tramway.data import read_trajectories, translocations
from tramway.inference import Maps, contrast, get_model
from tramway.tessellation import Partition, hexagons, nearest_cell

PRECISION = 0.03  # µm
DEPTHS = {(-1.25, 1.25): 10.0, (1.25, 1.25): 6.0, (-1.25, -1.25): 1.0, (1.25, -1.25): 3.0}  # kT
DIFFUSIVITIES = (1.0, 0.5, 0.1, 0.25)  # µm²/s
BORDER = 0.5  # µm, from the lines at which D changes


def partition(path: Path, resolution: float | None) -> Partition:
    """Displacements, each of them alone, in hexagons of the usual size or of one that is given."""
    table = translocations(read_trajectories(path, ["n", "x", "y", "t"]))
    table = table.assign(n=np.arange(len(table)))
    points = table[["x", "y"]].to_numpy()
    length = float(np.hypot(table["dx"], table["dy"]).mean())
    size = {"displacement_length": length} if resolution is None else {"resolution": resolution}
    mesh = hexagons(points, **size)
    return Partition(table, mesh, nearest_cell(points, mesh))


def depths(folder: Path, resolution: float | None = None) -> dict[float, tuple[float, float]]:
    """Depth of each well as found and its standard deviation, kT, by the true one."""
    part = partition(folder / "potential_example.trxyt", resolution)
    maps = get_model("tracks.dv").infer(part, localization_precision=PRECISION)
    cells = maps.maps.index
    centers, counts = part.tessellation.cell_centers[cells], part.location_count[cells]
    distances = np.array([np.linalg.norm(centers - well, axis=1) for well in DEPTHS])
    flat = distances.min(axis=0) > 0.9
    baseline = np.repeat(cells[flat], counts[flat])
    found = {}
    for depth, distance in zip(DEPTHS.values(), distances, strict=True):
        value, std = contrast(maps, part, [cells[distance.argmin()]], baseline)
        found[depth] = -value, std
    return found


def diffusivities(
    folder: Path, model: str, resolution: float | None = None
) -> tuple[dict[float, float], float, float]:
    """D by quadrant, by the true one; root mean square error of ln D; share of cells in 95 %."""
    part = partition(folder / "diffusion_example.trxyt", resolution)
    maps: Maps = get_model(model).infer(part, localization_precision=PRECISION)
    table = maps.maps
    x, y = part.tessellation.cell_centers[table.index].T
    truth = np.where(x < 0, np.where(y > 0, 1.0, 0.1), np.where(y > 0, 0.5, 0.25))
    away = (np.abs(x) > BORDER) & (np.abs(y) > BORDER)
    counts = part.location_count[table.index]
    of_quadrants = {}
    for value in DIFFUSIVITIES:
        cells = away & (truth == value)
        of_quadrants[value] = float(np.average(table["diffusivity"][cells], weights=counts[cells]))
    error = np.log(table["diffusivity"] / truth)[away]
    covered = (table["diffusivity low"] < truth) & (truth < table["diffusivity high"])
    return of_quadrants, float(np.sqrt(np.mean(error**2))), float(covered[away].mean())


def main() -> int:
    """Print what was found, and whether it is what is promised."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the two files are")
    folder = parser.parse_args().folder
    said: dict[str, bool] = {}
    for resolution in (None, 0.25):
        cells = "of the usual size" if resolution is None else f"of {resolution} µm"
        found = depths(folder, resolution)
        for depth, (value, std) in found.items():
            print(f"cells {cells}, well of {depth:g} kT: {value:.2f} ± {std:.2f}")
        errors = np.array([value - depth for depth, (value, _) in found.items()])
        stds = np.array([std for _, std in found.values()])
        rms, most = np.sqrt(np.mean(errors**2)), np.max(np.abs(errors / stds))
        print(f"cells {cells}, depths: {rms:.2f} kT root mean square, {most:.1f} std at most")
        if resolution is None:
            said["depths within two standard deviations"] = bool(most <= 2)
            said["root mean square of depths at most 1.1 kT"] = bool(rms <= 1.1)
        for model in ("tracks.d", "tracks.dv"):
            quadrants, error, covered = diffusivities(folder, model, resolution)
            of = ", ".join(f"{value:.3f} for {truth:g}" for truth, value in quadrants.items())
            print(f"cells {cells}, {model}: {of}; ln D {error:.3f}, in 95 %: {covered:.0%}")
            most = max(abs(value / truth - 1) for truth, value in quadrants.items())
            said[f"cells {cells}, {model}, D by quadrant within 3 %"] = bool(most <= 0.03)
            if resolution is not None:
                said[f"cells {cells}, {model}, ln D at most 0.10"] = error <= 0.1
    for what, holds in said.items():
        print("PASS" if holds else "FAIL", what)
    return 0 if all(said.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
