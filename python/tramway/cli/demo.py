"""The demonstration: wells of known depth, simulated, mapped and found again."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.data import Well, simulate, translocations
from tramway.inference import Maps, contrast, get_model
from tramway.plotting import plot_map
from tramway.tessellation import Partition, hexagons, nearest_cell
from tramway.units import UNITS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What is simulated: one diffusivity everywhere, and three wells.
FIELD = ((-0.5, -0.5), (3.5, 3.5))  # µm; molecules bounce off its border
DIFFUSIVITY = 0.15  # µm²/s
WELLS = (
    Well(center=(0.8, 0.9), depth=4.0, width=0.3),
    Well(center=(2.2, 0.8), depth=2.0, width=0.3),
    Well(center=(1.5, 2.2), depth=3.0, width=0.3),
)
TRACK_COUNT = 2_500
TRACK_LENGTH = 21  # localizations
FRAME_INTERVAL = 0.02  # s
LOCALIZATION_PRECISION = 0.015  # µm

# How it is mapped: nothing here is derived from the wells.
REGION = ((0.0, 0.0), (3.0, 3.0))  # µm; away from the walls, which would show as forces
PLUGIN = "tracks.dv"  # its priors choose themselves
RESOLUTION = 0.15  # µm, twice the step of one frame along an axis

_SURROUNDINGS = 3.0  # widths from every well beyond which the potential is flat


def simulate_movie(seed: int) -> pd.DataFrame:
    """Trajectories of molecules at equilibrium in the wells: columns ``n x y t``."""
    return simulate(
        track_count=TRACK_COUNT,
        track_length=TRACK_LENGTH,
        frame_interval=FRAME_INTERVAL,
        localization_precision=LOCALIZATION_PRECISION,
        lower=FIELD[0],
        upper=FIELD[1],
        diffusivity=DIFFUSIVITY,
        wells=WELLS,
        seed=seed,
    )


def map_movie(trajectories: pd.DataFrame) -> tuple[Partition, Maps]:
    """Tessellate and infer, as the standard pipeline does for a region."""
    table = translocations(trajectories, *REGION)
    points = table[["x", "y"]].to_numpy()
    tessellation = hexagons(points, resolution=RESOLUTION)
    partition = Partition(table, tessellation, nearest_cell(points, tessellation))
    infer = get_model(PLUGIN).infer
    return partition, infer(partition, localization_precision=LOCALIZATION_PRECISION)


def true_potential(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Potential in kT at points (n, 2), zero far from the wells."""
    potential = np.zeros(len(points))
    for well in WELLS:
        distance = np.linalg.norm(points - well.center, axis=1)
        potential -= well.depth * np.exp(-0.5 * (distance / well.width) ** 2)
    return potential


def well_cells(
    centers: NDArray[np.float64],
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Choose the cell at the bottom of each well, and the cells far from all.

    The depth of a well is what lies between their potentials, on the truth as on the estimate, so
    that the size of the cells does not come between the two.
    """
    distances = np.stack([np.linalg.norm(centers - well.center, axis=1) for well in WELLS])
    widths = np.array([[well.width] for well in WELLS])
    is_far = (distances > _SURROUNDINGS * widths).all(axis=0)
    return distances.argmin(axis=1), np.flatnonzero(is_far)


def describe_movie(trajectories: pd.DataFrame) -> str:
    """One line on what was simulated."""
    return (
        f"simulated  {trajectories['n'].nunique():,} tracks of {TRACK_LENGTH} localizations, "
        f"every {FRAME_INTERVAL * 1e3:.0f} ms, precision {LOCALIZATION_PRECISION * 1e3:.0f} nm"
    )


def describe_maps(partition: Partition, maps: Maps) -> str:
    """Two lines on how it was mapped."""
    amplitude, length = np.asarray(maps.scales)[1]
    chosen = f"V found to vary by {amplitude:.2g} kT over {length:.2g} µm"
    return (
        f"mapped     {len(partition.points):,} translocations in {len(maps)} cells "
        f"{RESOLUTION} µm apart\n"
        f"model      {PLUGIN}, {chosen}"
    )


def compare(partition: Partition, maps: Maps) -> str:
    """Table of the truth against the estimate."""
    centers = partition.tessellation.cell_centers[maps.maps.index]
    truth, estimate = true_potential(centers), maps.maps["potential"].to_numpy()
    diffusivity = maps.maps["diffusivity"].median()
    spread = maps.maps["diffusivity std"].median()
    rows = [("diffusivity, median", "diffusivity", DIFFUSIVITY, diffusivity, spread)]
    bottoms, far = well_cells(centers)
    cells = maps.maps.index
    for well, bottom in zip(WELLS, bottoms, strict=True):
        name = f"{well.depth:g} kT well at {well.center}, depth"
        height, std = contrast(maps, partition, [cells[bottom]], list(cells[far]))
        rows.append((name, "potential", truth[far].mean() - truth[bottom], -height, std))
    lines = [f"{'':<42}{'truth':>8}{'estimate':>10}"]
    lines += [
        f"{name:<34}{UNITS[quantity]:<8}{true:>#8.3g}{found:>#10.3g} ± {std:#.2g}"
        for name, quantity, true, found, std in rows
    ]
    error = np.std(estimate - truth)  # the potential is defined up to a constant
    lines.append(f"{'potential, rms error by cell':<34}{UNITS['potential']:<8}{error:>#18.3g}")
    return "\n".join(lines)


def draw(partition: Partition, maps: Maps) -> "Figure":
    """Draw the true and the estimated potential, the diffusivity and the force."""
    from matplotlib.figure import Figure

    cells = maps.maps.index
    potential = true_potential(partition.tessellation.cell_centers[cells])
    truth = Maps(pd.DataFrame({"potential": potential - potential.min()}, index=cells), "truth")
    highest = max(truth.maps["potential"].max(), maps.maps["potential"].max())

    figure = Figure(figsize=(9.5, 8.2), layout="compressed")
    (top_left, top_right), (bottom_left, bottom_right) = figure.subplots(2, 2)
    scale = (0.0, float(highest))
    plot_map(truth, "potential", partition, axes=top_left, clim=scale, title="true potential")
    plot_map(maps, "potential", partition, axes=top_right, clim=scale, title="estimated potential")
    plot_map(
        maps,
        "diffusivity",
        partition,
        axes=bottom_left,
        title=f"estimated diffusivity (truth: {DIFFUSIVITY} {UNITS['diffusivity']})",
    )
    plot_map(maps, "force", partition, axes=bottom_right, title="estimated force")
    return figure
