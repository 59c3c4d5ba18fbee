"""Print how often the intervals of the posterior of tracks contain what the data were drawn from.

    OPENBLAS_NUM_THREADS=1 python benches/calibration.py               # 200 draws: some minutes
    OPENBLAS_NUM_THREADS=1 python benches/calibration.py --draws 50 --first 1000
    OPENBLAS_NUM_THREADS=1 python benches/calibration.py --given       # scales are told

Simulation-based calibration (Cook, Gelman & Rubin, J. Comput. Graph. Stat. 15, 675, 2006): V and
ln D are drawn from their priors, continuous Matérn fields of the orders that the models have;
molecules walk in them by steps of a tenth of the lag and are seen with noise;
the maps are inferred by `tracks.dv`, which knows neither range nor amplitude of the fields, unless
`--given`. Over many draws, intervals of 50, 90 and 95 % must contain the truth as often as they
say: of D, V less its mean, the components of the force, and the difference of V between two cells.
Cells of one draw share their errors, so the standard error that is printed is that between draws.
Beside the shares are the mean square of the errors in standard deviations, 1 where these are right,
and their kurtosis, over all draws and within one: 3 where errors are Gaussian. Ends with PASS or
FAIL: within 2 points, and two standard errors.
"""

import argparse
import sys

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline
from scipy.stats import norm

from tramway.inference import contrast, get_model
from tramway.tessellation import Partition, hexagons, nearest_cell

Floats = NDArray[np.float64]

LEVELS = (0.5, 0.9, 0.95)
ROOM = 0.02
SIDE, MARGIN = 2.4, 0.4  # µm, of the field and of the starts around it
CELLS = 0.2  # µm between neighbours
LAG, PRECISION, LENGTH, STEPS = 0.015, 0.03, 21, 10  # s, µm, localizations, steps of a lag
TRACKS = 300  # in the field and around it
DIFFUSIVITY = 0.1  # µm²/s
OF_LOG_D = (0.25, 2.0)  # amplitude; range, µm
OF_POTENTIAL = (2.0, 2.0)  # kT, µm
GRID, SPACING = 512, 0.02  # points along each axis, and µm between them


