"""How often a study of movies calls a difference significant: without one, and with one.

Each study has two conditions of four movies, whose diffusivities differ by 10 % (sd) from movie to
movie; each movie has two regions. All of it is simulated, mapped by the model D, and compared as
`tramway study` does. Without an effect at most 5 % may be called significant at that level.

    python benches/studies.py [number of studies]
    python benches/studies.py 50 --wells

Of wells, each movie has one, whose depth differs by 10 % (sd) between movies. Maps are those of
DV with chosen priors; what is compared is the deepest well of probability one half or more. In one
kind of study depths are the same, but the movies of the drug hold a third of the tracks.
"""

import argparse
import warnings

import numpy as np
import pandas as pd

from tramway.data import Well, simulate, translocations
from tramway.inference import find_domains, get_model
from tramway.report.region import LEAST_PROBABILITY
from tramway.report.results import MapResult
from tramway.report.summary import summary_of
from tramway.study import compare
from tramway.tessellation import Partition, hexagons, nearest_cell

MOVIES, SPREAD, RATIO = 4, 0.10, 1.4
REGIONS = (((0.2, 0.2), (1.0, 1.8)), ((1.0, 0.2), (1.8, 1.8)))  # µm


def region_diffusivities(diffusivity: float, seed: int) -> list[float]:
    """Simulate a movie, and map its regions."""
    movie = simulate(
        track_count=60,
        track_length=12,
        frame_interval=0.02,
        lower=(0, 0),
        upper=(2, 2),
        diffusivity=diffusivity,
        localization_precision=0.02,
        substeps=2,
        seed=seed,
    )
    found = []
    for region in REGIONS:
        table = translocations(movie, *region)
        points = table[["x", "y"]].to_numpy()
        cells = hexagons(points, resolution=0.4)
        partition = Partition(table, cells, nearest_cell(points, cells))
        maps = get_model("d").infer(partition, localization_precision=0.02, diffusivity_prior=10.0)
        result = MapResult(None, "", "", "", maps, partition, None, None, None)
        found.append(summary_of(result)["diffusivity"])
    return found


def study(ratio: float, seed: int) -> pd.DataFrame:
    """Simulate a study; a row per region."""
    numbers = np.random.default_rng(seed)
    rows = []
    for condition, factor in (("control", 1.0), ("drug", ratio)):
        for movie in range(MOVIES):
            diffusivity = 0.1 * factor * np.exp(SPREAD * numbers.normal())
            values = region_diffusivities(diffusivity, int(numbers.integers(2**31)))
            rows += [(condition, movie, value) for value in values]
    return pd.DataFrame(rows, columns=["condition", "movie", "diffusivity"])


DEPTH, WIDTH, TRACKS = 3.0, 0.3, 300  # kT, µm
_OF_WELLS = ("depth", "depth std", "diameter", "residence time")


def deepest_well(depth: float, tracks: int, seed: int) -> dict[str, float]:
    """Simulate a movie of a well, and map it; NaN where none is probable."""
    movie = simulate(
        track_count=tracks,
        track_length=31,
        frame_interval=0.015,
        lower=(0, 0),
        upper=(2.5, 2.5),
        diffusivity=0.15,
        wells=[Well((1.25, 1.25), depth, WIDTH)],
        localization_precision=0.02,
        substeps=10,
        seed=seed,
    )
    table = translocations(movie, (0.25, 0.25), (2.25, 2.25))
    points = table[["x", "y"]].to_numpy()
    cells = hexagons(points, resolution=0.18)
    partition = Partition(table, cells, nearest_cell(points, cells))
    chosen = {"diffusivity_prior": "auto", "potential_prior": "auto", "noise_correction": "auto"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        maps = get_model("dv").infer(partition, localization_precision=0.02, **chosen)
    domains = find_domains(maps)
    likely = domains[domains["probability"] >= LEAST_PROBABILITY]
    if likely.empty:
        return dict.fromkeys(_OF_WELLS, np.nan)
    return {name: float(likely.iloc[0][name]) for name in _OF_WELLS}


def study_of_wells(effect: float, share: float, seed: int) -> pd.DataFrame:
    """Simulate a study whose second condition has deeper wells, and a share of the tracks."""
    numbers = np.random.default_rng(seed)
    rows = []
    for condition, more, tracks in (("control", 0.0, TRACKS), ("drug", effect, share * TRACKS)):
        for movie in range(MOVIES):
            depth = (DEPTH + more) * np.exp(SPREAD * numbers.normal())
            found = deepest_well(depth, int(tracks), int(numbers.integers(2**31)))
            rows.append({"condition": condition, "movie": movie} | found)
    return pd.DataFrame(rows)


def say_of_wells(count: int) -> None:
    """Print how often each quantity of wells differs significantly, and what is found of depths."""
    quantities = {"depth": False, "diameter": True, "residence time": True}
    kinds = (("no effect", 0.0, 1.0), ("a third of the tracks", 0.0, 1 / 3), ("+1.5 kT", 1.5, 1.0))
    for number, (what, effect, share) in enumerate(kinds):
        studies = [study_of_wells(effect, share, 10**6 * number + seed) for seed in range(count)]
        for quantity, logarithmic in quantities.items():
            found = []
            for table in studies:
                if (table.groupby("condition")[quantity].count() > 1).all():
                    found.append(compare(table, quantity, logarithmic=logarithmic)[1].iloc[0])
            rows = pd.DataFrame(found)
            said = f"{what}, {quantity}: p < 0.05 in {(rows['p'] < 0.05).mean():.1%} of {len(rows)}"
            if quantity == "depth":
                covers = ((rows["low"] <= effect) & (effect <= rows["high"])).mean()
                mean, std = rows["difference"].mean(), rows["difference"].std()
                said += f", difference {mean:.2f} ± {std:.2f} kT, in its interval in {covers:.1%}"
            print(said, flush=True)
        depths = pd.concat(studies).groupby("condition")["depth"]
        print(f"    depths {depths.mean().round(2).to_dict()}, found {depths.count().to_dict()}")


def called_significant(ratio: float, count: int, first_seed: int) -> tuple[float, float, float]:
    """Share of studies with p < 0.05, share of intervals with the truth, mean ratio found."""
    found = [
        compare(study(ratio, first_seed + seed), "diffusivity", logarithmic=True)[1].iloc[0]
        for seed in range(count)
    ]
    table = pd.DataFrame(found)
    covers = (table["low"] <= ratio) & (ratio <= table["high"])
    return (
        float((table["p"] < 0.05).mean()),
        float(covers.mean()),
        float(np.exp(np.log(table["ratio"]).mean())),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=500, help="number of studies")
    parser.add_argument("--wells", action="store_true", help="wells instead of diffusivities")
    arguments = parser.parse_args()
    count = arguments.count
    if arguments.wells:
        say_of_wells(count)
        raise SystemExit
    print(f"{count} studies of 2 × {MOVIES} movies of 2 regions")
    for ratio, seed in ((1.0, 0), (RATIO, 10**6)):
        share, covers, mean = called_significant(ratio, count, seed)
        print(
            f"true ratio {ratio:.2f}: p < 0.05 in {share:.1%}, 95 % intervals contain it in "
            f"{covers:.1%}, mean ratio {mean:.3f}"
        )
