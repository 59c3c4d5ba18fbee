"""What pages show can be carried out, and what they link to is there."""

import re
import shlex
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import matplotlib.pyplot as plt
import pytest
from matplotlib.mathtext import MathTextParser

from tramway.analyzer import RWAnalyzer
from tramway.cli.configuration import analyzer_of, read
from tramway.cli.main import main
from tramway.cli.mpi import command as mpi_command

ROOT = Path(__file__).parents[3]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)

# What readers have done before the block of that number.
BEFORE = {
    ("docs/samplers-and-time.md", 1): "a.time = time.SlidingWindow(0.05)\na.run()",
    ("docs/figures.md", 0): "maps = region.get_sampling().get_child()",
    (
        "docs/figures.md",
        3,
    ): "from matplotlib import pyplot\na.time = time.SlidingWindow(0.05)\na.run()\n"
    "region = first(a.spt_data[0].roi.as_support_regions())\n"
    "maps = region.get_sampling().get_child()",
    ("docs/error-bars.md", 0): "from tramway.inference import compare_models",
}

# Pages whose code needs other data, and is that of tests of their own: a file of each format,
# movies in TIFF files, movies of several conditions.
OF_THEIR_OWN = {"docs/formats.md", "docs/images-and-tracking.md", "docs/study.md"}


def blocks(page: str, language: str) -> list[str]:
    return [code for found, code in BLOCK.findall(PAGES[page]) if found == language]


def pages_with(language: str) -> list[str]:
    return [page for page in PAGES if blocks(page, language)]


class NotHere(RWAnalyzer):
    """An analyzer that is declared for a cluster, and not run."""

    def run(self, resume: bool = False) -> Any:
        return None


@pytest.fixture
def reader(
    declare: Callable[..., RWAnalyzer], data: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """Give the names that somebody has who reads a page: an analysis that has run."""
    monkeypatch.chdir(data)
    data.joinpath("data").symlink_to(".")
    names: dict[str, Any] = {"__name__": "page", "a": declare("a.rpt.txt")}
    exec("from tramway.analyzer import *", names)
    a = names["a"]
    a.env = None
    a.run()
    names["f"] = a.spt_data[0]
    names["executor"] = ThreadPoolExecutor(1)
    names["region"] = names["first"](a.spt_data[0].roi.as_support_regions())
    for model in ("d", "dd", "dv"):
        a.mapper.from_plugin(model)
        for prior in {"d": ["diffusivity"], "dd": ["diffusivity", "drift"]}.get(
            model, ["diffusivity", "potential"]
        ):
            setattr(a.mapper, f"{prior}_prior", 1)
        names[f"maps_of_{model}"] = a.mapper.infer(names["region"].get_sampling().data)
    Path("a.rpt.rwa").rename("region_0.rwa")
    yield names
    plt.close("all")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::tramway.errors.TramwayWarning")
@pytest.mark.parametrize("page", [p for p in pages_with("python") if p not in OF_THEIR_OWN])
def test_code_runs(page: str, reader: dict[str, Any]) -> None:
    if page == "docs/clusters.md":
        reader["a"] = NotHere()
    for number, code in enumerate(blocks(page, "python")):
        exec(BEFORE.get((page, number), ""), reader)
        exec(compile(code, f"{page}, block {number}", "exec"), reader)


def commands() -> list[tuple[str, ...]]:
    """Every command of ours that a page shows, from its name on."""
    found = []
    for page in PAGES:
        for line in re.sub(r"\\\n\s*", "", "\n".join(blocks(page, "sh"))).splitlines():
            words = shlex.split(line, comments=True)
            for start, word in enumerate(words):
                if word in ("tramway", "tramway-mpi") and words[start - 1] != "venv":
                    found.append(tuple(words[start:]))
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_commands_are_understood(words: tuple[str, ...]) -> None:
    command: click.Command = main if words[0] == "tramway" else mpi_command
    arguments = list(words[1:])
    context = click.Context(command, **command.context_settings)
    while isinstance(command, click.Group):
        _, arguments, _ = command.make_parser(context).parse_args(arguments)  # what comes before
        _, found, arguments = command.resolve_command(context, arguments)
        assert found is not None
        command, context = found, click.Context(found, parent=context)
    command.make_parser(context).parse_args(arguments)  # an error if an option is unknown


@pytest.mark.parametrize("page", pages_with("toml"))
def test_configurations_are_read(page: str, data: Path) -> None:
    data.joinpath("data").symlink_to(".")
    for number, code in enumerate(blocks(page, "toml")):
        path = data / f"{number}.toml"
        path.write_text(code, encoding="utf-8")
        assert isinstance(analyzer_of(read(path)), RWAnalyzer)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = re.sub(r"```.*?```", "", PAGES[page], flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not re.match(r"https?://", target):
            assert (ROOT / page).parent.joinpath(target).exists(), target


def test_each_page_is_in_a_table_of_contents() -> None:
    trees = re.findall(r"^```{toctree}\n(.*?)^```", "\n".join(PAGES.values()), re.M | re.S)
    linked = set(re.findall(r"([\w/-]+)>?$", "\n".join(trees), re.M))
    pages = {Path(page).stem for page in PAGES} - {"README", "index"}
    assert pages <= linked


def formulas() -> list[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "python").rglob("*.py"))
    return sorted(set(re.findall(r":math:`([^`]+)`", text)))


def test_formulas_can_be_set() -> None:
    parser: MathTextParser = MathTextParser("path")
    assert len(formulas()) > 10
    for formula in formulas():
        parser.parse(f"${formula}$")  # an error if TeX would not understand it
