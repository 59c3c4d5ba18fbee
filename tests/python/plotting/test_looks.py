"""Pictures look as those that somebody looked at: small ones in ``pictures/``.

After a change that is meant, delete a picture, run its test, and look at the new one.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images

from tramway.data import Box
from tramway.inference import Maps
from tramway.plotting import plot_cells, plot_map, plot_regions, plot_trajectories

PICTURES = Path(__file__).parent / "pictures"
DIFFERENCE = 12.0  # rms of 255: letters of another version of their font, not another picture


def with_deviations(maps):
    x = maps.maps.index.to_numpy() / maps.maps.index.max()
    return Maps(maps.maps.assign(**{"potential std": 0.1 + 0.8 * x}), maps.mode)


def island(maps, partition, axes):
    x = partition.tessellation.cell_centers[maps.maps.index, 0]
    values = np.where((x > 1.3) & (x < 1.6), np.nan, maps.maps["potential"])
    cut = Maps(maps.maps.assign(potential=values), maps.mode)
    plot_map(cut, "potential", partition, axes=axes, uncertainty=None)


def wells(maps, partition, axes):
    near = np.argsort(np.linalg.norm(partition.tessellation.cell_centers - (1.2, 0.4), axis=1))
    table = pd.DataFrame(
        {"x": [1.2], "y": [0.4], "depth": [3.2], "depth std": [0.4], "cells": [tuple(near[:7])]}
    )
    plot_map(maps, "potential", partition, axes=axes, wells=table, scale_bar=True)


def field(maps, partition, axes):
    tracks = partition.points.assign(n=np.arange(len(partition.points)) // 10)
    plot_trajectories(tracks, axes=axes, locations={}, tracks={"color": "0.5", "linewidth": 0.4})
    plot_regions([Box((0.2, 0.1), (0.9, 0.8))], axes, {"edgecolor": "green"}, ["roi000"])


PICTURED = {
    "cells": lambda maps, partition, axes: plot_cells(partition, axes=axes),
    "diffusivity": lambda maps, partition, axes: plot_map(
        maps, "diffusivity", partition, axes=axes, overlay_locations=True
    ),
    "force": lambda maps, partition, axes: plot_map(maps, "force", partition, axes=axes),
    "opacity": lambda maps, partition, axes: plot_map(
        with_deviations(maps), "potential", partition, axes=axes, uncertainty="opacity"
    ),
    "mask": lambda maps, partition, axes: plot_map(
        with_deviations(maps), "potential", partition, axes=axes, uncertainty="mask"
    ),
    "island": island,
    "wells": wells,
    "field": field,
}


@pytest.mark.parametrize("name", PICTURED)
def test_it_looks_as_it_did(name, maps, partition, tmp_path):
    figure = Figure(figsize=(3.6, 2.4), dpi=72, layout="compressed")
    PICTURED[name](maps, partition, figure.subplots())
    expected, drawn = PICTURES / f"{name}.png", tmp_path / f"{name}.png"
    if not expected.exists():
        figure.savefig(expected)
        pytest.fail(f"{expected} was made just now: look at it")
    figure.savefig(drawn)
    assert compare_images(str(expected), str(drawn), tol=DIFFERENCE) is None
