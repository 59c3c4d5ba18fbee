"""What MINFLUX microscopes export, beside the structure of pyMINFLUX."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.io
from tracking_samples import INTERVAL, MOVIE

from tramway.data.formats import read_file
from tramway.errors import FileFormatError

LOC = np.column_stack([MOVIE["x"], MOVIE["y"], np.zeros(len(MOVIE))]) * 1e-6  # m


def records() -> np.ndarray:
    """A record a localization; the last of its five iterations is the finest."""
    kind = [("itr", [("loc", "f8", (3,))], (5,)), ("vld", "?"), ("tid", "i4"), ("tim", "f8")]
    table = np.zeros(len(MOVIE), dtype=kind)
    table["itr"]["loc"][:, -1] = LOC
    table["vld"] = np.arange(len(MOVIE)) != 2
    table["tid"], table["tim"] = MOVIE["n"], MOVIE["frame"] * INTERVAL
    return table


def check(path: Path) -> None:
    reading = read_file(path)
    expected = MOVIE.drop(index=2)
    np.testing.assert_allclose(reading.trajectories["x"], expected["x"])
    np.testing.assert_allclose(reading.trajectories["t"], expected["frame"] * INTERVAL)
    assert "1 localizations that are not valid were left out" in reading.facts.notes


def test_records_with_iterations(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", records())
    check(tmp_path / "a.npy")


def test_iterations_as_records(tmp_path: Path) -> None:
    kind = [("itr", "i4"), ("fnl", "?"), ("vld", "?"), ("tid", "i4"), ("tim", "f8")]
    table = np.zeros(2 * len(MOVIE), dtype=[*kind, ("loc", "f8", (3,))])
    for name in ("vld", "tid", "tim"):
        table[name] = np.repeat(records()[name], 2)
    table["fnl"][1::2], table["loc"][1::2] = True, LOC
    np.save(tmp_path / "a.npy", table)
    check(tmp_path / "a.npy")


def test_matlab_file_of_the_microscope(tmp_path: Path) -> None:
    table = records()
    arrays = {name: table[name] for name in ("vld", "tid", "tim")}
    scipy.io.savemat(tmp_path / "a.mat", {"itr": {"loc": table["itr"]["loc"]}, **arrays})
    check(tmp_path / "a.mat")
    scipy.io.savemat(tmp_path / "b.mat", {"itr": {"loc": table["itr"]["loc"]}, "tid": 1})
    with pytest.raises(FileFormatError, match=r"b\.mat: no variable tim"):
        read_file(tmp_path / "b.mat")


def test_arrays_and_table(tmp_path: Path) -> None:
    table = records()
    arrays = {"tid": table["tid"], "tim": table["tim"], "loc": LOC}
    np.savez(tmp_path / "a.npz", **arrays)
    np.testing.assert_allclose(read_file(tmp_path / "a.npz").trajectories["x"], MOVIE["x"])
    MOVIE.assign(tid=MOVIE.n, tim=MOVIE.frame * INTERVAL, x=MOVIE.x * 1000, y=MOVIE.y * 1000)[
        ["tid", "tim", "x", "y"]
    ].to_csv(tmp_path / "a.csv", index=False)
    np.testing.assert_allclose(read_file(tmp_path / "a.csv").trajectories["x"], MOVIE["x"])


@pytest.mark.parametrize("time", ["tim", "t"])
def test_tables_of_pyminflux(time: str, tmp_path: Path) -> None:
    rows = "".join(
        f"{row.n},{row.frame * INTERVAL},{row.x * 1000},{row.y * 1000},0\n"
        for row in MOVIE.itertuples()
    )
    path = tmp_path / "a.csv"
    path.write_text(f"tid,{time},x,y,z\n{rows}")
    reading = read_file(path)
    assert (reading.facts.format, reading.facts.tracks) == ("minflux", 3)
    np.testing.assert_allclose(reading.trajectories["x"], MOVIE["x"])


def test_session_of_pyminflux(tmp_path: Path) -> None:
    path = tmp_path / "a.pmx"
    names = ["tid", "tim", "x", "y", "z", "efo"]
    with h5py.File(path, "w") as root:
        root.attrs["file_version"] = "3.0"
        table = np.column_stack(
            [MOVIE["n"], MOVIE["frame"] * INTERVAL, LOC * 1e9, np.ones(len(MOVIE))]
        )
        root["paraview/dataframe"] = table
        root["paraview/dataframe"].attrs["column_names"] = names
    reading = read_file(path)
    assert (reading.facts.format, reading.facts.tracks) == ("minflux", 3)
    np.testing.assert_allclose(reading.trajectories["y"], MOVIE["y"])
    np.testing.assert_allclose(reading.trajectories["t"], MOVIE["frame"] * INTERVAL)
    with h5py.File(path, "a") as root:
        root["paraview/dataframe"].attrs["column_names"] = names[:4]
    with pytest.raises(FileFormatError, match=r"a\.pmx: no columns tid tim x y in its table"):
        read_file(path)


def test_matlab_file_with_iterations_as_variables(tmp_path: Path) -> None:
    """Since 2024 each iteration is a row of every variable."""
    count = len(MOVIE)
    both = {name: np.repeat(records()[name], 2)[:, None] for name in ("vld", "tid", "tim")}
    both["itr"] = np.tile([0, 1], count)[:, None].astype("i4")
    both["loc"] = np.zeros((2 * count, 3))
    both["loc"][1::2] = LOC
    scipy.io.savemat(tmp_path / "a.mat", both)
    check(tmp_path / "a.mat")
    scipy.io.savemat(tmp_path / "a.mat", both | {"tid": both["tid"][:5]})
    with pytest.raises(FileFormatError, match="itr, tid, tim, vld and loc have different lengths"):
        read_file(tmp_path / "a.mat")


def listed(is_flat: bool) -> list[dict[str, Any]]:
    """The records as JSON has them: iterations in a list each, or as records of their own."""
    found = []
    for rank, (track, time, place) in enumerate(
        zip(MOVIE["n"], MOVIE["frame"] * INTERVAL, LOC.tolist(), strict=True)
    ):
        said = {"vld": rank != 2, "tid": track, "tim": time}
        steps = [{"itr": 0, "loc": [0.0, 0.0, 0.0]}, {"itr": 1, "loc": place}]
        if is_flat:
            found += [{**said, **step, "fnl": step["itr"] == 1} for step in steps]
        else:
            found.append({**said, "itr": steps})
    return found


@pytest.mark.parametrize("is_flat", [True, False])
def test_lists_in_json(is_flat: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(listed(is_flat), indent=1))
    check(path)
    # Without the flag of final ones, these are those of the last iteration.
    path.write_text(json.dumps([{k: v for k, v in r.items() if k != "fnl"} for r in listed(True)]))
    check(path)
    path.write_text(path.read_text()[:-40])
    with pytest.raises(FileFormatError, match=r"a\.json cannot be read.* the file ends within it"):
        read_file(path)
    path.write_text('[{"tid": 1, "itr": 0}, 5]')
    with pytest.raises(FileFormatError, match=r"a\.json cannot be read.* 'tim'"):
        read_file(path)


def in_zarr(folder: Path, **said: Any) -> Path:
    """Records in two chunks of a folder of Zarr 2, written after its specification."""
    kind = [("itr", "<i4"), ("fnl", "|b1"), ("vld", "|b1"), ("tid", "<u4"), ("tim", "<f8")]
    table = np.zeros(2 * len(MOVIE), dtype=[*kind, ("loc", "<f8", (3,))])
    for rank, record in enumerate(listed(is_flat=True)):
        for name in table.dtype.names or ():
            table[name][rank] = record[name]
    array = folder / "mfx"
    array.mkdir(parents=True)
    described = {
        **{"zarr_format": 2, "shape": [len(table)], "chunks": [20], "order": "C"},
        **{"dtype": [*kind, ["loc", "<f8", [3]]], "compressor": None, "filters": None},
    }
    (array / ".zarray").write_text(json.dumps(described | said))
    rows = np.append(table, table[:4])  # the last chunk is filled up
    for rank in range(2):
        (array / str(rank)).write_bytes(rows[20 * rank : 20 * rank + 20].tobytes())
    return folder


def test_records_in_zarr(tmp_path: Path) -> None:
    folder = in_zarr(tmp_path / "a.zarr")
    check(folder)
    check(folder / "mfx")
    (folder / "mfx/1").write_bytes(b"")
    with pytest.raises(FileFormatError, match="1 has 0 records, expected 20"):
        read_file(folder)
    (folder / "mfx/1").unlink()
    with pytest.raises(FileFormatError, match="no 1 in it, the folder was not copied"):
        read_file(folder)


def test_compressed_records_in_zarr(tmp_path: Path) -> None:
    numcodecs = pytest.importorskip("numcodecs")
    folder = in_zarr(tmp_path / "a.zarr", compressor={"id": "zlib", "level": 1})
    for part in (folder / "mfx/0", folder / "mfx/1"):
        part.write_bytes(numcodecs.Zlib().encode(part.read_bytes()))
    check(folder)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"compressor": {"id": "pickle"}}, "compressed by pickle, expected plain"),
        ({"filters": [{"id": "pickle"}]}, "holds objects, or is compressed"),
        ({"dtype": [["tid", "|O"], ["itr", "|O"]]}, "holds objects"),
        ({"shape": [20_000_000_000], "chunks": [1]}, "no 2 in it"),
        ({"shape": [20_000_000_000], "chunks": [20_000_000_000]}, "made to fill the memory"),
    ],
)
def test_hostile_zarr(said: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=message):
        read_file(in_zarr(tmp_path / "a.zarr", **said))
