"""What the lines of the elements start from; made with the names of the original alone."""

from pathlib import Path

import numpy as np
import pandas as pd

from tramway.analyzer import *


def walk(seed=0, tracks=60, length=20, side=2.0, dt=0.05, diffusivity=0.1):
    """Random walks in a square, as a table n x y t."""
    random = np.random.RandomState(seed)
    starts = random.uniform(0, side, (tracks, 1, 2))
    steps = random.normal(0, np.sqrt(2 * diffusivity * dt), (tracks, length, 2))
    steps[:, 0] = 0
    xy = np.abs(starts + steps.cumsum(axis=1))
    xy = side - np.abs(side - xy)
    return pd.DataFrame(
        {
            "n": np.repeat(np.arange(1, tracks + 1), length),
            "x": xy[..., 0].ravel(),
            "y": xy[..., 1].ravel(),
            "t": dt * np.tile(np.arange(1, length + 1), tracks)
            + np.repeat(np.arange(tracks) % 5, length),
        }
    )


BOXES = [(np.array([0.0, 0.0]), np.array([1.2, 1.9])), (np.array([1.0, 0.0]), np.array([1.9, 1.9]))]


def write_files():
    """Two files of data with their regions, in the working directory."""
    for seed, name in enumerate(("a.rpt", "b.rpt")):
        walk(seed).to_csv(f"{name}.txt", sep="\t", index=False, header=False)
        regions = "x min\tx max\ty min\ty max\n0\t1.2\t0\t1.9\n1.0\t1.9\t0\t1.9\n"
        Path(f"{name}-roi.txt").write_text(regions)


def set_up(a, cells=True, model="d"):
    """Noise, cells and model."""
    a.spt_data.localization_precision = 0.02
    if cells:
        a.tesseller = tessellers.Hexagons
        a.tesseller.resolution = 0.4
    if model:
        a.mapper.from_plugin(model)
    return a


class Given(dict):
    """Names that are made when they are first used."""

    def __missing__(self, name):
        make = getattr(self, "make_" + name, None)
        if make is None:
            raise KeyError(name)
        self[name] = make()
        return self[name]

    def make_df(self):
        return walk()

    def make_table(self):
        """Analyzer of one table, without regions."""
        a = RWAnalyzer()
        a.spt_data.from_dataframe(walk())
        return set_up(a)

    def make_files(self):
        """Analyzer of two files, without regions."""
        write_files()
        a = RWAnalyzer()
        a.spt_data.from_ascii_files("*.rpt.txt")
        return set_up(a)

    def make_a(self):
        """Analyzer of two files with two regions each."""
        a = self["files"]
        a.roi.from_ascii_files(suffix="roi")
        return a

    def make_dv(self):
        """The same, with the model of the notebooks."""
        write_files()
        a = RWAnalyzer()
        a.spt_data.from_ascii_files("*.rpt.txt")
        set_up(a, model="stochastic.dv")
        a.roi.from_ascii_files(suffix="roi")
        a.mapper.max_runtime = 2
        return a

    def make_modelless(self):
        """The same, without a model."""
        write_files()
        a = RWAnalyzer()
        a.spt_data.from_ascii_files("*.rpt.txt")
        set_up(a, model=None)
        a.roi.from_ascii_files(suffix="roi")
        return a

    def make_f(self):
        return first(self["a"].spt_data)

    def make_r(self):
        return first(self["f"].roi.as_support_regions())

    def make_sampling(self):
        return self["a"].sampler.sample(self["r"].crop())

    def make_maps(self):
        return self["a"].mapper.infer(self["sampling"])

    def make_tree(self):
        """Analysis tree of the first file, with a sampling and its maps."""
        tree = self["f"].analyses
        node = commit_as_analysis("roi000", self["sampling"], self["r"])
        commit_as_analysis("d", self["maps"], node)
        return tree

    def make_timed(self):
        """Analyzer of one table, in segments of time."""
        a = self["table"]
        a.time = time.SlidingWindow(duration=1.5)
        return a

    def make_segments(self):
        return self["timed"].sampler.sample(first(self["timed"].roi.as_support_regions()).crop())
