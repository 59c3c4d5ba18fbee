"""The data of all questions: one file of tracks, and the same cells, for each decade of sizes."""

import pickle
import warnings
from pathlib import Path

import numpy as np

PRECISION, DIFFUSIVITY_PRIOR, POTENTIAL_PRIOR = 0.03, 20.0, 1.0
DENSITY = 3000  # displacements per µm²
PER_CELL = 100  # displacements
PARAMETERS = {
    "localization_precision": PRECISION,
    "diffusivity_prior": DIFFUSIVITY_PRIOR,
    "potential_prior": POTENTIAL_PRIOR,
}
RESOLUTION = np.sqrt(PER_CELL / DENSITY / np.sqrt(0.75))  # µm between hexagons of that many


def prepare(displacements: int, folder: Path) -> Path:
    """Tracks of 20 displacements in a square with four wells; D = 0.2 µm²/s, 25 ms."""
    import polars as pl

    from tramway.data import simulate, translocations
    from tramway.data.simulation import Well
    from tramway.tessellation import Partition, hexagons, nearest_cell

    folder.mkdir()
    side = np.sqrt(displacements / DENSITY)
    places = [(0.25, 0.75), (0.75, 0.75), (0.25, 0.25), (0.75, 0.25)]
    tracks = simulate(
        track_count=displacements // 20,
        track_length=21,
        frame_interval=0.025,
        lower=(0, 0),
        upper=(side, side),
        diffusivity=0.2,
        wells=[
            Well((side * x, side * y), depth, 0.3)
            for (x, y), depth in zip(places, (4.0, 3.0, 1.0, 2.0), strict=True)
        ],
        localization_precision=PRECISION,
        seed=1,
    )
    pl.DataFrame({name: tracks[name].to_numpy() for name in "nxyt"}).write_csv(
        folder / "tracks.txt", separator="\t", include_header=False, float_precision=6
    )
    table = translocations(tracks)
    origins = table[["x", "y"]].to_numpy()
    mesh = hexagons(origins, resolution=RESOLUTION)
    partition = Partition(table, mesh, nearest_cell(origins, mesh))
    (folder / "partition.pickle").write_bytes(pickle.dumps(partition))
    return folder


def nothing(folder):
    """What there is before any data."""
    import tramway.inference  # noqa: F401

    return lambda: None


def partition(folder: Path):
    """The same cells for everybody."""
    warnings.simplefilter("ignore")
    return pickle.loads((folder / "partition.pickle").read_bytes())
