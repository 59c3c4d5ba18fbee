"""The commands of the original: they work on the tree of a .rwa file."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from click.testing import CliRunner, Result

from tramway.cli.main import main
from tramway.data import simulate
from tramway.errors import WithoutEffectWarning
from tramway.files import read_rwa

mpl.use("Agg")


def tramway(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def done(*arguments: str) -> str:
    result = tramway(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file of tracks, in which commands are run."""
    table = simulate(
        track_count=60,
        track_length=20,
        frame_interval=0.05,
        lower=(0, 0),
        upper=(2, 2),
        diffusivity=0.1,
        seed=1,
    )
    table[["n", "x", "y", "t"]].to_csv(tmp_path / "a.trxyt", sep="\t", index=False, header=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_cells_within_cells(folder: Path) -> None:
    done("tessellate", "window", "--duration", "0.4", "--shift", "0.2", "-l", "times", "a.trxyt")
    done("tessellate", "random", "-c", "100", "-L", "times", "--inplace", "--seed", "1", "a.rwa")
    done("tessellate", "window", "--duration", "8", "--frames", "-l", "frames", "a.rwa")
    done("tessellate", "grid", "-c", "300", "-l", "outer", "a.rwa")
    done("tessellate", "hexagon", "-c", "40", "-L", "outer", "-l", "inner", "a.rwa")
    done("tessellate", "window", "--duration", "0.4", "-L", "outer", "-l", "segments", "a.rwa")
    tree = read_rwa(folder / "a.rwa")
    assert set(tree.labels) == {"times", "frames", "outer"}
    times, frames = (tree[label].data.tessellation for label in ("times", "frames"))
    np.testing.assert_allclose(np.diff(times.intervals), 0.4)
    np.testing.assert_allclose(np.diff(times.intervals[:, 0]), 0.2)
    assert times.spatial.n_cells > 1
    assert frames.spatial.n_cells == 1
    np.testing.assert_allclose(np.diff(frames.intervals), 0.4)
    outer, inner = tree["outer"].data, tree["outer"]["inner"].data
    assert inner.number_of_cells > 3 * outer.number_of_cells
    assert inner.location_count.sum() == outer.location_count.sum()
    segments = tree["outer"]["segments"].data.tessellation
    np.testing.assert_array_equal(segments.spatial.cell_centers, outer.tessellation.cell_centers)
    refused = tramway(
        *("tessellate", "grid", "-L", "times", "--time-window-duration", "1", "a.rwa")
    )
    assert "the cells to refine have segments of time already" in refused.output


def test_an_analysis_by_commands(folder: Path) -> None:
    assert "16 cells of 1140 points" in done("tessellate", "grid", "-i", "a.trxyt", "-l", "grid")
    done("tessellate", "hexagon", "-v", "-c", "40", "-l", "hex*", "a.rwa")
    done("tessellate", "hexagon", "--tilt", "0.5", "-n", "30", "-l", "hex*", "-i", "a.rwa")
    done("sample", "random", "--cell-count", "9", "-ss", "20", "--seed", "3", "-i", "a.rwa")
    done("infer", "d", "-j", "-L", "grid", "-l", "d", "--sigma", "0.02", "-i", "a.rwa")
    done("infer", "standard.df", "-d", "1", "-L", "hex0", "-l", "df*", "-i", "a.rwa")
    done("tessellate", "hexagon", "-d", "0.2", "-s", "0", "-l", "hex*", "-i", "a.rwa")
    done("infer", "dv", "-d", "1", "-v", "2", "-L", "hex2", "-i", "a.rwa", "-o", "b.rwa")
    done("extract", "curl", "-L", "hex0,df0", "-l", "curl", "a.rwa")
    tree = read_rwa(folder / "a.rwa")
    assert set(tree.labels) == {"grid", "hex0", "hex1", "hex2", 0}
    assert tree["hex0"].labels == ["df0"]
    assert tree["hex0"]["df0"].data.diffusivity_prior == 1
    assert tree["grid"]["d"].data.sigma == 0.02
    assert tree["hex0"]["df0"]["curl"].data.features[0] == "curl"
    assert tree["hex1"].data.location_count.min() >= 20
    assert len(tree["hex2"]) == 0  # what was made went into the other file
    assert read_rwa(folder / "b.rwa")["hex2"][0].data.potential_prior == 2
    assert "'hex0' <class 'tramway.tessellation.base.Partition'>" in done("dump", "-i", "a.rwa")
    assert "diffusivity_prior: 1" in done("dump", "-L", "hex0,df0", "a.rwa")
    done("dump", "-L", "grid,d", "-c", "a.cluster", "-v", "a.vmesh", "a.rwa")
    assert (folder / "a.cluster").stat().st_size
    assert (folder / "a.vmesh").stat().st_size


def test_pictures(folder: Path) -> None:
    done("-i", "a.trxyt", "-o", "t.rwa", "tessellate", "grid", "--time-window-duration", "0.5")
    done("-i", "t.rwa", "infer", "d", "-l", "d")
    done("draw", "cells", "-p", "png", "--segment", "0", "t.rwa")
    assert (folder / "t.png").stat().st_size
    points = "c='r',a=0.1,size=2"
    done("draw", "map", "-f", "diffusivity", "--segment", "0", "-P", points, "-p", "svg", "t.rwa")
    assert (folder / "t.svg").stat().st_size
    done(
        "show", "maps", "-f", "diffusivity", "--segment", "1", "-cm", "jet", "-o", "m.png", "t.rwa"
    )
    done("animate", "map", "-f", "diffusivity", "-o", "m.gif", "--write-only", "t.rwa")
    done("animate", "traj", "-v", "-r", "5", "-o", "a.gif", "--write-only", "a.trxyt")
    for name in ("m.png", "m.gif", "a.gif"):
        assert (folder / name).stat().st_size


def test_options_of_the_original_that_have_no_counterpart(folder: Path) -> None:
    done("tessellate", "grid", "a.trxyt", "-l", "a")
    with pytest.warns(WithoutEffectWarning, match="have an area"):
        done("infer", "density", "--trust-volume", "-l", "b", "a.rwa")
    with pytest.warns(WithoutEffectWarning, match="`clim` limits the colours"):
        done("draw", "map", "--zlim", "0", "1", "-c", "4", "-o", "m.png", "-L", "a,b", "a.rwa")
    assert (folder / "m.png").stat().st_size
    assert "Link localizations" in done("preprocess", "--help")


def test_one_molecule_becomes_a_track(folder: Path) -> None:
    (folder / "b.xyt").write_text("0.1 0.2 0.05\n0.2 0.2 0.1\n")
    done("track", "single", "-i", "b.xyt", "-o", "b.trxyt")
    written = (folder / "b.trxyt").read_text()  # as the original writes it
    assert " ".join(written.split()) == "n x y t 1 0.1 0.2 0.05 1 0.2 0.2 0.1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tessellate", "grid"], "no input file"),
        (["tessellate", "window", "a.trxyt"], "`duration` is not set"),
        (["tessellate", "kohonen", "a.trxyt"], "'gwr' adapts"),
        (["tessellate", "grid", "none.txt"], "there is no file 'none.txt'"),
        (["tessellate", "grid", "-L", "other", "a.trxyt"], "other"),
        (["infer", "nothing", "a.rwa"], "No such command 'nothing'"),
        (["infer", "d", "-d", "much", "a.trxyt"], "there is a DataFrame in the tree"),
        (["draw", "map", "-P", "red", "a.trxyt"], "expected name=value"),
        (["dump", "a.trxyt"], "a.trxyt"),
    ],
)
def test_what_is_wrong_is_one_line(folder: Path, arguments: list[str], message: str) -> None:
    result = tramway(*arguments)
    assert result.exit_code != 0
    assert message in result.output
    assert "Traceback" not in result.output


