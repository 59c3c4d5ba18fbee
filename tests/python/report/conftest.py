"""Results of small simulated movies, their page, and a browser to look at it."""

import base64
import contextlib
import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tramway.analyzer import RWAnalyzer, stages, tessellers
from tramway.data import Polygon, Well, simulate
from tramway.errors import RunError
from tramway.report import write_report

SIDE = 3.0  # µm
REGIONS = [((0.2, 0.2), (1.6, 2.8)), ((1.6, 0.2), (2.9, 2.8))]


def analyzer(folder: Path, plugin: str = "stochastic.dv", **parameters: Any) -> RWAnalyzer:
    """Declare the analysis of the movies in a folder."""
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(folder / "*.txt"))
    a.spt_data.localization_precision = 0.02
    a.roi.from_bounding_boxes(REGIONS)
    a.tesseller = tessellers.Hexagons
    a.tesseller.resolution = 0.25
    a.mapper.from_plugin(plugin, **parameters)
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.infer())
    return a


def write_movies(folder: Path, names: tuple[str, ...], **options: Any) -> None:
    """Write movies with two wells, the deeper one at (0.9, 1), µm."""
    for seed, name in enumerate(names):
        simulate(
            **{
                "track_count": 400,
                "track_length": 20,
                "frame_interval": 0.02,
                "lower": (0, 0),
                "upper": (SIDE, SIDE),
                "diffusivity": 0.1,
                "wells": [Well((0.9, 1), 5, 0.25), Well((2.2, 2), 2, 0.3)],
                "localization_precision": 0.02,
                "seed": seed,
                **options,
            }
        ).to_csv(folder / f"{name}.txt", sep="\t", index=False, header=False)


@pytest.fixture(scope="session")
def polygons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the results of a movie of two polygons, one of them with a hole and a name."""
    folder = tmp_path_factory.mktemp("polygons")
    write_movies(folder, ("cell",))
    a = analyzer(folder, diffusivity_prior=1, potential_prior=1)
    hole = [(0.6, 0.6), (1.2, 0.6), (1.2, 1.2)]
    nucleus = Polygon([[[(0, 0), (2, 0), (2, 2), (0, 2)], hole]], "nucleus")
    a.roi.from_polygons([nucleus, [(2, 2), (3, 2), (3, 3)]])
    a.run()
    return folder


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the results of two movies of two regions each, weights chosen."""
    folder = tmp_path_factory.mktemp("results & 'two'")
    write_movies(folder, ("cell1.rpt", "cell2.rpt"))
    analyzer(folder, diffusivity_prior="auto", potential_prior="auto").run()
    return folder


@pytest.fixture(scope="session")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the results of a movie, a region of which is outside of the data: roi002."""
    folder = tmp_path_factory.mktemp("failed")
    write_movies(folder, ("cell",), track_count=100)
    a = analyzer(folder, "d", diffusivity_prior=1.0)
    a.roi.from_bounding_boxes([*REGIONS, ((10, 10), (12, 12))])
    with pytest.raises(RunError, match="1 of 5 tasks failed"):
        a.run()
    return folder


@pytest.fixture(scope="session")
def report(results: Path) -> Path:
    """Page of these."""
    return write_report([results], results / "report.html")


@pytest.fixture(scope="session")
def segments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the results of a movie in four segments of time, of the model D."""
    folder = tmp_path_factory.mktemp("segments")
    write_movies(folder, ("cell.rpt",), track_length=40)
    a = analyzer(folder, "d", diffusivity_prior=1.0)
    a.time.from_sliding_window(0.2)
    a.run()
    return folder


@pytest.fixture(scope="session")
def spatial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the results of a movie in three dimensions, of the model D."""
    folder = tmp_path_factory.mktemp("spatial")
    lower, upper = (0, 0, 0), (1, 1, 1)
    write_movies(folder, ("cell",), track_count=60, lower=lower, upper=upper, wells=())
    a = analyzer(folder, "d", diffusivity_prior=1.0)
    a.spt_data.columns = ["n", "x", "y", "z", "t"]
    a.roi.from_bounding_boxes([(lower, upper)])
    a.tesseller = tessellers.KMeans
    a.run()
    return folder


@pytest.fixture
def open_page(browser: Any) -> Iterator[Any]:
    """Open a page, wait until it is ready; in the end no error may have been said."""
    with contextlib.ExitStack() as stack:
        said: list[str] = []

        def open_it(where: Path | str, width: int = 1360, height: int = 900) -> Any:
            context = browser.new_context(viewport={"width": width, "height": height})
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on(
                "console",
                lambda m: said.append(m.text) if m.type in ("error", "warning") else None,
            )
            page.goto(where if isinstance(where, str) else where.as_uri())
            page.wait_for_selector("body[data-ready]", timeout=60_000)
            return page

        yield open_it
        assert said == []


def read_packed(packed: dict[str, Any]) -> dict[str, Any]:
    """Arrays as the page reads them, by the description of the format."""
    if "raw" in packed:
        content = base64.b64decode(packed["raw"])
    else:
        content = gzip.decompress(base64.b64decode(packed["bytes"]))
    arrays, at = {}, 0
    for name, kind, length in packed["layout"]:
        size = int(kind[1])
        planes = np.frombuffer(content, np.uint8, size * length, at).reshape(size, length)
        array = np.ascontiguousarray(planes.T).view(f"<{kind}").ravel()
        arrays[name] = np.cumsum(array, dtype=np.uint32) if kind == "u4" else array
        at += size * length
    assert at == len(content)
    return arrays


@pytest.fixture(scope="session")
def unpacked() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What reads packed arrays."""
    return read_packed
