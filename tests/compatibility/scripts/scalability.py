"""The work in jobs of any size: granularities, stages of one's own, an environment of one's own."""

import os
import warnings

warnings.simplefilter("ignore")

import logging

from tramway.analyzer import *


class MyCluster(environments.SingularitySlurm):
    @classmethod
    def hostname(cls):
        return "frontend.example.org"

    @classmethod
    def scratch(cls, username):
        return os.path.join("/scratch", username)

    @classmethod
    def remote_dependencies(cls):
        return "module load singularity"


b = RWAnalyzer()
b.env = MyCluster
b.env.username = "me"
b.env.sbatch_options["mem"] = "8G"
b.env.sbatch_options.update(dict(c=4, partition="common"))
b.env.container = "singularity-containers/tramway.sif"
b.env.worker_count = 100
print(b.env.scratch("me"), b.env.sbatch_options["mem"])

a = RWAnalyzer()
a.spt_data.from_ascii_files("*.rpt.txt")
a.spt_data.localization_precision = 0.02
a.spt_data.frame_interval = 0.05
a.roi.from_ascii_files(suffix="roi")
a.tesseller = tessellers.Hexagons
a.tesseller.resolution = 0.5
a.mapper.from_plugin("df")


def per_source(self):
    for f in self.spt_data:
        with f.autosaving() as tree:
            for r in f.roi.as_support_regions():
                df = r.discard_static_trajectories(r.crop())
                tree["hexagons " + r.label] = self.sampler.sample(df)


def per_region(self):
    for f in self.spt_data:
        for r in f.roi.as_support_regions():
            sampling = r.get_sampling("hexagons " + r.label)
            with r.autosaving() as tree:
                tree["hexagons " + r.label]["df"] = self.mapper.infer(sampling.data)


a.pipeline.append_stage(per_source, granularity="spt data")
a.pipeline.append_stage(stages.reload())
a.pipeline.append_stage(per_region, granularity="roi")
print(len(a.pipeline))

a.env = environments.LocalHost
a.env.worker_count = 2
a.env.script = __file__
a.pipeline.early_setup()
if a.env.submit_side:
    a.logger.setLevel(logging.INFO)

a.run()

a.spt_data.reload_from_rwa_files()
for f in sorted(a.spt_data, key=lambda f: f.source):
    print(os.path.splitext(os.path.basename(f.source))[0], sorted(f.analyses.labels))
    for r in f.roi.as_support_regions():
        sampling = r.get_sampling("hexagons " + r.label)
        maps = sampling.get_child("df").data
        print(r.label, sampling.data.location_count.tolist())
        print("D", maps["diffusivity"].to_numpy().ravel().tolist())
