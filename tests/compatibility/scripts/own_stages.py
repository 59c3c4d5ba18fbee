"""Stages of the user's own, and a model of their own."""

import warnings

warnings.simplefilter("ignore")

import numpy as np
import pandas as pd

from tramway.analyzer import *


def say(name, values):
    """Print an array by its shape, its sum, and its sum by rank, which tells an order."""
    values = np.asarray(values, dtype=float).ravel()
    known = np.where(np.isnan(values), 0.0, values)
    ranked = known @ np.arange(1, len(known) + 1) / max(len(known), 1)
    print(name, len(values), int(np.isnan(values).sum()), f"{known.sum():.6f} {ranked:.6f}")


import os


def fresh_start(a):
    for f in a.spt_data:
        path = f.source[:-3] + "rwa"
        if os.path.exists(path):
            os.unlink(path)


def cut(a):
    for f in a.spt_data:
        with f.autosaving():
            for r in f.roi.as_support_regions():
                df = r.discard_static_trajectories(r.crop())
                sampling = a.sampler.sample(df)
                commit_as_analysis(r.label + " hex", sampling, parent=r)


def count(cells):
    index = list(cells)
    return pd.DataFrame(
        {"n": [float(len(cells[i])) for i in index], "x": [cells[i].center[0] for i in index]},
        index=index,
    )


a = RWAnalyzer()
a.spt_data.from_ascii_files("*.rpt.txt")
a.spt_data.localization_precision = 0.02
a.spt_data.alias = lambda path: os.path.basename(path)[0]
a.roi.from_ascii_files(suffix="roi")
a.tesseller = tessellers.Hexagons
a.tesseller.resolution = 0.4
a.mapper.from_plugin(count)
a.pipeline.append_stage(fresh_start)
a.pipeline.append_stage(cut)
a.pipeline.append_stage(
    stages.infer(map_label="count", sampling_label=lambda label: label + " hex")
)
a.run()
b = RWAnalyzer()
b.spt_data.from_rwa_files("*.rpt.rwa")
for f in sorted(b.spt_data, key=lambda f: f.source):
    for label in sorted(f.analyses.labels):
        node = f.analyses[label]
        print(f.source[-9:], label, sorted(node.labels), len(node.data.location_count))
        for child in sorted(node.labels):
            maps = node[child].data
            print(maps.features)
            for feature in maps.features:
                say(feature, maps[feature])
