"""Files made to lead a reader astray: one error that says so, soon, and nothing of them is done."""

import os
import pickle
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from tramway.errors import DataQualityWarning, FileFormatError
from tramway.files import Analysis, read_rwa, save_rwa
from tramway.files.structure import check_structure

MakeTree = Callable[..., Analysis]
Contents = Callable[..., dict[str, tuple[object, ...]]]

ITEMS = "analyses/_instances/items"
ROI = f"{ITEMS}/roi000"


@pytest.fixture
def path(tmp_path: Path, make_tree: MakeTree) -> Path:
    path = tmp_path / "walks.rwa"
    save_rwa(path, make_tree())
    return path


@pytest.fixture(autouse=True)
def _soon() -> Iterator[None]:
    start = time.process_time()
    yield
    assert time.process_time() - start < 10


def external(file: h5py.File) -> None:
    del file[f"{ROI}/_data/param"]
    file[f"{ROI}/_data/param"] = h5py.ExternalLink("other.rwa", "/analyses")


def external_artefact(file: h5py.File) -> None:
    del file[f"{ROI}/_data"]
    file[f"{ROI}/_data"] = h5py.ExternalLink("other.rwa", "/analyses/_data")


def soft_cycle(file: h5py.File) -> None:
    file[f"{ROI}/_data/param/items/again"] = h5py.SoftLink(f"/{ROI}/_data/param")


def hard_cycle(file: h5py.File) -> None:
    param = file[f"{ROI}/_data/param"]
    param["items/one"] = param["items/two"] = param


def many_paths(file: h5py.File) -> None:
    group = file[f"{ROI}/_data/param/items"]
    for number in range(40):  # 2**40 ways through 40 groups
        group["a"] = group["b"] = below = group.file.create_group(f"level {number}")
        group = below


def huge(file: h5py.File) -> None:
    del file[f"{ROI}/_data/_tessellation/_cell_centers"]
    file.create_dataset(
        f"{ROI}/_data/_tessellation/_cell_centers", (10**12,), "f8", chunks=(10**4,)
    )


def values_elsewhere(file: h5py.File) -> None:
    del file[f"{ROI}/_data/_cell_index"]
    secret = Path(file.filename).with_name("secret")
    secret.write_bytes(bytes(80))
    file.create_dataset(f"{ROI}/_data/_cell_index", (10,), "i8", external=[(str(secret), 0, 80)])


def deep(file: h5py.File) -> None:
    group = file[f"{ROI}/_data/param/items"].id
    for _ in range(10_000):
        group = h5py.h5g.create(group, b"a")


@pytest.mark.parametrize(
    ("attack", "message"),
    [
        (external, "_data/param is a link to another place or file"),
        (external_artefact, "roi000/_data is a link to another place or file"),
        (soft_cycle, "param/items/again is a link to another place or file"),
        (hard_cycle, "is in the file twice"),
        (many_paths, "is in the file twice"),
        (huge, "_cell_centers has the shape.*only 0 bytes are in the file"),
        (values_elsewhere, "_cell_index are in other files"),
        (deep, "more than 200 groups in one another"),
    ],
)
def test_a_hostile_artefact_is_one_error_and_the_rest_is_read(
    path: Path, attack: Callable[[h5py.File], None], message: str
) -> None:
    path.with_name("other.rwa").write_bytes(path.read_bytes())
    with h5py.File(path, "a") as file:
        attack(file)
    tree = read_rwa(path)
    with pytest.raises(FileFormatError, match=rf"walks\.rwa': .*{message}"):
        tree["roi000"].data  # noqa: B018
    assert tree["roi000"]["stochastic.dv"].data.mode == "stochastic.dv"
    before = path.read_bytes()
    repr(tree)
    if attack is deep:  # HDF5 would overflow its stack
        with pytest.raises(FileFormatError, match=message):
            save_rwa(path, tree)
        assert path.read_bytes() == before
    else:
        save_rwa(path, tree)


