"""Print what it gains to filter whole tracks, where they cross the border of a region.

    python benches/whole_tracks.py                      # some minutes
    python benches/whole_tracks.py --seeds 4 --kinds uniform

Landscapes are those of `benches/landscapes.py`; of each, four regions of 1.5 µm are mapped by
`tracks.dv`, from what lies in them alone, and with what the same tracks do outside. For V less its
mean, F and ln D, at cells of the region, and at those within 0.3 µm of its border: the root mean
square error with whole tracks over that without, as the geometric mean over the regions, and its
standard error.
"""

import argparse

import numpy as np

import landscapes
from landscapes import KINDS, Floats, Landscape, trajectories
from tramway.data import translocations
from tramway.inference import Maps, get_model
from tramway.tessellation import Partition, hexagons, nearest_cell

SIDE = 1.5  # µm, of a region
CORNERS = [(x, y) for x in (0.3, 2.2) for y in (0.3, 2.2)]  # µm, the lower ones
NEAR = 0.3  # µm from the border
LEAST = 500  # translocations; regions of less are passed over
USUAL = ("uniform", "equilibrium", "5,000", "200,000", "twice the noise", "tracks of 6")


def errors(maps: Maps, landscape: Landscape, corner: Floats) -> list[float]:
    """Errors of V, F and ln D, in all of a region, then near its border."""
    centers = maps.inferred_from().tessellation.cell_centers[maps.maps.index]
    depth = np.minimum(centers - corner, corner + SIDE - centers).min(axis=1)
    potential, slope = landscape.potential(centers)
    of_v = maps.maps["potential"].to_numpy() - potential
    of_v -= of_v[depth > 0].mean()
    of_f = (maps.maps[["force x", "force y"]].to_numpy() + slope).ravel()
    of_d = np.log(maps.maps["diffusivity"].to_numpy() / landscape.diffusivity(centers)[0])
    found = []
    for is_there in (depth > 0, (depth > 0) & (depth < NEAR)):
        for error, rows in ((of_v, is_there), (of_f, np.repeat(is_there, 2)), (of_d, is_there)):
            found.append(float(np.sqrt(np.nanmean(error[rows] ** 2))))
    return found


def ratios(kind: landscapes.Kind, seeds: range) -> Floats:
    """Errors with whole tracks over those without, a row for each region."""
    rows = []
    for seed in seeds:
        table, landscape = trajectories(kind, seed)
        for corner in np.array(CORNERS):
            points = translocations(table, corner, corner + SIDE)
            if len(points) < LEAST:
                continue
            places = points[["x", "y"]].to_numpy()
            mesh = hexagons(places, resolution=landscapes.CELLS)
            cells = nearest_cell(places, mesh)
            of = [
                errors(
                    get_model("tracks.dv").infer(
                        Partition(points, mesh, cells, find_trajectories=source),
                        localization_precision=kind.precision,
                    ),
                    landscape,
                    corner,
                )
                for source in (None, lambda table=table: table)
            ]
            rows.append(np.array(of[1]) / np.array(of[0]))
    return np.array(rows)


def main() -> None:
    """Measure the kinds that are asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--kinds", nargs="+", default=USUAL)
    given = parser.parse_args()
    for kind in KINDS:
        if kind.name not in given.kinds:
            continue
        logarithms = np.log(ratios(kind, range(given.first, given.first + given.seeds)))
        mean, deviation = logarithms.mean(axis=0), logarithms.std(axis=0)
        said = [
            f"{name} {np.exp(m):.3f} ± {s / np.sqrt(len(logarithms)):.3f}"
            for name, m, s in zip(("V", "F", "ln D") * 2, mean, deviation, strict=True)
        ]
        print(
            f"{kind.name}: {', '.join(said[:3])}; near the border {', '.join(said[3:])}", flush=True
        )


if __name__ == "__main__":
    main()
