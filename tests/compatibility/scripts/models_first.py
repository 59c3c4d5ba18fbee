"""Other orders of calls than the documentation's: models before cells, cells before data."""

import warnings

warnings.simplefilter("ignore")


from tramway.analyzer import *

# the model first, then cells, regions and data; a run in this process

a = RWAnalyzer()
a.mapper = mapper.MapperPlugin("d")
a.tesseller = tessellers.Squares
a.tesseller.resolution = 0.4
a.spt_data.from_ascii_files("*.rpt.txt")
a.spt_data.localization_precision = 0.02
a.roi.from_ascii_files(suffix="roi", group_overlapping_roi=True)
print(len(a.spt_data), [len(list(f.roi.as_support_regions())) for f in a.spt_data])
for f in a.spt_data:
    for i, r in f.roi.as_individual_roi(return_index=True):
        print(i, r.label, len(r.crop()))
    print([r.label for r in f.roi.as_individual_roi(index=[1, 0])])
    with f.autosaving() as tree:
        for r in f.roi.as_support_regions():
            sampling = a.sampler.sample(r.crop())
            node = commit_as_analysis(r.label, sampling, r)
            commit_as_analysis("d", a.mapper.infer(sampling), node)
            print(r.label, sampling.tessellation.number_of_cells)
        print(sorted(tree.labels))

# read again, by source

again = RWAnalyzer()
again.spt_data.from_rwa_files("*.rwa")
again.roi.from_ascii_files(suffix="roi", group_overlapping_roi=True)
for f in again.spt_data:
    tree = f.analyses
    for label in sorted(tree.labels):
        maps = tree[label]["d"].data
        values = maps["diffusivity"].to_numpy().ravel()
        print(label, sorted(tree[label].labels), len(values), values.round(3).tolist())
    for r in f.roi.as_support_regions():
        found = r.get_sampling()
        print(r.label, found.data.tessellation.number_of_cells)