_COMMANDS = (
    "tessellate grid -s 50 -l grid -i a.trxyt",
    "tessellate hexagon -c 60 -l hex -i a.rwa",
    "infer degraded.d -L grid -l d -i a.rwa",
    "infer degraded.dd -L hex -l dd --sigma 0.02 -i a.rwa",
)
_READ = """
import json, sys
from tramway.core.hdf5 import load_rwa
tree = load_rwa("a.rwa")
found = {}
for sampling, maps in (("grid", "d"), ("hex", "dd")):
    cells = tree[sampling].data.tessellation.cell_centers
    values = tree[sampling][maps].data["diffusivity"]
    found[sampling] = [cells.tolist(), values.index.tolist(), values.to_numpy().ravel().tolist()]
print(json.dumps(found))
"""


@pytest.mark.slow
def test_the_same_commands_find_the_same_in_both(folder: Path) -> None:
    original = os.environ.get("TRAMWAY_ORIGINAL_PYTHON")
    if not original:
        pytest.skip("TRAMWAY_ORIGINAL_PYTHON names no interpreter that has the original")
    import json

    found = []
    for python in (sys.executable, original):
        (folder / "a.rwa").unlink(missing_ok=True)
        for command in _COMMANDS:
            subprocess.run([python, "-m", "tramway", *command.split()], check=True)
        if python != original:
            shutil.copy("a.rwa", "b.rwa")
        shown = subprocess.run([python, "-c", _READ], check=True, capture_output=True, text=True)
        found.append(json.loads(shown.stdout.splitlines()[-1]))
    command = "draw map -f diffusivity -i b.rwa -L grid,d -o b.png"
    for python in (sys.executable, original):  # the original draws what ours has stored
        subprocess.run([python, "-m", "tramway", *command.split()], check=True)
    ours, theirs = found
    for sampling in theirs:
        for one, other in zip(ours[sampling], theirs[sampling], strict=True):
            # Closed forms, but the original's steps end the search at a relative 1e-5 or so.
            np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-6)
