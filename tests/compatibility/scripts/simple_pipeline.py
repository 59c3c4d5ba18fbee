"""Tessellate and infer on all cores of the computer; run a second time, it starts afresh."""

import os
import warnings

warnings.simplefilter("ignore")

from tramway.analyzer import *

a = RWAnalyzer()
a.spt_data = spt_data.SPTAsciiFiles("*.rpt.txt")
a.spt_data.localization_precision = 0.02
a.roi.from_ascii_files(suffix="roi")
a.tesseller = tessellers.Hexagons
a.tesseller.resolution = 0.7
a.mapper.from_plugin("stochastic.dv")
a.mapper.diffusivity_prior = 1
a.mapper.potential_prior = 1
a.mapper.max_runtime = 5
a.mapper.verbose = False
a.mapper.worker_count = 0


def fresh_start(self):
    for f in self.spt_data:
        rwa_file = os.path.splitext(f.source)[0] + ".rwa"
        if os.path.isfile(rwa_file):
            f.logger.debug(f"deleting file: {rwa_file}")
            os.unlink(os.path.expanduser(rwa_file))


def diffusivities(self):
    """The stage that users write in the place of a ready one."""
    for r in self.roi.as_support_regions():
        with r.autosaving():
            df = r.discard_static_trajectories(r.crop())
            sampling = commit_as_analysis("own " + r.label, self.sampler.sample(df), parent=r)
            commit_as_analysis("dv", self.mapper.infer(sampling.data), parent=sampling)


a.pipeline.append_stage(fresh_start, run_everywhere=True)
a.pipeline.append_stage(
    stages.tessellate_and_infer(map_label="dv", discard_static_trajectories=True)
)
a.pipeline.append_stage(diffusivities, granularity="roi")

a.env = environments.LocalHost
a.env.worker_count = 2
a.env.script = __file__

a.run()

a.spt_data.reload_from_rwa_files()
for f in sorted(a.spt_data, key=lambda f: f.source):
    print(os.path.splitext(os.path.basename(f.source))[0], sorted(f.analyses.labels))
    for i, _ in f.roi.as_individual_roi(return_index=True):
        region = f.roi.get_support_region(i)
        sampling = region.get_sampling("own " + region.label)
        maps = sampling.get_child("dv")
        print(region.label, sampling.data.location_count.tolist())
        print("dv", i, maps.data["potential"].index.tolist())
        print("stored", region.get_sampling().get_child("dv").data["force"].shape)
