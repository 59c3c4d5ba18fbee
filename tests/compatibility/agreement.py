"""A script in the style of the original's documentation; prints what it finds as JSON."""

import json
import os
import tempfile
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
NAMES: dict = {}
exec((Path(__file__).parent / "given.py").read_text(encoding="utf-8"), NAMES)
os.chdir(tempfile.mkdtemp())

from tramway.analyzer import *  # noqa: E402, F403 - as users write it

FOUND = {}


def note(name, region, a):
    points = region.crop()
    sampling = a.sampler.sample(points)
    values = sorted(a.mapper.infer(sampling)["diffusivity"].to_numpy().ravel().tolist())
    FOUND[name] = [len(points), len(sampling.location_count), *values]


NAMES["write_files"]()
for grouped in (False, True):
    a = RWAnalyzer()  # noqa: F405
    a.spt_data.from_ascii_files("*.rpt.txt")
    a.spt_data.localization_precision = 0.02
    a.roi.from_ascii_files(group_overlapping_roi=grouped)
    a.tesseller = tessellers.Squares  # noqa: F405
    a.tesseller.resolution = 0.4
    a.mapper.from_plugin("d")
    for f in a.spt_data:
        for r in f.roi.as_support_regions():
            note(f"{f.source[-9:]} {r.label}", r, a)

for kind in (tessellers.Hexagons, tessellers.Squares):  # noqa: F405
    for resolution in (None, 0.5):
        a = RWAnalyzer()  # noqa: F405
        a.spt_data.from_dataframe(NAMES["walk"]())
        a.spt_data.localization_precision = 0.02
        a.tesseller = kind
        if resolution:
            a.tesseller.resolution = resolution
        a.mapper.from_plugin("d")
        r = first(a.roi.as_support_regions())  # noqa: F405
        note(f"whole, {kind.__name__}, {resolution}", r, a)

print(json.dumps(FOUND))
