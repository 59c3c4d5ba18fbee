"""Cells of centers of one's own, which points they have, and segments of time, as in the manual."""

import warnings

warnings.simplefilter("ignore")

import numpy as np

from tramway.core import *
from tramway.core.hdf5 import *
from tramway.helper import infer, tessellate, with_time_lattice
from tramway.tessellation import *


def say(name, values):
    """Print an array by its shape, its sum, and its sum by rank, which tells an order."""
    values = np.asarray(values, dtype=float).ravel()
    known = np.where(np.isnan(values), 0.0, values)
    ranked = known @ np.arange(1, len(known) + 1) / max(len(known), 1)
    print(name, len(values), int(np.isnan(values).sum()), f"{known.sum():.6f} {ranked:.6f}")


table = load_xyt("a.rpt.txt")
for kind in (Delaunay, Voronoi):
    own = kind()
    own.tessellate(table[["x", "y"]].iloc[::80])
    say("centers", own.cell_centers)
    for settings in (
        {},
        {"knn": 20},
        {"knn": (20, 40)},
        {"format": "array"},
        {"format": "pair"},
        {"format": "csr"},
        {"min_location_count": 60},
    ):
        index = own.cell_index(table, **settings)
        cells = Partition(table, own)
        cells.cell_index = index
        print(settings, type(index).__name__)
        say("counts", cells.location_count)
cells = Partition(table, own)
cells.cell_index = own.cell_index(table, knn=(20, 20))
tree = Analyses(table)
tree.add(cells, label="own cells")
save_rwa("own.rwa", tree, force=True)
print(load_rwa("own.rwa"))
say("stored", load_rwa("own.rwa")["own cells"].data.location_count)

steps = crop(table, [0.2, 0.2, 1.6, 1.6])
static = tessellate(steps, "hexagon", ref_distance=0.2)
mesh = static.tessellation
adjacency = mesh.cell_adjacency
print(sorted(adjacency[3].nonzero()[1].tolist()), sorted(map(int, mesh.neighbours(3))))
say("neighbours", adjacency.astype(int) * np.ones(adjacency.shape[0]))
print(mesh.adjacency_label, mesh.simplified_adjacency().shape)
for name in ("array", "pair", "matrix", "csr", "csc", "coo"):
    index = mesh.cell_index(static.points, format=name)
    print(name, type(index).__name__, getattr(index, "shape", None))
rows, numbers = mesh.cell_index(static.points, format="pair")
say("rows", rows)
say("numbers", numbers)

dynamic = with_time_lattice(static, np.array([[0.0, 1.33], [1.33, 3.0]]))
print(dynamic.number_of_cells, dynamic.tessellation.spatial_mesh.number_of_cells)
say("counts", dynamic.location_count)
maps = infer(dynamic, "d", sigma=0.02)
for segment in dynamic.tessellation.split_frames(maps.maps):
    say("D", segment["diffusivity"])
    print(segment.index.tolist())
for times, segment in dynamic.tessellation.split_segments(maps, return_times=True):
    print([float(time) for time in times], len(segment))
