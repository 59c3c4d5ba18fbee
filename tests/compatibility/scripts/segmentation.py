"""All ways to cut a region into cells, as the documentation of segmentation goes through them."""

import warnings

warnings.simplefilter("ignore")

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt

from tramway.analyzer import *


def analyzer():
    a = RWAnalyzer()
    a.spt_data.from_ascii_file("a.rpt.txt")
    a.roi.from_ascii_files(suffix="roi")
    return a


def show(name, part):
    counts = np.asarray(part.location_count)
    print(name, len(counts), int(counts.sum()), sorted(counts[counts > 0].tolist()))


# by class, by class and parameters, by name
for kind in (tessellers.Squares, tessellers.Hexagons):
    for resolution in (None, 0.2, 0.5):
        a = analyzer()
        a.tesseller = kind
        if resolution:
            a.tesseller.resolution = resolution
        r = first(a.roi.as_support_regions())
        show(f"{kind.__name__} {resolution}", a.sampler.sample(r.crop()))

for name, parameters in (
    ("grid", {"ref_distance": 0.2}),
    ("hexagon", {"ref_distance": 0.15}),
):
    a = analyzer()
    a.tesseller.from_plugin(name)
    for parameter, value in parameters.items():
        setattr(a.tesseller, parameter, value)
    r = first(a.roi.as_support_regions())
    show(f"plugin {name}", a.sampler.sample(r.crop()))

# hexagons turned
a = analyzer()
a.tesseller = tessellers.Hexagons
a.tesseller.resolution = 0.3
a.tesseller.tilt = 0.5
r = first(a.roi.as_support_regions())
show("tilted", a.sampler.sample(r.crop()))

# the mesh first, and then the points
a = analyzer()
a.tesseller = tessellers.Hexagons
a.tesseller.resolution = 0.3
r = first(a.roi.as_support_regions())
df = r.crop()
mesh = a.tesseller.tessellate(df)
print("centers", mesh.cell_centers.shape, mesh.cell_adjacency.shape, mesh.number_of_cells)
print("neighbours", int((mesh.cell_adjacency != 0).sum()))
print("volume", np.round(mesh.cell_volume, 6).tolist())
part = a.sampler.sample(df, mesh)
show("mesh first", part)
index = mesh.cell_index(df)
print("cell index", np.bincount(index, minlength=mesh.number_of_cells).tolist())

# more points than those that are nearest, or fewer
b = analyzer()
b.sampler.from_nearest_neighbors(30)
part = b.sampler.sample(df, mesh)
points, cells = part.cell_index
print("knn", len(points), len(set(cells.tolist())), int(min(part.location_count)))

b = analyzer()
b.tesseller = tessellers.Hexagons
b.tesseller.resolution = 0.3
b.sampler = sampler.Knn((10, 40))
r = first(b.roi.as_support_regions())
counts = np.asarray(b.sampler.sample(r.crop()).location_count)
print("at least", int(counts.min()) >= 10)

c = analyzer()
c.tesseller = tessellers.Squares
c.tesseller.resolution = 0.3
c.sampler.from_voronoi()
c.sampler.min_location_count = 20
r = first(c.roi.as_support_regions())
part = c.sampler.sample(r.crop())
print("at least 20", sorted(n for n in part.location_count.tolist() if n))

# cells that adapt to the data: how many depends on chance
for kind, resolution in ((tessellers.KMeans, 0.3), (tessellers.GWR, 0.3)):
    a = analyzer()
    a.tesseller = kind
    a.tesseller.resolution = resolution
    r = first(a.roi.as_support_regions())
    part = a.sampler.sample(r.crop())
    print(kind.__name__, "about", part.number_of_cells, int(part.location_count.sum()))

# small cells are merged
a = analyzer()
a.tesseller = tessellers.Hexagons
a.tesseller.resolution = 0.3
a.tesseller.post_processing = cell_mergers.ByTranslocationCount
a.tesseller.post_processing.count_threshold = 20
r = first(a.roi.as_support_regions())
part = a.sampler.sample(r.crop())
print("merged", int(part.location_count.min()) >= 20, int(part.location_count.sum()))

# time
a = analyzer()
a.tesseller = tessellers.Squares
a.tesseller.resolution = 0.5
a.time.from_sliding_window(duration=1.5, shift=0.5)
r = first(a.roi.as_support_regions())
part = a.sampler.sample(r.crop())
print("segments", a.time.n_time_segments(part))
print("times", a.time.get_time_segments(part).tolist())
print("space", len(a.time.get_spatial_segmentation(part).cell_centers))
for i, times, segment in a.time.as_time_segments(part, return_index=True):
    print("segment", i, list(map(float, times)), segment.location_count.tolist())

# figures
a = analyzer()
a.tesseller = tessellers.Hexagons
a.tesseller.resolution = 0.4
r = first(a.roi.as_support_regions())
part = a.sampler.sample(r.crop())
figure, axes = plt.subplots()
a.tesseller.mpl.plot(
    part,
    axes=axes,
    location_options=dict(color="r", alpha=0.2),
    voronoi_options=dict(centroid_style=None),
    delaunay_options=None,
    title="hexagons",
)
figure.savefig("hexagons.png")
print("done")
