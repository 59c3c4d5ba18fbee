"""Run by the original TRamWAy 0.7: makes trees of all it makes, and tells what it sees in files.

``python exchange.py make WHOLE.rwa COMPRESSED.rwa`` makes two files of the same tree, with and
without what can be computed again; ``python exchange.py look FILE.rwa SEEN.npz`` reads a file and
stores each array that it sees, under ``label|…|field``.
"""

import sys
import warnings

warnings.simplefilter("ignore")

import numpy as np
import pandas as pd
from tramway.core.analyses.base import Analyses
from tramway.core.hdf5.store import load_rwa, save_rwa

from tramway.helper import infer, tessellate

TESSELLATIONS = ("hexagon", "grid", "kdtree", "kmeans", "gwr", "gas", "random")
SAMPLERS = {
    "knn": {"method": "hexagon", "knn": 8},
    "knn from and to": {"method": "kmeans", "knn": (5, 20)},
    "spheres": {"method": "grid", "radius": 0.25},
    "least count": {"method": "hexagon", "strict_min_location_count": 15},
    "whitened": {"method": "kmeans", "scaling": "whiten"},
}
WINDOWS = {
    "window": {"method": "hexagon", "time_window_duration": 0.2},
    "window of squares": {"method": "grid", "time_window_duration": 0.2},
    "window of kmeans": {"method": "kmeans", "time_window_duration": 0.2},
    "overlapping windows": {
        "method": "hexagon",
        "time_window_duration": 0.2,
        "time_window_shift": 0.1,
    },
    "window with neighbours in time": {
        "method": "hexagon",
        "time_window_duration": 0.2,
        "enable_time_regularization": True,
    },
    "window of frames": {
        "method": "hexagon",
        "time_window_duration": 5,
        "time_window_options": {"frames": True},
    },
}
MODES = {
    "d": {},
    "dd": {},
    "df": {"jeffreys_prior": True},
    "d.conj_prior": {},
    "smooth.d": {"diffusivity_prior": 1.0},
    "smooth.dd": {"diffusivity_prior": 1.0},
    "smooth.df": {"diffusivity_prior": 1.0},
    "stochastic.dv": {"diffusivity_prior": 1.0, "potential_prior": 0.1, "max_runtime": 1},
}


def walk():
    """Forty random walks in a box of 2 µm."""
    rng = np.random.default_rng(1)
    steps = rng.normal(scale=0.08, size=(40, 15, 2))
    steps[:, 0] = rng.random((40, 2)) * 2
    table = pd.DataFrame({"n": np.repeat(np.arange(1, 41), 15)})
    table[["x", "y"]] = np.abs(np.cumsum(steps, axis=1)).reshape(-1, 2)
    table["t"] = np.tile(np.arange(15) * 0.04, 40).round(3)
    return table


def make(whole, compressed):
    """Samplings of every kind, maps of every mode, labels of both types."""
    table = walk()
    table.frame_interval = 0.04
    table.localization_error = 9e-4
    tree = Analyses(table)
    cases = {name: {"method": name} for name in TESSELLATIONS}
    for label, case in {**cases, **SAMPLERS, **WINDOWS}.items():
        partition = tessellate(table, ref_distance=0.15, **case)
        tree.add(Analyses(partition), label=label, comment=f"made by {label}")
    for mode, more in MODES.items():
        maps = infer(tree["hexagon"].data, mode, sigma=0.03, **more)
        tree["hexagon"].add(Analyses(maps), label=mode, comment=f"maps of {mode}")
    inside = table["x"] < 1
    for label in ("region 0", 1):  # those of a region do not cover all localizations
        region = table[inside if label == 1 else ~inside].reset_index(drop=True)
        partition = tessellate(region, "grid", ref_distance=0.2)
        tree.add(Analyses(partition), label=label)
        tree[label].add(Analyses(infer(partition, "d", sigma=0.03)), label=0)
    tree.metadata = {"datafile": "walk.txt", "unknown here": "kept"}
    save_rwa(whole, tree, force=True, compress=False)
    save_rwa(compressed, tree, force=True)


def look(path, output):
    """Store every array that is seen in a file."""
    seen = {}
    tree = load_rwa(path)
    note_table(seen, "", tree.data)
    seen["|facts"] = np.array([tree.data.frame_interval, tree.data.localization_error])
    for label in tree.labels:
        sampling = tree[label]
        partition, cells = sampling.data, sampling.data.tessellation
        of_space = getattr(cells, "spatial_mesh", None) or cells
        note_table(seen, f"{label}|points", partition.points)
        seen[f"{label}|kind"] = np.array([type(label).__name__, type(cells).__name__])
        seen[f"{label}|comment"] = np.array(str(tree.comments[label]))
        seen[f"{label}|pairs"] = pairs_of(partition.cell_index)
        seen[f"{label}|location_count"] = np.asarray(partition.location_count, np.int64)
        seen[f"{label}|centers"] = np.asarray(cells.cell_centers)
        if of_space is not cells:
            seen[f"{label}|intervals"] = np.asarray(cells.time_lattice)
        if of_space._cell_volume is not None:
            seen[f"{label}|volume"] = np.asarray(of_space.cell_volume)
        if of_space._cell_adjacency is not None:
            edges = of_space.simplified_adjacency().tocoo()
            edges = np.array([edges.row, edges.col], np.int64)
            seen[f"{label}|adjacency"] = edges[:, np.lexsort(edges[::-1])]
        for below in sampling.labels:
            maps = sampling[below].data
            note_table(seen, f"{label}|{below}", maps.maps)
            seen[f"{label}|{below}|mode"] = np.array([maps.mode, str(sampling.comments[below])])
    np.savez(output, **seen)


def note_table(seen, place, table):
    """Store the columns of a table, their order and its index."""
    seen[f"{place}|columns"] = np.array(table.columns.tolist())
    seen[f"{place}|index"] = np.asarray(table.index)
    for name in table:
        seen[f"{place}|column {name}"] = table[name].to_numpy()


def pairs_of(index):
    """Rows of points and their cells, in order, whatever form the assignment has."""
    if isinstance(index, np.ndarray):
        index = (np.flatnonzero(index >= 0), index[index >= 0])
    elif not isinstance(index, tuple):
        index = index.tocoo()
        index = (index.row, index.col)
    pairs = np.array(index)
    return pairs[:, np.lexsort(pairs)]


if __name__ == "__main__":
    {"make": make, "look": look}[sys.argv[1]](*sys.argv[2:])
