"""Warnings of data that are not in µm and s, and silence about those that are."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tramway.data import check_precision, check_trajectories, read_trajectories, simulate
from tramway.errors import DataQualityWarning


def movie(
    diffusivity: float = 0.3, interval: float = 0.02, precision: float = 0.02
) -> pd.DataFrame:
    return simulate(
        track_count=50,
        track_length=20,
        frame_interval=interval,
        localization_precision=precision,
        lower=(0.0, 0.0),
        upper=(20.0, 20.0),
        diffusivity=diffusivity,
        seed=1,
    )


def scaled(table: pd.DataFrame, length: float = 1.0, time: float = 1.0) -> pd.DataFrame:
    return table.assign(x=table["x"] * length, y=table["y"] * length, t=table["t"] * time)


@pytest.mark.parametrize(
    ("diffusivity", "interval", "precision"),
    [
        (0.3, 0.02, 0.02),  # receptors in a membrane
        (0.0, 0.5, 0.02),  # stuck to the coverslip, seen twice a second
        (0.005, 0.2, 0.02),  # chromatin
        (10.0, 0.0075, 0.03),  # free proteins in the nucleus
        (0.5, 1e-4, 0.003),  # MINFLUX
        (2.0, 1e-5, 0.01),  # scattering of light by a bead of gold, at 100 kHz
    ],
)
def test_what_is_measured_is_no_cause_for_alarm(
    diffusivity: float, interval: float, precision: float
) -> None:
    table = movie(max(diffusivity, 1e-9), interval, precision)
    check_trajectories(table)
    check_trajectories(table.assign(x=1.0, y=2.0))


@pytest.mark.parametrize(
    ("length", "time", "message"),
    [
        (
            1e3,
            1,
            r"longer than 1\d\d µm .*; if the coordinates are in nm, set `coord_scale` .*1e-3$",
        ),
        # Pixels of 107 nm, as of a common objective and camera.
        (
            1 / 0.107,
            1,
            r"longer than 1\.\d+ µm \(a diffusivity of some [23]\d µm²/s\), .* in pixels, set",
        ),
        (1e-6, 1, r"shorter than 1\.\d+e-07 µm \(a diffusivity of some 3\S*e-13 µm²/s\).* 1e6$"),
        (1, 1e3, r"take 20 s or more \(a diffusivity of some 0\.0003\d .* in ms, set `time_scale`"),
        (1, 50, r"take 1 s or more .* numbers of frames, to the frame interval in s$"),
        (1, 1e-2, r"in 0\.0002 s .* faster than .* if the times are not in s, set `time_scale`"),
        (1e3, 1e3, r"in nm, .*take 20 s or more"),
    ],
)
def test_other_units_are_noticed_with_the_setting_that_mends_them(
    length: float, time: float, message: str
) -> None:
    with pytest.warns(DataQualityWarning, match=rf"^cell\.txt: .*{message}") as caught:
        check_trajectories(scaled(movie(), length, time), "cell.txt")
    assert len(caught) == 1


def test_pixels_of_molecules_that_hardly_move_are_noticed_by_the_field() -> None:
    still = scaled(movie(1e-9), 1 / 0.05)
    with pytest.warns(DataQualityWarning, match=r"positions are 3\d\d µm apart, .* in pixels"):
        check_trajectories(still)
    single = still.groupby("n").head(1)
    with pytest.warns(DataQualityWarning, match="positions are 3.. µm apart"):
        check_trajectories(single)


def test_the_settings_that_are_named_mend_it(tmp_path: Path) -> None:
    table = scaled(movie(), 1 / 0.107, 1e3)
    path = tmp_path / "pixels and ms.txt"
    table.to_csv(path, sep="\t", index=False)
    with pytest.warns(DataQualityWarning, match="in pixels, .* in ms"):
        read_trajectories(path)
    mended = read_trajectories(path, coordinate_scale=0.107, time_scale=1e-3)
    np.testing.assert_allclose(mended, movie(), rtol=1e-12)


@pytest.mark.parametrize("precision", [0.0, 0.001, 0.02, 0.1])
def test_usual_precisions(precision: float) -> None:
    check_precision(precision, "σ")


@pytest.mark.parametrize(
    ("precision", "message"),
    [
        (30.0, "^σ is 30 µm, wider than the image of a molecule; if it is in nm or pixels"),
        (3e-8, "^σ is 3e-08 µm, less than the size of an atom; if it is in metres"),
    ],
)
def test_precisions_in_other_units(precision: float, message: str) -> None:
    with pytest.warns(DataQualityWarning, match=message):
        check_precision(precision, "σ")


def test_a_few_steps_are_judged_by_orders_of_magnitude() -> None:
    few = pd.DataFrame({"n": 1, "x": [0.0, 2.0, 4.5], "y": 0.0, "t": [0.0, 1.5, 3.0]})
    check_trajectories(few)
    with pytest.warns(
        DataQualityWarning, match=r"longer than 2\.26e\+03 µm .*take 1\.5e\+03 s or more"
    ):
        check_trajectories(scaled(few, 1e3, 1e3))


def test_times_that_hardly_differ_do_not_overflow() -> None:
    table = pd.DataFrame({"n": 1, "x": [0.0, 0.1], "y": 0.0, "t": [0.0, 5e-324]})
    with pytest.warns(DataQualityWarning, match="some inf µm²/s.* faster than") as caught:
        check_trajectories(table)
    assert len(caught) == 1


def test_real_data_are_in_micrometres_and_seconds(shared: Path) -> None:
    for name in (
        "u2os/region_0_7ms.rpt.txt",
        "u2os/region_4_7ms.rpt.txt",
        "inferencemap/potential_example.trxyt",
        "inferencemap/diffusion_example.trxyt",
    ):
        table = read_trajectories(shared / "data" / name)
        # Of pixels of 107 nm, and of ms, all of them warn.
        for length, time in ((1 / 0.107, 1), (1, 1e3), (1e-6, 1), (1e3, 1)):
            with pytest.warns(DataQualityWarning, match=r"`coord_scale`|`time_scale`"):
                check_trajectories(scaled(table, length, time))
