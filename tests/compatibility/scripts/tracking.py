"""Localizations, trajectories and images, as the documentation of tracking goes through them."""

import warnings

warnings.simplefilter("ignore")

import numpy as np
import pandas as pd

from tramway.analyzer import *

locations = pd.read_csv("a.rpt.txt", sep="\t", names=list("nxyt"))
truth = locations[locations["t"] < 3]

# a single particle
a = RWAnalyzer()
a.tracker.from_single_particle()
one = truth[truth["n"] == 6]
found = a.tracker.track(one[["x", "y", "t"]])
print("single", found.shape, sorted(found.columns), found["n"].unique().tolist())

# particles that are far apart
random = np.random.RandomState(0)
starts = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0], [5.0, 5.0]])
steps = random.normal(0, 0.1, (60, 4, 2)).cumsum(axis=0)
xyt = pd.DataFrame(
    {
        "x": (starts + steps)[..., 0].ravel(),
        "y": (starts + steps)[..., 1].ravel(),
        "t": np.repeat(0.05 * np.arange(1, 61), 4),
    }
)
b = RWAnalyzer()
b.tracker.from_non_tracking()
b.tracker.dt = 0.05
b.tracker.localization_precision = 0.02
b.tracker.estimated_high_diffusivity = 0.2
found = b.tracker.track(xyt)
print("four", sorted(found.columns), found["n"].nunique(), sorted(found.groupby("n").size()))
for n, track in found.groupby("n"):
    print(n, np.round(track[["x", "y"]].sum().to_numpy(), 9).tolist())

# and on to the analysis
xyt.to_csv("four.xyt", sep="\t", index=False, header=False)
c = RWAnalyzer()
c.tracker.from_non_tracking()
c.tracker.dt = 0.05
c.tracker.localization_precision = 0.02
c.tracker.estimated_high_diffusivity = 0.2
c.tracker.track("four.xyt", register=True)
f = first(c.spt_data)
print("registered", len(f.dataframe))
c.roi.from_squares(starts, 3.0)
c.tesseller = tessellers.Squares
c.tesseller.resolution = 0.3
c.spt_data.localization_precision = 0.02
c.mapper.from_plugin("d")
for r in c.roi.as_support_regions():
    lb, ub = r.bounding_box
    df = r.crop()
    maps = c.mapper.infer(c.sampler.sample(df))
    print(
        r.label, lb.tolist(), ub.tolist(), len(df), maps["diffusivity"].to_numpy().ravel().tolist()
    )

# trajectories and translocations
from tramway.core.xyt import trajectories_to_translocations, translocations_to_trajectories

both = trajectories_to_translocations(locations)
print("translocations", both.shape, sorted(both.columns))
back = translocations_to_trajectories(both)
print("trajectories", back.shape, back["n"].nunique(), round(float(back["x"].sum()), 9))
