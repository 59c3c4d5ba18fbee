"""What a newer version of the package wrote is refused where it is read, and stays in the file."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tramway.errors import DataQualityWarning, NewerFileError
from tramway.files import Analysis, Record, read_rwa, save_rwa

MakeTree = Callable[..., Analysis]
Contents = Callable[..., dict[str, tuple[object, ...]]]

ROI = "analyses/_instances/items/roi000"
MAPS = f"{ROI}/_instances/items/stochastic.dv"


@pytest.fixture
def path(tmp_path: Path, make_tree: MakeTree) -> Path:
    path = tmp_path / "walks.rwa"
    save_rwa(path, make_tree())
    return path


def set_version(path: Path, place: str, version: str) -> None:
    with h5py.File(path, "a") as file:
        file[place].attrs["version"] = np.bytes_(version)


@pytest.mark.parametrize(
    ("place", "version", "known"),
    [
        ("", "2", "1"),
        ("", "1.5", "1"),
        ("/_tessellation", "2", "1"),
        ("/_tessellation/_cell_adjacency", "2", "1"),
        ("/_points", "3", "1 to 2"),
        ("/_points/data", "3", "1 to 2"),
        ("/_points/index", "2", "1"),
        ("/_points/data/values/0", "2", "1"),
        ("/param", "17", "1 to 2"),
        ("/param/items/roi", "3", "1 to 2"),
    ],
)
def test_an_artefact_of_a_newer_version_is_refused_and_kept(
    path: Path, contents_of: Contents, place: str, version: str, known: str
) -> None:
    set_version(path, f"{ROI}/_data{place}", version)
    before = contents_of(path)
    tree = read_rwa(path)
    with pytest.raises(
        NewerFileError,
        match=rf"walks\.rwa': /{ROI}/_data{place} is a .* of version {version}, expected {known}: "
        "a newer tramway wrote it; update this one",
    ):
        tree["roi000"].data  # noqa: B018
    assert len(tree.data) == 120
    assert tree["roi000"]["stochastic.dv"].data.mode == "stochastic.dv"
    tree.add(np.arange(3.0), "more", record=Record({}, "new"))
    assert save_rwa(path, tree) == []
    after = contents_of(path)
    assert {name: after[name] for name in before} == before


def test_a_listing_says_what_is_newer(path: Path) -> None:
    set_version(path, f"{MAPS}/_data", "2")
    assert "not readable" in repr(read_rwa(path))
    assert "update this one" in repr(read_rwa(path))


@pytest.mark.parametrize("place", ["", "/_metadata", "/_instances"])
def test_a_node_of_a_newer_version_is_left_out_and_kept(
    path: Path, make_tree: MakeTree, contents_of: Contents, place: str
) -> None:
    set_version(path, ROI + place, "3")
    before = contents_of(path, ROI)
    with pytest.warns(DataQualityWarning, match=rf"/{ROI}{place} is a.*'roi000' was left out, sav"):
        tree = read_rwa(path)
    assert tree.labels == []
    assert len(tree.data) == 120
    assert save_rwa(path, tree) == []
    assert contents_of(path, ROI) == before
    # Made anew, it does not replace what may say more.
    notes = save_rwa(path, make_tree())
    assert [note for note in notes if "kept as 'roi000 (previous)'" in note] == notes != []
    assert contents_of(path, f"{ROI} (previous)") == before


def test_comments_of_a_newer_version_are_left_out_and_kept(
    path: Path, contents_of: Contents
) -> None:
    set_version(path, "analyses/_comments", "3")
    before = contents_of(path)
    with pytest.warns(DataQualityWarning, match="the comments were left out"):
        tree = read_rwa(path)
    assert tree["roi000"].comment is None
    save_rwa(path, tree)
    assert contents_of(path) == before


@pytest.mark.parametrize("place", ["", "/_metadata", "/_instances"])
def test_a_file_whose_root_is_newer_is_refused_and_not_touched(
    path: Path, make_tree: MakeTree, place: str
) -> None:
    set_version(path, f"analyses{place}", "3")
    before = path.read_bytes()
    match = rf"walks\.rwa': /analyses{place} is a .* of version 3"
    with pytest.raises(NewerFileError, match=match):
        read_rwa(path)
    with pytest.raises(NewerFileError, match=match):
        save_rwa(path, make_tree())
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["walks.rwa"]


def test_newer_localizations_are_never_replaced(path: Path, make_tree: MakeTree) -> None:
    set_version(path, "analyses/_data", "3")
    before = path.read_bytes()
    with pytest.raises(NewerFileError, match="/analyses/_data is a"):
        save_rwa(path, make_tree())
    assert path.read_bytes() == before
