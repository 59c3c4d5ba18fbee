"""The analyzer from data to maps, without a pipeline, as a notebook shows it."""

import warnings

warnings.simplefilter("ignore")

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt

from tramway.analyzer import *

a = RWAnalyzer()
a.spt_data.from_ascii_file("a.rpt.txt")
a.spt_data.localization_precision = 0.02

print(a.spt_data.dataframe.shape, list(a.spt_data.dataframe.columns))
print("frame interval", float(a.spt_data.frame_interval))
print("bounds", a.spt_data.bounds.to_numpy().tolist())

a.spt_data.mpl.plot()
plt.close("all")

a.roi.from_ascii_files(suffix="roi")
for r in a.roi.as_support_regions():
    lb, ub = r.bounding_box
    print(r.label, lb.tolist(), ub.tolist(), len(r.crop()))

a.tesseller = tessellers.Hexagons
a.tesseller.resolution = 0.4

r = first(a.roi.as_support_regions())
df = r.crop()
sampling = a.sampler.sample(df)
print("cells", sampling.number_of_cells, sampling.location_count.tolist())
a.tesseller.mpl.plot(sampling)
plt.close("all")

a.mapper.from_plugin("d")
maps = a.mapper.infer(sampling)
print("features", "diffusivity" in maps.features)
print("D", maps["diffusivity"].to_numpy().ravel().tolist())
a.mapper.mpl.plot(maps, "diffusivity", sampling)
plt.close("all")

with a.spt_data.autosaving() as tree:
    node = commit_as_analysis("hexagons", sampling, r)
    commit_as_analysis("d", maps, node)
    print("in the tree", len(str(tree)) > 0, sorted(tree.labels))

b = RWAnalyzer()
b.spt_data.from_rwa_file("a.rpt.rwa")
f = single(b.spt_data)
print("stored", list(f.analyses.labels), list(f.analyses["hexagons"].labels))
again = f.get_sampling("hexagons").get_child().data
print("D read", again["diffusivity"].to_numpy().ravel().tolist())
print("dt, sigma", float(f.dt), float(f.localization_precision))
