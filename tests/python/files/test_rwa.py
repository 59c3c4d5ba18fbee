import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError
from tramway.files import Analysis, read_rwa, save_rwa
from tramway.files.rwa import leave_out_damaged
from tramway.tessellation import sample_nearest, time_segments


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "walks.rwa"


def assert_same_tree(result: Analysis, expected: Analysis) -> None:
    assert (result.label, result.comment, result.record) == (
        expected.label,
        expected.comment,
        expected.record,
    )
    assert result.metadata == expected.metadata
    assert set(result) == set(expected)
    for label in expected:
        assert_same_tree(result[label], expected[label])


def test_a_tree_survives(path, make_tree):
    tree = make_tree()
    assert save_rwa(path, tree) == []
    result = read_rwa(path)
    assert_same_tree(result, tree)
    pd.testing.assert_frame_equal(result.data, tree.data, check_exact=True)
    assert result.data.attrs == tree.data.attrs
    sampling, maps = tree["roi000"], tree["roi000"]["stochastic.dv"]
    np.testing.assert_array_equal(result["roi000"].data.cells, sampling.data.cells)
    pd.testing.assert_frame_equal(result["roi000"].get_child().data.maps, maps.data.maps)


def test_the_file_can_be_read_with_plain_h5py(path, make_tree):
    # As docs/rwa.md shows.
    tree = make_tree()
    save_rwa(path, tree)
    with h5py.File(path) as file:
        maps = file["analyses/_instances/items/roi000/_instances/items/stochastic.dv/_data/maps"]
        names = [maps["data/keys"][k][()].decode() for k in sorted(maps["data/keys"], key=int)]
        columns = {name: maps["data/values"][str(k)][()] for k, name in enumerate(names)}
        cells = maps["index/data"][()]
    result = pd.DataFrame(columns, index=cells)
    pd.testing.assert_frame_equal(result, tree["roi000"]["stochastic.dv"].data.maps)


def test_hdf5_is_loaded_only_when_a_file_is_opened():
    script = "import sys, tramway.files; print(*{'h5py', 'scipy'} & set(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == []


labels = st.integers(-(2**63), 2**63 - 1) | st.text(
    st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1
).filter(lambda label: label not in (".", ".."))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.dictionaries(labels, st.none() | labels.map(str), max_size=4))
def test_any_label_and_comment_survive(tmp_path, comments):
    path = tmp_path / "labels.rwa"
    path.unlink(missing_ok=True)
    tree = Analysis()
    for label, comment in comments.items():
        tree.add(pd.DataFrame({"x": [0.0]}), label, comment)
    save_rwa(path, tree)
    result = read_rwa(path)
    assert {label: result[label].comment for label in result} == comments


def test_equal_trees_make_equal_files(tmp_path, make_tree):
    for name in ("one.rwa", "two.rwa"):
        save_rwa(tmp_path / name, make_tree())
    assert (tmp_path / "one.rwa").read_bytes() == (tmp_path / "two.rwa").read_bytes()


def test_a_link_stays_a_link(path, tmp_path, make_tree):
    path.symlink_to(tmp_path / "elsewhere.rwa")
    save_rwa(path, make_tree())
    assert path.is_symlink()
    assert "roi000" in read_rwa(tmp_path / "elsewhere.rwa")


def test_the_home_folder_is_expanded(tmp_path, monkeypatch, make_tree):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    save_rwa("~/walks.rwa", make_tree())
    assert (tmp_path / "walks.rwa").exists()
    assert "roi000" in read_rwa("~/walks.rwa")


# --- what is not a readable file ------------------------------------------------------------------


def test_a_missing_file_is_said_to_be_missing(path):
    with pytest.raises(FileNotFoundError, match=r"walks\.rwa"):
        read_rwa(path)


def test_a_missing_folder_is_said_to_be_missing(tmp_path, make_tree):
    with pytest.raises(InvalidInputError, match="no folder"):
        save_rwa(tmp_path / "missing" / "walks.rwa", make_tree())


def test_only_whole_trees_are_saved(path, make_tree):
    with pytest.raises(InvalidInputError, match="branch 'roi000'"):
        save_rwa(path, make_tree()["roi000"])


def write_text(path, _):
    path.write_text("n x y t\n")


def truncate(path, _):
    path.write_bytes(path.read_bytes()[:3000])


def empty(path, _):
    path.write_bytes(b"")


def without_analyses(path, _):
    with h5py.File(path, "w") as file:
        file["something"] = 1


def of_another_kind(path, _):
    with h5py.File(path, "w") as file:
        file["analyses"] = 1


def lose(place):
    def damage(path, _):
        with h5py.File(path, "a") as file:
            del file[place]

    return damage


