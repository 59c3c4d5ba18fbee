import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from tramway.inference import Maps
from tramway.tessellation import Partition, hexagons, nearest_cell

mpl.use("Agg")


@pytest.fixture
def partition():
    """Translocations all over a region of 2 µm by 1 µm, except in one corner."""
    rng = np.random.default_rng(0)
    origins = rng.uniform((0.0, 0.0), (2.0, 1.0), (600, 2))
    origins = origins[(origins > (0.5, 0.5)).any(axis=1)]
    steps = rng.normal(scale=0.05, size=origins.shape)
    points = pd.DataFrame(
        {"n": 1, "x": origins[:, 0], "y": origins[:, 1], "t": 0.02 * np.arange(len(origins))}
    ).assign(dx=steps[:, 0], dy=steps[:, 1], dt=0.02)
    tessellation = hexagons(origins, resolution=0.2)
    return Partition(points, tessellation, nearest_cell(origins, tessellation))


@pytest.fixture
def maps(partition):
    """Maps of smooth known fields: rows only for the cells with data, as inference gives them."""
    cells = np.unique(partition.cells)
    x, y = partition.tessellation.cell_centers[cells].T
    table = pd.DataFrame(
        {
            "diffusivity": 0.1 + 0.05 * x,
            "potential": x + y,
            "force x": -1.0 - x,
            "force y": 0.5 * y,
        },
        index=cells,
    )
    return Maps(table, "dv")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    from matplotlib import pyplot

    pyplot.close("all")
