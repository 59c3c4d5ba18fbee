"""The model that chooses: what it takes for which data, and that it says so."""

import numpy as np
import pandas as pd
import pytest

from tramway.data import Well, simulate, translocations
from tramway.inference import Maps, contrast, get_model
from tramway.tessellation import (
    Partition,
    hexagons,
    nearest_cell,
    sample_nearest,
    sample_nearest_neighbors,
    sliding_window,
    time_segments,
)

SIGMA = 0.03


@pytest.fixture(scope="module")
def part() -> Partition:
    tracks = simulate(
        track_count=500,
        track_length=11,
        frame_interval=0.015,
        lower=(-0.5, -0.5),
        upper=(2.5, 2.5),
        diffusivity=0.12,
        wells=[Well((1.0, 1.0), 3.0, 0.35)],
        localization_precision=SIGMA,
        seed=1,
    )
    table = translocations(tracks, (0.0, 0.0), (2.0, 2.0))
    points = table[["x", "y"]].to_numpy()
    cells = hexagons(points, resolution=0.25)
    return Partition(table, cells, nearest_cell(points, cells))


def infer(part: Partition) -> Maps:
    return get_model("best").infer(part, localization_precision=SIGMA)


def test_tracks_in_equilibrium_are_taken_whole(part: Partition) -> None:
    maps = infer(part)
    assert maps.mode == "tracks.dv"
    assert maps.equilibrium is True
    assert "whole tracks" in maps.choice
    assert "in equilibrium" in maps.choice
    same = get_model("tracks.dv").infer(part, localization_precision=SIGMA, equilibrium=True)
    pd.testing.assert_frame_equal(maps.maps, same.maps, check_exact=True)
    _, std = contrast(maps, part, [maps.maps.index[5]], [maps.maps.index[30]])
    assert std > 0


@pytest.mark.slow
def test_time_segments_are_mapped_from_displacements(part: Partition) -> None:
    window = sliding_window(part.points["t"], duration=0.075)
    segments = time_segments(part.tessellation, window)
    maps = infer(sample_nearest(part.points, segments))
    assert maps.mode == "dv"
    assert "time segments" in maps.choice
    assert f"; smoothness of {'first' if maps.smoothness == 1 else 'second'} order" in maps.choice
    assert np.isfinite(maps.log_evidence)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:cells overlap")
def test_the_prior_of_highest_evidence_is_taken_where_cells_overlap(part: Partition) -> None:
    overlapping = sample_nearest_neighbors(part.points, part.tessellation, knn=60)
    maps = infer(overlapping)
    assert maps.mode == "dv"
    assert "cells that overlap; " in maps.choice
    chosen = {"diffusivity_prior": "auto", "potential_prior": "auto"}
    for prior in (chosen, chosen | {"smoothness": 2}, {"smoothness": "matern"}):
        other = get_model("dv").infer(
            overlapping, localization_precision=SIGMA, noise_correction="auto", **prior
        )
        assert other.log_evidence <= maps.log_evidence