ROI = "analyses/_instances/items/roi000"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (write_text, "not a readable HDF5 file"),
        (truncate, "not a readable HDF5 file"),
        (empty, "not a readable HDF5 file"),
        (without_analyses, "no 'analyses' of type Analyses, only something"),
        (of_another_kind, "no 'analyses' of type Analyses"),
    ],
)
def test_a_damaged_file_is_an_error_that_names_it(path, make_tree, damage, message):
    save_rwa(path, make_tree())
    damage(path, None)
    with pytest.raises(FileFormatError, match=rf"walks\.rwa.*{message}"):
        read_rwa(path)


@pytest.mark.parametrize(
    ("damage", "message", "left"),
    [
        (lose("analyses/_data/index"), "/analyses/_data is damaged.*the localizations", ["roi000"]),
        (lose(f"{ROI}/_data/_tessellation"), f"/{ROI}/_data has no _tessellation.*'roi000'", []),
    ],
)
def test_a_damaged_part_is_left_out_and_said_with_its_place(path, make_tree, damage, message, left):
    save_rwa(path, make_tree())
    damage(path, None)
    with pytest.warns(DataQualityWarning, match=rf"walks\.rwa.*{message}.* left out"):
        assert leave_out_damaged(read_rwa(path)).labels == left


@pytest.mark.parametrize("damage", [write_text, truncate, empty, without_analyses])
def test_a_file_that_cannot_be_read_is_not_overwritten(path, make_tree, damage):
    save_rwa(path, make_tree())
    damage(path, None)
    before = path.read_bytes()
    with pytest.raises(FileFormatError, match=r"walks\.rwa"):
        save_rwa(path, make_tree())
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["walks.rwa"]


def test_localizations_in_the_old_table_format_are_said_to_be_unreadable(
    path, make_tree, contents_of
):
    save_rwa(path, make_tree())
    with h5py.File(path, "a") as file:
        file["analyses/_data"].attrs["version"] = np.bytes_(b"1")
        file.move("analyses/_data/data", "analyses/_data/root")
    tree = read_rwa(path)
    with pytest.raises(FileFormatError, match=r"root of the tree cannot be used.*PyTables"):
        tree.data  # noqa: B018
    assert tree["roi000"].data.tessellation.n_cells == 8
    before = contents_of(path)
    save_rwa(path, tree)
    assert contents_of(path) == before


# --- when saving fails ----------------------------------------------------------------------------


def save_in_another_process(path: Path, preparation: str) -> subprocess.Popen[str]:
    """Save an unchanged tree with one more sampling, after some preparation."""
    script = f"""
import os, time
from tramway.files import read_rwa, save_rwa
tree = read_rwa({str(path)!r})
tree.add(tree["roi000"].data, "added")
{preparation}
save_rwa({str(path)!r}, tree)
"""
    return subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="limits and signals of POSIX systems")
def test_a_full_disk_leaves_the_file_as_it_was(path, make_tree):
    save_rwa(path, make_tree())
    before = path.read_bytes()
    # A limit on the size of files fails the write as a full disk does.
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))"
    process = save_in_another_process(path, limit)
    _, messages = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "OSError" in messages
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["walks.rwa"]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="limits and signals of POSIX systems")
def test_a_killed_save_leaves_the_file_as_it_was_and_locks_nobody_out(path, make_tree):
    save_rwa(path, make_tree())
    before = path.read_bytes()
    stall = 'os.fsync = lambda _: (print("writing", flush=True), time.sleep(600))'
    process = save_in_another_process(path, stall)
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=300)
    assert path.read_bytes() == before
    assert save_rwa(path, make_tree(sampling="roi001")) == []
    assert set(read_rwa(path)) == {"roi000", "roi001"}


# --- the original ---------------------------------------------------------------------------------

LOOK = """
import json, sys, warnings
warnings.simplefilter("ignore")
from tramway.core.analyses.base import Analyses
from tramway.core.hdf5.store import load_rwa, save_rwa
from tramway.helper import infer, map_plot
import matplotlib
matplotlib.use("Agg")
path, copy = sys.argv[1:]
tree = load_rwa(path)
sampling = tree["roi000"]
partition, maps = sampling.data, sampling["stochastic.dv"].data
map_plot(maps, partition, feature="force", show=False)
diffusivity = infer(partition, "d", sigma=0.03)
seen = {
    "labels": [list(tree.labels), list(sampling.labels)],
    "comments": [tree.comments["roi000"], sampling.comments["stochastic.dv"]],
    "facts": [tree.data.frame_interval, tree.data.localization_error],
    "localizations": tree.data.to_dict("list"),
    "points": partition.points.to_dict("list"),
    "cell_index": partition.cell_index.tolist(),
    "location_count": partition.location_count.tolist(),
    "param": partition.param,
    "centers": partition.tessellation.cell_centers.tolist(),
    "adjacency": partition.tessellation.cell_adjacency.toarray().tolist(),
    "volume": partition.tessellation.cell_volume.tolist(),
    "features": maps.features,
    "maps": maps.maps.reset_index().to_json(double_precision=15),
    "settings": [maps.mode, maps.sigma, maps.niter, maps.resolution],
    "diffusivity": diffusivity["diffusivity"]["diffusivity"].tolist(),
}
sampling.add(Analyses(diffusivity), label="d")
save_rwa(copy, tree, force=True)
print(json.dumps(seen))
"""


