"""Analysis trees, in memory and in files."""

import os
import warnings

for name in ("a.rpt.rwa", "wrapped.rwa", "tree.rwa"):
    if os.path.exists(name):
        os.unlink(name)

warnings.simplefilter("ignore")

import numpy as np

from tramway.analyzer import *


def say(name, values):
    """Print an array by its shape, its sum, and its sum by rank, which tells an order."""
    values = np.asarray(values, dtype=float).ravel()
    known = np.where(np.isnan(values), 0.0, values)
    ranked = known @ np.arange(1, len(known) + 1) / max(len(known), 1)
    print(name, len(values), int(np.isnan(values).sum()), f"{known.sum():.6f} {ranked:.6f}")


from tramway.core import *
from tramway.core.hdf5 import load_rwa, save_rwa

a = RWAnalyzer()
a.spt_data.from_ascii_file("a.rpt.txt")
a.spt_data.localization_precision = 0.02
a.roi.from_squares(np.array([[0.6, 0.6], [1.4, 1.4]]), 0.7)
a.tesseller = tessellers.Squares
a.tesseller.resolution = 0.25
a.mapper.from_plugin("d")
f = single(a.spt_data)
tree = Analyses(f.dataframe)
for r in a.roi.as_support_regions():
    sampling = a.sampler.sample(r.crop())
    tree[r.label] = sampling
    tree[r.label]["d"] = a.mapper.infer(sampling)
    tree.comments[r.label] = "of " + r.label
print(sorted(tree.labels), sorted(tree["roi000"].labels), tree.comments["roi001"])
tree.add(tree["roi000"].data, label="again")
print(sorted(tree.labels), "again" in tree, "other" in tree)
del tree["again"]
print(sorted(tree.labels), len(list(tree)))
save_rwa("tree.rwa", tree, force=True)
found = load_rwa("tree.rwa")
print(sorted(found.labels))
for label in sorted(found.labels):
    say(label, found[label].data.location_count)
    say(label, found[label]["d"].data["diffusivity"].round(4))
    print(found.comments[label])
cells, maps = find_artefacts(
    found, (type(sampling), type(tree["roi000"]["d"].data)), ("roi001", "d")
)
say("cells", cells.location_count)
say("maps", maps["diffusivity"].round(4))

# wrapped artefacts
for r in a.roi.as_support_regions():
    node = commit_as_analysis(None, a.sampler.sample(r.crop()), parent=r)
    maps = a.mapper.infer(node)
    maps.commit_as_analysis("mapped")
    print(sorted(node.subtree.labels), node.get_child("mapped").label)
    print(type(node.get_child().data).__name__)
print(sorted(map(str, f.analyses.labels)))