class MaternField:
    """A draw of a Gaussian field in the plane with Matérn's covariance.

    White noise on a fine grid, far larger than the field of view so that its ends do not meet,
    filtered by the square root of the spectral density, the frequency's square plus κ² to the minus
    `order`, and continued between the points of the grid by a cubic spline.

    Parameters
    ----------
    order
        That of the stochastic equation that makes it, as in the package.
    scale
        Its standard deviation, and the distance at which the correlation is about 0.13, µm.
    random
        Source of the draw.
    """

    def __init__(self, order: int, scale: tuple[float, float], random: np.random.Generator) -> None:
        amplitude, length = scale
        kappa_squared = 8 * (order - 1) / length**2
        frequency = 2 * np.pi * np.fft.fftfreq(GRID, SPACING)
        squared = frequency[:, None] ** 2 + frequency**2
        density = (kappa_squared + squared) ** -float(order)
        noise = np.fft.fft2(random.normal(size=(GRID, GRID)))
        # What is rougher than the grid is missing, and with it that part of the variance.
        total = np.pi * kappa_squared ** (1 - order) / (order - 1) / (2 * np.pi) ** 2
        cell = 1 / (GRID * SPACING) ** 2
        values = np.fft.ifft2(noise * np.sqrt(density * cell / total)).real * amplitude * GRID
        axis = SPACING * (np.arange(GRID) - GRID // 2) + SIDE / 2
        self.value = RectBivariateSpline(axis, axis, values)
        self.slopes = [self.value.partial_derivative(1, 0), self.value.partial_derivative(0, 1)]

    def __call__(self, points: Floats) -> tuple[Floats, Floats]:
        """Value and gradient."""
        slope = [spline(*points.T, grid=False) for spline in self.slopes]
        return self.value.ev(*points.T), np.stack(slope, axis=1)


class Draw:
    """Maps drawn from the priors, and tracks in them."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.log_d = MaternField(2, OF_LOG_D, random)
        self.potential = MaternField(3, OF_POTENTIAL, random)
        position, time = random.uniform(-MARGIN, SIDE + MARGIN, (TRACKS, 2)), LAG / STEPS
        seen = []
        for _ in range(LENGTH):
            seen.append(position + PRECISION * random.normal(size=position.shape))
            for _ in range(STEPS):
                log_d, d_slope = self.log_d(position)
                d = DIFFUSIVITY * np.exp(log_d)[:, None]
                drift = d * (d_slope - self.potential(position)[1])
                noise = random.normal(size=position.shape)
                position = position + drift * time + np.sqrt(2 * d * time) * noise
        tracks = np.stack(seen, axis=1)
        begin, step = tracks[:, :-1].reshape(-1, 2), np.diff(tracks, axis=1).reshape(-1, 2)
        table = pd.DataFrame(
            {"n": np.repeat(np.arange(TRACKS), LENGTH - 1), "x": begin[:, 0], "y": begin[:, 1]}
            | {"t": np.tile(LAG * np.arange(LENGTH - 1), TRACKS)}
            | {"dx": step[:, 0], "dy": step[:, 1], "dt": LAG}
        )
        table = table[((begin >= 0) & (begin <= SIDE)).all(axis=1)].reset_index(drop=True)
        points = table[["x", "y"]].to_numpy()
        mesh = hexagons(points, resolution=CELLS)
        self.partition = Partition(table, mesh, nearest_cell(points, mesh))
        self.pair = random.random(2)

    def deviations(self, *, given: bool) -> dict[str, Floats]:
        """What maps are off by, in standard deviations, of each quantity.

        Parameters
        ----------
        given
            Whether the maps are told the scales of the fields.
        """
        told = {"scales": [OF_LOG_D, OF_POTENTIAL]} if given else {}
        maps = get_model("tracks.dv").infer(
            self.partition, localization_precision=PRECISION, **told
        )
        table = maps.maps
        centers = self.partition.tessellation.cell_centers[table.index]
        log_d = np.log(DIFFUSIVITY) + self.log_d(centers)[0]
        log_std = np.log(table["diffusivity high"] / table["diffusivity low"]) / (
            2 * norm.ppf(0.975)
        )
        truth, slope = self.potential(centers)
        error = table["potential"].to_numpy() - truth
        forces = table[["force x", "force y"]].to_numpy() + slope
        stds = table[["force std x", "force std y"]].to_numpy()
        one, other = table.index[(self.pair * len(table)).astype(int)]
        if one == other:
            other = table.index[0] if one != table.index[0] else table.index[1]
        value, std = contrast(maps, self.partition, [one], [other])
        true_value = truth[table.index.get_loc(one)] - truth[table.index.get_loc(other)]
        off = {
            "D": (np.log(table["diffusivity"]) - log_d) / log_std,
            "V": (error - error.mean()) / table["potential std"],
            "F": (forces / stds)[np.isfinite(stds)],
            "difference of V": np.array([(value - true_value) / std]),
        }
        return {name: np.asarray(values) for name, values in off.items()}


def covered(errors: list[dict[str, Floats]]) -> pd.DataFrame:
    """Shares of intervals that contain the truth, and their standard errors.

    Parameters
    ----------
    errors
        Errors in standard deviations, for each draw.

    Returns
    -------
    pandas.DataFrame
        A row for each quantity and level, with columns ``share`` and ``error``.
    """
    shares = pd.DataFrame(
        {
            (name, level): [
                np.mean(np.abs(off[name]) < norm.ppf(0.5 + level / 2)) for off in errors
            ]
            for name in errors[0]
            for level in LEVELS
        }
    )
    rows = shares.agg(["mean", "sem"]).T
    return rows.set_axis(["share", "error"], axis=1)


def kurtosis(errors: Floats) -> float:
    """Fourth moment about zero, relative to the square of the second."""
    return float(np.mean(errors**4) / np.mean(errors**2) ** 2)


def main() -> int:
    """Print the shares, and whether they are what they should be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--draws", type=int, default=200, help="draws from the priors")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--given", action="store_true", help="the scales are told")
    arguments = parser.parse_args()
    seeds = range(arguments.first, arguments.first + arguments.draws)
    errors = [Draw(seed).deviations(given=arguments.given) for seed in seeds]
    shares = covered(errors)
    holds = dict.fromkeys(shares.index.get_level_values(0), True)
    print("| quantity | interval | contains the truth | standard error |")
    print("|---|---|---|---|")
    for (name, level), (share, error) in shares.iterrows():
        print(f"| {name} | {level:.0%} | {share:.1%} | {error:.1%} |")
        holds[name] &= bool(abs(share - level) < ROOM + 2 * error)
    print("| quantity | mean square | kurtosis | … within a draw |")
    print("|---|---|---|---|")
    for name in holds:
        by_draw = [off[name] for off in errors]
        square = np.mean([np.mean(off**2) for off in by_draw])
        within = np.mean([kurtosis(off) if len(off) > 1 else np.nan for off in by_draw])
        print(f"| {name} | {square:.2f} | {kurtosis(np.concatenate(by_draw)):.1f} | {within:.1f} |")
    for name, held in holds.items():
        print("PASS" if held else "FAIL", f"{name}, within {ROOM:.0%} and two standard errors")
    return 0 if all(holds.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