@pytest.mark.slow
def test_the_original_reads_plots_and_infers_from_our_file(
    path, tmp_path, make_tree, original_python
):
    tree = make_tree()
    save_rwa(path, tree)
    copy = tmp_path / "copy.rwa"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    process = subprocess.run(
        [original_python, "-c", LOOK, str(path), str(copy)],
        capture_output=True, text=True, check=False, env=environment, cwd=tmp_path,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    seen = json.loads(process.stdout.splitlines()[-1])
    sampling, maps = tree["roi000"].data, tree["roi000"]["stochastic.dv"].data
    hexagons = sampling.tessellation
    assert seen["labels"] == [["roi000"], ["stochastic.dv"]]
    assert seen["comments"] == ["first region", "a map"]
    assert seen["facts"] == [0.04, 9e-4]
    assert seen["localizations"] == tree.data.to_dict("list")
    assert seen["points"] == sampling.points.to_dict("list")
    assert seen["cell_index"] == sampling.cells.tolist()
    assert seen["location_count"] == sampling.location_count.tolist()
    assert seen["param"] == sampling.param
    assert seen["centers"] == hexagons.cell_centers.tolist()
    assert seen["adjacency"] == hexagons.cell_adjacency.toarray().tolist()
    assert seen["volume"] == hexagons.cell_volume.tolist()
    assert seen["features"] == ["diffusivity", "potential", "force"]
    assert seen["maps"] == maps.maps.reset_index().to_json(double_precision=15)
    assert seen["settings"] == ["stochastic.dv", 0.03, 6, "converged"]

    # A sampling that the original has saved again is still known by its record.
    again = read_rwa(copy)
    assert again["roi000"].record == tree["roi000"].record
    diffusivity = again["roi000"]["d"].data["diffusivity"]["diffusivity"]
    np.testing.assert_array_equal(diffusivity, seen["diffusivity"])


LOOK_AT_WINDOW = """
import json, sys, warnings
warnings.simplefilter("ignore")
from tramway.core.hdf5.store import load_rwa
from tramway.helper import infer, map_plot
import matplotlib
matplotlib.use("Agg")
partition = load_rwa(sys.argv[1])["window"].data
maps = infer(partition, "d", sigma=0.03)
map_plot(maps, partition, feature="diffusivity", segment=1, show=False)
print(json.dumps({
    "rows": partition.cell_index[0].tolist(),
    "cells": partition.cell_index[1].tolist(),
    "location_count": partition.location_count.tolist(),
    "centers": partition.tessellation.cell_centers.tolist(),
    "intervals": partition.tessellation.time_lattice.tolist(),
    "mapped": maps.maps.index.tolist(),
}))
"""


@pytest.mark.parametrize("edge", [True, 2, [False, True]])
def test_how_the_original_links_segments_in_time_stays(path, localizations, partition, edge):
    segments = time_segments(partition.tessellation, [[0, 0.2], [0.2, 0.4]])
    assert not segments.links
    segments = replace(segments, links={"time_edge": edge, "time_dimension": True})
    root = Analysis(localizations)
    root.add(sample_nearest(partition.points, segments), "window")
    save_rwa(path, root)
    again = path.with_name("again.rwa")
    for _ in range(2):  # read, and written again
        found = read_rwa(path)["window"].data
        assert found.tessellation.links == {"time_edge": edge, "time_dimension": True}
        copy = Analysis(localizations)
        copy.add(found, "window")
        save_rwa(again, copy)
        path = again


@pytest.mark.slow
def test_the_original_reads_plots_and_infers_from_our_time_segments(
    path, tmp_path, localizations, partition, original_python
):
    cells = time_segments(partition.tessellation, [[0, 0.2], [0.1, 0.3], [0.2, 0.4]])
    segmented = sample_nearest(partition.points, cells)
    segmented.param = {"method": "hexagon", "time_window": {"duration": 0.2, "shift": 0.1}}
    root = Analysis(localizations)
    root.add(segmented, "window")
    save_rwa(path, root)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    process = subprocess.run(
        [original_python, "-c", LOOK_AT_WINDOW, str(path)],
        capture_output=True, text=True, check=False, env=environment, cwd=tmp_path,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    seen = json.loads(process.stdout.splitlines()[-1])
    assert seen["rows"] == segmented.point_index.tolist()
    assert seen["cells"] == segmented.cells.tolist()
    assert seen["location_count"] == segmented.location_count.tolist()
    assert seen["centers"] == cells.cell_centers.tolist()
    assert seen["intervals"] == cells.intervals.tolist()
    assert seen["mapped"] == np.flatnonzero(segmented.location_count).tolist()
