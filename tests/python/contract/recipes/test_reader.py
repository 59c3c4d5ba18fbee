"""What CONTRIBUTING says that a reader takes, done on a toy in a copy of the package."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import tramway

PACKAGE = Path(tramway.__file__).parent
RECIPES = (Path(__file__).parents[4] / "CONTRIBUTING.md").read_text(encoding="utf-8")

TOY_READER = '''"""Toytrack: ``molecule when where_x where_y``, in nm and ms."""

from tramway.data.formats.table_format import TableFormat

READER = TableFormat(
    marks=frozenset({"molecule", "when", "where_x", "where_y"}),
    columns={"n": ["molecule"], "t": ["when"], "x": ["where_x"], "y": ["where_y"]},
    length_unit="nm",
    time_unit="ms",
).reader("toytrack", "Toytrack, table of trajectories")
'''


def copy_of_the_package(folder: Path) -> Path:
    """Copy the package, but for what is compiled, which is linked."""
    copy = folder / "tramway"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    for library in PACKAGE.glob("*.so"):
        (copy / library.name).symlink_to(library)
    return copy


def run(code: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def source_files(recipe: str) -> list[str]:
    """Files of the package that a recipe names."""
    [text] = re.findall(
        rf"^- \*\*{recipe}\*\*: (.*?)(?=^- |^## )", RECIPES, re.DOTALL | re.MULTILINE
    )
    named = re.findall(r"`([\w/<>.]+\.(?:py|rs))`", text)
    return [name for name in named if not name.startswith("tests/")]


def test_a_reader(tmp_path: Path) -> None:
    assert source_files("A reader")[:2] == [
        "python/tramway/data/formats/readers/<name>.py",
        "registry.py",
    ]
    copy = copy_of_the_package(tmp_path)
    formats = copy / "data" / "formats"
    (formats / "readers" / "toytrack.py").write_text(TOY_READER)
    lines = (formats / "registry.py").read_text()
    (formats / "registry.py").write_text(lines.replace('    "csv",', '    "toytrack",\n    "csv",'))
    (tmp_path / "cell.toy").write_text(
        "molecule,when,where_x,where_y\n4,0,500,0\n4,20,700,0\n4,40,800,100\n"
    )
    said = run(
        "from tramway.analyzer import *\n"
        "a = RWAnalyzer()\n"
        "a.spt_data.from_files('cell.toy')\n"
        "print(a.spt_data.check()[0].format)\n"
        "print(a.spt_data.dataframe.to_csv(index=False))\n",
        tmp_path,
    )
    assert said.split() == [
        "toytrack",
        "n,x,y,t",
        "4,0.5,0.0,0.0",
        "4,0.7000000000000001,0.0,0.02",
        "4,0.8,0.1,0.04",
    ]
