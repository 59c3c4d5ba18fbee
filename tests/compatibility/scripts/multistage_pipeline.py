"""Tessellate, reload, infer: stages one by one; run a second time, they replace what there is."""

import os
import warnings

warnings.simplefilter("ignore")

import logging

from tramway.analyzer import *

a = RWAnalyzer()
wd = os.getcwd()
a.spt_data.from_ascii_files(f"{wd}/*.rpt.txt")
a.spt_data.localization_precision = 0.02
a.roi.from_ascii_files(suffix="roi")
a.tesseller = tessellers.Squares
a.tesseller.resolution = 0.4
a.mapper.from_plugin("d")


def fresh_start(self):
    for f in self.spt_data:
        rwa_file = os.path.splitext(f.source)[0] + ".rwa"
        if os.path.isfile(rwa_file):
            f.logger.debug(f"deleting file: {rwa_file}")
            os.unlink(rwa_file)


a.pipeline.append_stage(fresh_start, run_everywhere=True)
a.pipeline.append_stage(stages.tessellate(discard_static_trajectories=True))
a.pipeline.append_stage(stages.reload())
a.pipeline.append_stage(stages.infer(map_label="d", overwrite=True))

a.env = environments.LocalHost
a.env.worker_count = 2

try:
    a.env.script = __file__
except NameError:
    a.env.script = "multi-stage pipeline.ipynb"

a.logger.setLevel(logging.DEBUG)

print(sorted(map(os.path.basename, a.spt_data.filepaths)))
print(sorted(os.path.basename(f.roi.filepath) for f in a.spt_data))

a.run()

a.spt_data.reload_from_rwa_files()
for f in sorted(a.spt_data, key=lambda f: f.source):
    print(os.path.splitext(os.path.basename(f.source))[0], sorted(f.analyses.labels))
    for r in f.roi.as_support_regions():
        sampling = r.get_sampling()
        maps = sampling.get_child("d").data
        print(r.label, sampling.data.location_count.tolist())
        print(
            "D", maps["diffusivity"].index.tolist(), maps["diffusivity"].to_numpy().ravel().tolist()
        )
