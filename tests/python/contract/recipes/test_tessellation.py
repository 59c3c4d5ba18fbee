"""The recipe of CONTRIBUTING.md for a tessellation, carried out on a toy."""

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike, NDArray

from tramway.analyzer import RWAnalyzer, tesseller, tessellers
from tramway.cli.configuration import analyzer_of, read
from tramway.data import translocations
from tramway.errors import InvalidInputError, UnknownAttributeError
from tramway.files import Analysis, read_rwa, save_rwa
from tramway.tessellation import (
    METHODS,
    Method,
    Tessellation,
    VoronoiTessellation,
    method,
    nearest_cell,
    voronoi,
)
from tramway.tessellation.settings import Count, NonNegative, Positive

ROOT = Path(__file__).parents[4]


def recipe(of: str) -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [found] = re.findall(rf"^- \*\*{of}\*\*.*?(?=^- \*\*|^## )", text, re.MULTILINE | re.DOTALL)
    return str(found)


# --- a tessellation: what a file `python/tramway/tessellation/sunflower.py` would hold ------------


def sunflower(
    points: ArrayLike,
    *,
    seeds: Count,
    pace: Positive | None = None,
    shift: NonNegative = 0.0,
    displacement_length: float | None = None,
) -> VoronoiTessellation:
    """Cut the area of points into the cells of seeds in a sunflower."""
    positions = np.ascontiguousarray(points)
    if pace is None:
        assert displacement_length is not None
        pace = 2 * displacement_length
    rank = np.arange(seeds)
    angle, radius = np.pi * (3 - np.sqrt(5)) * (rank + shift), pace * np.sqrt(rank)
    spiral = np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, np.newaxis]
    return voronoi(positions, centers=positions.mean(axis=0) + spiral)


@dataclasses.dataclass(eq=False)
class Discs(Tessellation):
    """A kind of cells that the original does not have."""

    __module__ = "tramway.tessellation.discs"

    radii: NDArray[np.float64]
    turn: float

    def polygons(self) -> list[NDArray[np.float64]]:
        return []


@pytest.fixture
def _sunflower() -> Iterator[None]:
    method("Sunflower", "sunflower")(sunflower)
    yield
    del METHODS["sunflower"]
    vars(tessellers).pop("Sunflower", None)


@pytest.mark.usefixtures("_sunflower")
def test_a_tessellation_is_known_everywhere_by_its_declaration(
    movie: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    # By name and by class, as an attribute, with the arguments of the function.
    assert "sunflower" in tesseller.Tesseller.plugins()
    assert "Sunflower" in dir(tessellers)
    assert list(inspect.signature(tessellers.Sunflower).parameters) == ["seeds", "pace", "shift"]
    a = RWAnalyzer()
    with pytest.raises(InvalidInputError, match=r"needs arguments: call it, Sunflower\(\.\.\.\)"):
        a.tesseller = tessellers.Sunflower
    a.tesseller = tessellers.Sunflower(30)
    assert a.tesseller.parameters == {"seeds": 30, "pace": None, "shift": 0.0}
    with pytest.raises(InvalidInputError, match="`pace` is -1"):
        a.tesseller.pace = -1
    with pytest.raises(InvalidInputError, match=r"`seeds` is 0\.5"):
        a.tesseller.seeds = 0.5
    with pytest.raises(UnknownAttributeError, match="did you mean `shift`"):
        a.tesseller.shfit = 1
    with pytest.raises(InvalidInputError, match=r"`seeds` is not set: .*Sunflower\(seeds\)"):
        tesseller.from_plugin("sunflower").tessellate(translocations(movie(0)))

    # Without a script; run, with a record, and read back.
    movie(0).to_csv(tmp_path / "a.txt", sep="\t", index=False, header=False)
    (tmp_path / "job.toml").write_text(
        "[spt_data]\nfrom_ascii_files = 'a.txt'\nlocalization_precision = 0.02\n"
        "[tesseller]\nfrom_plugin = 'sunflower'\nseeds = 30\nshift = 0.5\n"
        "post_processing = { count_threshold = 5 }\n"
        "[mapper]\nfrom_plugin = 'd'\n"
    )
    found = analyzer_of(read(tmp_path / "job.toml"))
    summary = found.run()
    assert [record.status for record in summary.records] == ["done"] * 2
    node = read_rwa(tmp_path / "a.rwa")["full"]
    assert node.record is not None
    settings = {"seeds": 30, "pace": None, "shift": 0.5}
    merger = found.tesseller.post_processing.parameters
    assert node.record.parameters["tesseller"] == {
        "plugin": "sunflower",
        **settings,
        "post_processing": merger,
    }
    cells = found.tesseller.tessellate(movie(0))
    np.testing.assert_array_equal(node.data.tessellation.cell_centers, cells.cell_centers)
    assert [record.status for record in found.run().records] == ["skipped"] * 2
    found.tesseller.shift = 0.25
    assert [record.status for record in found.run().records] == ["done"] * 2

    # In another tesseller.
    a.tesseller = tessellers.Nesting(tessellers.Squares(resolution=1.5), tessellers.Sunflower(5))
    assert a.tesseller.parameters["inner"] == {"plugin": "sunflower", "seeds": 5, "shift": 0.0}


def test_a_kind_of_cells_of_its_own_is_stored_field_by_field(
    movie: Callable[..., pd.DataFrame], tmp_path: Path
) -> None:
    points = translocations(movie(0))
    cells = sunflower(points[["x", "y"]], seeds=5, pace=0.5)
    common = {field.name: getattr(cells, field.name) for field in dataclasses.fields(Tessellation)}
    discs = Discs(**common, radii=np.linspace(1, 2, 5), turn=0.5)
    a = RWAnalyzer()
    partition = a.sampler.sample(points, discs)
    root = Analysis(points)
    root.add(partition, "discs")
    save_rwa(tmp_path / "discs.rwa", root)
    found = read_rwa(tmp_path / "discs.rwa")["discs"].data
    assert type(found.tessellation) is Discs
    for name, value in vars(discs).items():
        np.testing.assert_array_equal(getattr(found.tessellation, name), value)
    np.testing.assert_array_equal(found.cells, nearest_cell(points[["x", "y"]], discs))


def test_the_recipe_of_a_tessellation_names_what_is_touched() -> None:
    # One file of Python, or one of Rust more and the list of its neighbours; and the documentation.
    assert set(re.findall(r"`([\w<>]+/[\w/<>]+\.\w+)`", recipe("A tessellation"))) == {
        "python/tramway/tessellation/<name>.py",
        "rust/tessellation/<name>.rs",
        "rust/tessellation/mod.rs",
        "docs/tessellations.md",
    }


def test_the_table_of_tessellations() -> None:
    def row(method: Method) -> str:
        same = [m.name for m in METHODS.values() if m.class_name == method.class_name]
        summary = (inspect.getdoc(method.function) or "").partition("\n")[0].rstrip(".")
        settings = [
            f"`{name}`" + ("" if default is None else f" {default!r}")
            for name, default in method.defaults.items()
        ]
        plugins = ", ".join(f"`{name}`" for name in same)
        return f"| `{method.class_name}` | {plugins} | {summary} | {', '.join(settings)} |"

    expected = sorted(set(map(row, METHODS.values())))
    text = (ROOT / "docs/tessellations.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert rows == expected
