from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from tramway.files import Analysis, Record, content_hash
from tramway.inference import Maps
from tramway.tessellation import HexagonalTessellation, Partition, nearest_cell

FRAME_INTERVAL = 0.04


@pytest.fixture
def localizations() -> pd.DataFrame:
    """Ten free walks of 12 localizations in a box of 2 µm."""
    rng = np.random.default_rng(3)
    steps = rng.normal(scale=0.1, size=(10, 12, 2))
    steps[:, 0] = 2 * rng.random((10, 2))
    table = pd.DataFrame({"n": np.repeat(np.arange(10), 12)})
    table[["x", "y"]] = np.cumsum(steps, axis=1).reshape(-1, 2)
    table["t"] = np.tile(np.arange(12) * FRAME_INTERVAL, 10)
    table.attrs = {"frame_interval": FRAME_INTERVAL, "localization_error": 9e-4}
    return table


def lattice_of_eight(radius: float = 0.6) -> HexagonalTessellation:
    """Three, two and three hexagons around (1, 1), with neighbours written down by hand."""
    rows = [(-1, (-2, 0, 2)), (0, (-1, 1)), (1, (-2, 0, 2))]
    centers = [(1 + radius * x, 1 + 3**0.5 * radius * row) for row, xs in rows for x in xs]
    neighbours = [
        *([1, 3], [0, 2, 3, 4], [1, 4]),
        *([0, 1, 4, 5, 6], [1, 2, 3, 6, 7]),
        *([3, 6], [3, 4, 5, 7], [4, 6]),
    ]
    return HexagonalTessellation(
        cell_centers=np.array(centers),
        adjacency_starts=np.cumsum([0, *map(len, neighbours)]),
        adjacency=np.concatenate(neighbours),
        cell_volume=np.full(8, 2 * 3**0.5 * radius**2),
        hexagon_radius=radius,
        hexagon_count=(2, 3),
        tilt=0.0,
    )


@pytest.fixture
def partition(localizations: pd.DataFrame) -> Partition:
    same = np.diff(localizations["n"]) == 0
    points = localizations[:-1][same].reset_index(drop=True)
    for column in ("x", "y", "t"):
        points[f"d{column}"] = np.diff(localizations[column])[same]
    points.attrs = {}
    hexagons = lattice_of_eight()
    cells = nearest_cell(points[["x", "y"]].to_numpy(), hexagons)
    roi = {"label": "roi000", "bounding_box": [[0.0, 0.0], [2.0, 2.0]]}
    param = {"method": "hexagon", "tessellation": {"resolution": 1.2}, "roi": roi}
    return Partition(points, hexagons, cells, param)


@pytest.fixture
def maps() -> Maps:
    cells = [0, 1, 3, 4, 6]
    columns = ["diffusivity", "potential", "force x", "force y"]
    values = np.random.default_rng(4).random((5, 4))
    values[2, 3] = np.nan
    table = pd.DataFrame(values, index=cells, columns=columns)
    settings = {"sigma": 0.03, "diffusivity_prior": 20.0, "verbose": False, "max_runtime": None}
    return Maps(table, "stochastic.dv", **settings, niter=6, resolution="converged")


@pytest.fixture
def make_tree(
    localizations: pd.DataFrame, partition: Partition, maps: Maps
) -> Callable[..., Analysis]:
    """Make a tree with one sampling and one map, whose records say how they were made."""

    def make(
        sampling: str = "roi000", resolution: float | None = 1.2, prior: float | None = 20.0
    ) -> Analysis:
        root = Analysis(localizations, metadata={"datafile": "walks.txt"})
        record = resolution and Record({"resolution": resolution}, content_hash(partition.points))
        node = root.add(partition, sampling, "first region", record or None)
        map_record = prior and Record({"diffusivity_prior": prior}, "of the sampling")
        node.add(maps, "stochastic.dv", "a map", map_record or None)
        return root

    return make


@pytest.fixture
def original_files() -> Path:
    """Folder of files that the original wrote; see make_files.py there."""
    return Path(__file__).parent / "original"


def contents(group: h5py.Group) -> dict[str, tuple[object, ...]]:
    """Everything in a group: attributes, types and values by name."""
    found = {}

    def add(name: str, item: h5py.Group | h5py.Dataset) -> None:
        attributes = {key: str(value) for key, value in item.attrs.items()}
        values = item[()].tobytes() if isinstance(item, h5py.Dataset) else None
        found[name] = (attributes, getattr(item, "dtype", None), values)

    add("", group)
    group.visititems(add)
    return found


@pytest.fixture
def contents_of() -> Callable[[Path, str], dict[str, tuple[object, ...]]]:
    """Read everything in a group of a file, for comparison."""

    def read(path: Path, place: str = "/") -> dict[str, tuple[object, ...]]:
        with h5py.File(path) as file:
            return contents(file[place])

    return read
