"""Tables cut by boxes, whole tracks of what was cut, and ways through trees."""

import warnings

warnings.simplefilter("ignore")

import numpy as np

from tramway.core import *
from tramway.helper import *


def say(name, values):
    """Print an array by its shape, its sum, and its sum by rank, which tells an order."""
    values = np.asarray(values, dtype=float).ravel()
    known = np.where(np.isnan(values), 0.0, values)
    ranked = known @ np.arange(1, len(known) + 1) / max(len(known), 1)
    print(name, len(values), int(np.isnan(values).sum()), f"{known.sum():.6f} {ranked:.6f}")


table = load_xyt("a.rpt.txt")
for settings in (
    {},
    {"add_deltas": False},
    {"keep_nans": True},
    {"by": "start"},
    {"by": "origin", "add_deltas": False},
    {"by": "stop"},
    {"by": "destination", "add_deltas": False},
    {"by": "stop", "keep_nans": True},
    {"preserve_index": True},
    {"preserve_index": True, "add_deltas": False},
):
    for box in ([0.2, 0.2, 1.0, 1.0], [0.0, 0.0, 2.0, 2.0], [0.5, 0.0, 0.3, 2.0]):
        cut = crop(table, box, **settings)
        print(settings, cut.columns.tolist(), len(cut))
        say("rows", cut[["n", "x", "y", "t"]])
        say("index", cut.index)
        if "dx" in cut:
            say("displacements", cut[["dx", "dy", "dt"]])
steps = crop(table, [0.1, 0.1, 1.7, 1.7])
for settings in ({}, {"keep_nans": True}):
    say("cut twice", crop(steps, [0.2, 0.2, 1.0, 1.0], **settings))

say("two files", load_xyt(["a.rpt.txt", "b.rpt.txt"])[["x", "y", "t"]])
say("from the origin", load_xyt(["a.rpt.txt", "b.rpt.txt"], reset_origin=True)[["x", "y", "t"]])
moved, paths = load_xyt("a.rpt.txt", return_paths=True, reset_origin=["x"])
say("x from the origin", moved)
print(paths, [len(one) for one in load_xyt(["a.rpt.txt", "b.rpt.txt"], concat=False)])

for unique in (True, False):
    whole = list(iter_full_trajectories(steps, table, unique=unique))
    print(len(whole), sum(map(len, whole)))

tree = Analyses(steps)
tessellate(tree, "grid", ref_distance=0.2, label="cells", comment="why")
infer(tree, "d", sigma=0.02, output_label="maps")
tree.add(3, label="other")
print(tree)
print(label_paths(tree, Maps), label_paths(tree, lambda data: isinstance(data, Partition)))
print(format_analyses(tree) == str(tree))
cells, maps = find_artefacts(tree, (Partition, Maps), ("cells", "maps"))
print(type(cells).__name__, maps.mode)
print(tree["cells"].artefact is cells, tree.autoindex("q*"), tree.autoindex())
print(sorted(tree.instances), type(tree.instances["cells"].data).__name__)
