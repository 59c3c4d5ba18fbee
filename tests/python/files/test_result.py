"""Results are saved as they were put together by who made them, and read as what they are."""

import numpy as np
import pandas as pd
import pytest

from tramway.errors import FileFormatError
from tramway.files import (
    Analysis,
    EncodedArtefact,
    Record,
    decode_artefact,
    encode_artefact,
    encode_result,
    read_rwa,
    save_rwa,
)
from tramway.inference import Maps
from tramway.tessellation import Partition, hexagons, nearest_cell


@pytest.fixture
def partition() -> Partition:
    numbers = np.random.default_rng(0)
    points = pd.DataFrame(numbers.random((900, 2)), columns=["x", "y"])
    points["t"], points["dx"], points["dy"], points["dt"] = 0.0, 0.01, 0.02, 0.05
    places = points[["x", "y"]].to_numpy()
    cells = hexagons(places, resolution=0.2)
    return Partition(points, cells, nearest_cell(places, cells))


@pytest.fixture
def maps() -> Maps:
    return Maps(pd.DataFrame({"diffusivity": np.arange(900.0)}), "d", runtime=0.5, niter=3)


def tree(partition: object, maps: object) -> Analysis:
    root = Analysis(pd.DataFrame({"n": [1], "x": [0.5], "y": [0.5], "t": [0.0]}))
    node = root.add(partition, "roi000", record=Record({"resolution": 0.2}, "data"))
    node.add(maps, "d", record=Record({"prior": 20}, "sampling"))
    return root


def test_files_are_the_same_whoever_put_them_together(tmp_path, partition, maps):
    save_rwa(tmp_path / "here.rwa", tree(partition, maps))
    results = [EncodedArtefact(encode_result(artefact)) for artefact in (partition, maps)]
    assert all(result.image is not None for result in results)
    encoded = tree(*results)
    save_rwa(tmp_path / "elsewhere.rwa", encoded)
    assert (tmp_path / "here.rwa").read_bytes() == (tmp_path / "elsewhere.rwa").read_bytes()
    # What is in memory is decoded when it is asked for, and knows what it was made of.
    made = encoded["roi000"]["d"].data
    assert made.maps.equals(maps.maps)
    assert made.find_partition() is encoded["roi000"].data
    assert (encoded["roi000"].data.cells == partition.cells).all()


def test_what_was_saved_can_be_saved_again_elsewhere(tmp_path, partition, maps):
    results = [EncodedArtefact(encode_result(artefact)) for artefact in (partition, maps)]
    encoded = tree(*results)
    for name in ("first.rwa", "second.rwa"):
        save_rwa(tmp_path / name, encoded)
        assert results[1].image is None  # it is stored, and takes no memory any more
    second = read_rwa(tmp_path / "second.rwa")
    assert second["roi000"]["d"].data.maps.equals(maps.maps)


def test_what_is_for_others_to_store_comes_without_what_is_stored(maps):
    result = EncodedArtefact(encode_result(maps))
    assert decode_artefact(encode_result(maps)).attributes == result.decode().attributes
    assert EncodedArtefact(encode_artefact(maps)).image is None  # as older versions wrote it
    nothing_to_store = EncodedArtefact(encode_result({1: {None: 2}}))
    assert nothing_to_store.image is None
    assert nothing_to_store.decode() == {1: {None: 2}}


def test_long_arrays_are_in_a_result_once(partition):
    content = encode_result(partition)
    points = partition.points
    arrays = sum(points[name].nbytes for name in points) + partition.cells.nbytes
    assert arrays == 900 * 8 * 7
    # Without them it has 5 kB for the cells, and some 200 bytes for each of 40 objects.
    assert arrays < len(content) < 1.5 * arrays
    made = decode_artefact(content)
    assert made.points.equals(points)
    assert made.cells.dtype == partition.cells.dtype
    made.cells[0] += 1  # nobody else has it
    assert (decode_artefact(content).cells == partition.cells).all()


def test_a_chunk_that_is_not_there_is_refused(partition):
    content = encode_result(partition)
    length = int.from_bytes(content[28:36], "little")  # of the image, by its superblock
    image, rest = content[:length], content[length:]
    with pytest.raises(FileFormatError, match="cannot be read"):
        decode_artefact(rest)
    shorter = image[:28] + (4000).to_bytes(8, "little") + image[36:4000]
    with pytest.raises(FileFormatError, match="cannot be read"):
        decode_artefact(shorter + rest)


def test_a_result_that_is_cut_short_is_refused(maps):
    with pytest.raises(FileFormatError, match="cannot be read"):
        decode_artefact(encode_result(maps)[:-200])
