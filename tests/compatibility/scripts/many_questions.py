"""What an analysis is asked on the way: regions, segments, cells, functions, trees, by value."""

import warnings

warnings.simplefilter("ignore")

import numpy as np
import pandas as pd

from tramway.analyzer import *
from tramway.core import crop
from tramway.core.xyt import iter_trajectories, reindex_trajectories, translocations
from tramway.helper import infer, tessellate

a = RWAnalyzer()
a.spt_data.from_ascii_files("*.rpt.txt")
a.spt_data.localization_precision = 0.02
a.roi.from_ascii_files(suffix="roi")
a.tesseller = tessellers.Hexagons
a.tesseller.resolution = 0.4
f = sorted(a.spt_data, key=lambda f: f.source)[0]
df = f.dataframe
r = first(f.roi.as_support_regions())

# regions
print([region.label for region in a.roi.as_individual_roi(source=f.source)])
print([(i, region.label) for i, region in f.roi.as_support_regions(return_index=True)])
print(len(r.crop()), len(r.crop(df)), len(r.crop(df[df["n"] < 20])))
b = RWAnalyzer()
b.spt_data.from_dataframe(df)
b.spt_data.localization_precision = 0.02
b.roi.from_bounding_boxes([(np.array([0.0, 0.0, 1.0]), np.array([1.0, 2.0, 3.0]))])
x = single(b.roi.as_support_regions())
lb, ub = x.bounding_box
print(len(x.crop()), lb.tolist(), ub.tolist(), f"{x.crop()['t'].max():.4f}")

# segments of time
b.time = time.SlidingWindow(duration=1.0)
b.tesseller = tessellers.Squares
b.tesseller.resolution = 0.5
segments = b.sampler.sample(r.crop())
for i, times, part in b.time.as_time_segments(segments, index={0, 2}, return_index=True):
    print(i, len(part.points), f"{times.sum():.4f}")
print([len(s.points) for s in b.time.as_time_segments(segments, return_times=False)][:3])

# as many points in a cell as are asked for
for kind in (tessellers.Squares, tessellers.Hexagons):
    for settings in ({"avg_location_count": 20}, {"avg_location_count": 0, "ref_distance": 0.2}):
        c = RWAnalyzer()
        c.spt_data.from_dataframe(df)
        c.tesseller.from_callable(kind)
        for name, value in settings.items():
            setattr(c.tesseller, name, value)
        # Where they go by different ways about it: docs/differences.md.
        if ("ref_distance" in settings) == (kind is tessellers.Hexagons):
            print(kind.__name__, settings, len(c.sampler.sample(df).location_count))


# a function of the cells
def slopes(cells, power=1):
    numbers = sorted(cells.keys())
    values = np.zeros(1 + max(numbers))
    for i in numbers:
        values[i] = np.mean(cells[i].dr ** 2) ** power + np.sin(3 * cells[i].center[0])
    table = {}
    for i in numbers:
        gradient = cells.grad(i, values)
        varied = cells.local_variation(i, values)
        table[i] = [*gradient, cells.grad_sum(i, gradient**2), np.sum(np.asarray(varied) ** 2)]
    print(cells.adjacency.shape, int(cells.adjacency.sum()), len(cells.neighbours(numbers[3])))
    return pd.DataFrame.from_dict(table, orient="index", columns=["x", "y", "rough", "varied"])


a.mapper.from_plugin(slopes)
a.mapper.power = 2
sampling = a.sampler.sample(r.crop())
maps = a.mapper.infer(sampling)
for name in ("x", "y", "rough", "varied"):
    print(name, f"{np.nansum(np.asarray(maps[name], dtype=float)):.6f}")

# models
for plugin, feature in (("d", "diffusivity"), ("dd", "drift"), ("df", "force"), ("density",) * 2):
    c = RWAnalyzer()
    c.spt_data.from_dataframe(df)
    c.spt_data.localization_precision = 0.02
    c.mapper.from_plugin(plugin)
    found = c.mapper.infer(sampling)[feature].to_numpy()
    print(plugin, found.shape, f"{np.abs(found).sum():.4f}")

# trees
node = commit_as_analysis("cells", sampling, r)
maps = commit_as_analysis("slopes", maps, node)
print(
    list(f.analyses.labels), list(f.analyses["cells"].labels), node.get_child("slopes") is not None
)
f.add_sampling(sampling, "again", "why")
print(sorted(f.analyses.labels), f.analyses.comments["again"])
del f.analyses["again"]
print(f.analyses)

# tables
print(crop(df, [0, 0, 1, 1]).shape, crop(df, [0, 0, 1, 1], add_deltas=False).shape)
print(sum(1 for _ in iter_trajectories(df)), translocations(df).shape)
print(reindex_trajectories(df[df["n"] % 3 == 0])["n"].nunique())
cells = tessellate(df, "grid", ref_distance=0.15)
print(
    len(cells.location_count), f"{infer(cells, 'd', sigma=0.02)['diffusivity'].sum().iloc[0]:.4f}"
)