def node_in_itself(file: h5py.File) -> None:
    del file[f"{ROI}/_instances/items/stochastic.dv"]
    for name in ("a", "b"):
        file[f"{ROI}/_instances/items/{name}"] = file[ROI]


def soft_node(file: h5py.File) -> None:
    for name in ("a", "b"):
        file[f"{ROI}/_instances/items/{name}"] = h5py.SoftLink("/analyses")


def node_elsewhere(file: h5py.File) -> None:
    file[f"{ITEMS}/a"] = h5py.ExternalLink("other.rwa", "/analyses")


def deep_nodes(file: h5py.File) -> None:
    node = file[ROI].id
    for _ in range(3_000):  # three groups each
        items = h5py.h5g.open(node, b"_instances/items")
        below = h5py.h5g.create(items, b"a")
        instances = h5py.h5g.create(below, b"_instances")
        for source, target in ((node, below), (h5py.h5g.open(node, b"_instances"), instances)):
            for key, text in h5py.Group(source).attrs.items():
                h5py.Group(target).attrs[key] = text
        inside = h5py.h5g.create(instances, b"items")
        h5py.Group(inside).attrs["key type"] = np.bytes_("Python.unicode")
        node = below


@pytest.mark.parametrize(
    ("attack", "message"),
    [
        (node_in_itself, "is in the file twice"),
        (soft_node, "is a link to another place or file"),
        (node_elsewhere, "items/a is a link to another place or file"),
        (deep_nodes, "more than 200 groups in one another"),
    ],
)
@pytest.mark.filterwarnings("ignore::tramway.errors.DataQualityWarning")
def test_hostile_nodes_are_left_out_and_the_rest_is_read(
    path: Path, attack: Callable[[h5py.File], None], message: str
) -> None:
    path.with_name("other.rwa").write_bytes(path.read_bytes())
    with h5py.File(path, "a") as file:
        attack(file)
    with pytest.warns(DataQualityWarning, match=rf"{message}.*left out"):
        tree = read_rwa(path)
    assert tree["roi000"].data.tessellation.n_cells == 8


@pytest.mark.parametrize("name", ["../../x", "a/b", ".", "..", ""])
def test_labels_that_could_lead_out_of_a_folder_are_left_out(
    path: Path, make_tree: MakeTree, name: str
) -> None:
    tree = make_tree()
    tree.add(np.zeros(2), "p" * len(name) or "p")
    tree._children[name] = tree._children.pop("p" * len(name) or "p")
    save_rwa(path.with_name("named.rwa"), tree)
    with pytest.warns(DataQualityWarning, match="label is .* left out"):
        assert read_rwa(path.with_name("named.rwa")).labels == ["roi000"]


@pytest.mark.parametrize("name", [b"a/b", b"..", b"."])
def test_names_that_are_paths_name_nothing(tmp_path: Path, name: bytes) -> None:
    path, valid = tmp_path / "names.h5", b"QWX"[: len(name)]
    with h5py.File(path, "w", libver="earliest") as file:  # without checksums
        file.create_group(valid)
    path.write_bytes(path.read_bytes().replace(valid + b"\0", name + b"\0"))
    with h5py.File(path) as file, pytest.raises(FileFormatError, match="names no object"):
        check_structure(file)


class Malice:
    """What makes a folder as it is loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("type_name", ["Python.pickle", "Python.bytes", "Python.numpy.ndarray", ""])
def test_pickled_bytes_are_never_loaded(path: Path, tmp_path: Path, type_name: str) -> None:
    made = tmp_path / "made"
    with h5py.File(path, "a") as file:
        del file[f"{ROI}/_data"]
        file[f"{ROI}/_data"] = np.void(pickle.dumps(Malice(made)))
        if type_name:
            file[f"{ROI}/_data"].attrs["type"] = np.bytes_(type_name)
    tree = read_rwa(path)
    repr(tree)
    tree["roi000"]._data  # noqa: B018
    save_rwa(tmp_path / "copy.rwa", tree)
    assert not made.exists()
