"""Whatever a file holds, reading it gives trajectories or one clear error, and soon."""

import os
import shutil
import tempfile
import tracemalloc
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st
from tracking_samples import SAMPLES

from tramway.data.formats import Linking, read_file
from tramway.data.formats.matlab_5 import read_variable
from tramway.errors import DataQualityWarning, FileFormatError, TramwayError

MEBIBYTE = 1 << 20


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one example: hypothesis makes many of them in one test."""
    path = Path(tempfile.mkdtemp())
    try:
        yield path
    finally:
        shutil.rmtree(path)


def files_of(path: Path) -> list[Path]:
    """The file, or those of the folder that a format is."""
    return sorted(part for part in path.rglob("*") if part.is_file()) if path.is_dir() else [path]


def read_or_refuse(path: Path, name: str | None) -> None:
    """Read a file as the format `name`, or as the content says; any refusal is a clear one."""
    sample = SAMPLES[name] if name else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        try:
            found = read_file(
                path,
                format=name,
                pixel_size=0.1,
                frame_interval=0.02,
                linking=Linking(0.6, 1),
                options=sample.options if sample else None,
            )
        except TramwayError as error:
            text = str(error)
            assert path.name in text
            assert len(text) < 1500
        else:
            assert np.isfinite(found.trajectories[["x", "y", "t"]]).all(axis=None)


@pytest.fixture(params=SAMPLES)
def name(request: pytest.FixtureRequest) -> str:
    needed = {"geff": "zarr", "parquet": "pyarrow"}.get(request.param)
    for package in (needed, "trackpy"):
        if package:
            pytest.importorskip(package)
    return str(request.param)


PLACE = st.floats(0, 1, exclude_max=True)
TOKENS = [
    b"",
    b"nan",
    b"inf",
    b"-1",
    b"1e308",
    b"9" * 20,
    b'"',
    b",",
    b"\n",
    b"\0",
    b"\xff\xfe",
    b"<",
]


@st.composite
def damages(draw: st.DrawFn) -> list[tuple[str, float, bytes]]:
    """A few damages: what is done, where in the file, and with what."""
    kinds = st.sampled_from(["cut", "flip", "insert", "replace", "drop"])
    content = st.one_of(st.sampled_from(TOKENS), st.binary(min_size=1, max_size=8))
    return draw(st.lists(st.tuples(kinds, PLACE, content), min_size=1, max_size=3))


def damaged(content: bytes, done: list[tuple[str, float, bytes]]) -> bytes:
    for kind, where, what in done:
        place = int(where * len(content))
        if kind == "cut":
            content = content[:place]
        elif kind == "flip" and content:
            flipped = content[place] ^ (1 << (len(what) % 8))
            content = content[:place] + bytes([flipped]) + content[place + 1 :]
        elif kind == "insert":
            content = content[:place] + what + content[place:]
        elif kind == "replace":
            content = content[:place] + what + content[place + len(what) :]
        elif kind == "drop":
            content = content[:place] + content[place + max(1, len(what)) :]
    return content


@pytest.mark.slow
def test_damaged_file(name: str) -> None:
    with folder() as home:
        path = SAMPLES[name].write(home)
        originals = {part: part.read_bytes() for part in files_of(path)}
        parts = list(originals)

        @given(damages(), PLACE)
        @settings(max_examples=60)
        def check(done: list[tuple[str, float, bytes]], which: float) -> None:
            part = parts[int(which * len(parts))]
            part.write_bytes(damaged(originals[part], done))
            try:
                read_or_refuse(path, name)
                read_or_refuse(path, None)
            finally:
                part.write_bytes(originals[part])

        check()


@given(st.binary(max_size=2000), st.sampled_from(list(SAMPLES)))
def test_any_bytes(content: bytes, name: str) -> None:
    if name in ("geff", "parquet"):
        name = "csv"  # what they need may not be installed
    with folder() as home:
        path = home / "cell.dat"
        path.write_bytes(content)
        read_or_refuse(path, name)
        read_or_refuse(path, None)


NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(repr),
    st.sampled_from(["", "None", "true", "1,5", "0x1F", "1e400", "µ", '"1"', "1 2"]),
)


@given(
    st.lists(
        st.sampled_from(["n", "track", "x", "y", "z", "t", "frame", "x [nm]", "y [nm]", "id"]),
        min_size=1,
        max_size=7,
    ),
    st.data(),
)
def test_any_table_of_text(names: list[str], data: st.DataObject) -> None:
    mark = data.draw(st.sampled_from([",", ";", "\t", " "]))
    row = st.lists(NUMBERS, min_size=0, max_size=len(names) + 1)
    rows = data.draw(st.lists(row, max_size=6))
    text = "\n".join(mark.join(fields) for fields in [names, *rows])
    with folder() as home:
        path = home / "cell.txt"
        path.write_text(text, encoding="utf-8")
        read_or_refuse(path, None)


def test_every_truncation_of_a_small_file(name: str) -> None:
    with folder() as home:
        path = SAMPLES[name].write(home)
        for part in files_of(path)[:3]:
            content = part.read_bytes()
            for length in range(0, len(content), max(1, len(content) // 25)):
                part.write_bytes(content[:length])
                read_or_refuse(path, name)
            part.write_bytes(content)


def test_line_without_end(tmp_path: Path) -> None:
    path = tmp_path / "cell.csv"
    path.write_bytes(b"frame,t,trajectory,x,y\n" + b"0," * (20 * MEBIBYTE))
    tracemalloc.start()
    with pytest.raises(FileFormatError, match=r"cell\.csv, line 2: a line of more than 1048576"):
        read_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 * MEBIBYTE


@pytest.mark.parametrize("content", ["x" * (3 * MEBIBYTE), "x," * (3 * MEBIBYTE)])
def test_header_without_end(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cell.csv"
    path.write_text(content)
    with pytest.raises(FileFormatError, match=r"cell\.csv"):
        read_file(path)
    with pytest.raises(FileFormatError, match=r"cell\.csv"):
        read_file(path, format="csv")


def test_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "cell.csv"
    text = "trajectory;frame;x [µm];y [µm]\n1;0;0.5;0.25\n1;1;0.5;0.5\n"
    for encoding in ("utf-8", "utf-8-sig", "latin-1", "utf-16"):
        path.write_text(text, encoding=encoding)
        assert read_file(path, frame_interval=0.1).trajectories["x"].tolist() == [0.5, 0.5]


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    pipe = tmp_path / "cell.csv"
    os.mkfifo(pipe)
    with pytest.raises(FileFormatError, match="is no regular file"):
        read_file(pipe)
    with pytest.raises(FileFormatError, match="is no regular file"):
        read_file("/dev/zero")
    with pytest.raises(FileFormatError, match="no reader knows"):
        read_file(tmp_path)
    (tmp_path / "empty.xml").touch()
    with pytest.raises(FileFormatError, match=r"empty\.xml is empty"):
        read_file(tmp_path / "empty.xml")
    with pytest.raises(FileNotFoundError, match=r"none\.xml"):
        read_file(tmp_path / "none.xml")


def test_pickles_are_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "tracks.npy"
    np.save(path, np.array([{"a": 1}] * 4, dtype=object), allow_pickle=True)
    with pytest.raises(FileFormatError, match=r"tracks\.npy.*Python objects"):
        read_file(path)
    path = tmp_path / "minflux.npz"
    objects = np.array([None] * 3, dtype=object)
    np.savez(path, tid=objects, tim=np.arange(3), pos=np.zeros((3, 2)))
    with pytest.raises(FileFormatError, match=r"minflux\.npz.*allow_pickle=False"):
        read_file(path)


def test_archives_that_would_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "minflux.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tid.npy", b"\0" * (80 * MEBIBYTE))
    with pytest.raises(FileFormatError, match="made to fill the memory"):
        read_file(path)
    path = tmp_path / "cell.smlm"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b" " * (20 * MEBIBYTE))
    with pytest.raises(FileFormatError, match="made to fill the memory"):
        read_file(path)
    path = tmp_path / "cell.mat"
    scipy.io.savemat(path, {"trackedPar": np.zeros(10 * MEBIBYTE)}, do_compression=True)
    with pytest.raises(FileFormatError, match="made to fill the memory"):
        read_file(path)


def test_links_out_of_an_hdf5_file_are_not_followed(tmp_path: Path) -> None:
    other = SAMPLES["picasso"].write(tmp_path)
    path = tmp_path / "link.h5"
    with h5py.File(path, "w") as root:
        root["locs"] = h5py.ExternalLink(str(other), "locs")
        root["saveloc"] = h5py.SoftLink("/saveloc")
    with pytest.raises(FileFormatError, match=r"link\.h5"):
        read_file(path)
    with pytest.raises(FileFormatError, match=r"link\.h5"):
        read_file(path, format="smap")


@pytest.mark.parametrize("compressed", [True, False])
def test_numbers_of_matlab_files_are_those_that_scipy_reads(
    tmp_path: Path, compressed: bool
) -> None:
    path = tmp_path / "cell.mat"
    kinds = ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"]
    written = {kind: np.arange(6, dtype=kind).reshape(2, 3) for kind in kinds}
    scipy.io.savemat(path, {"a": {"b": written, "none": []}}, do_compression=compressed)
    [row] = read_variable(path, "a").structures(["b", "none"])
    [found] = row["b"].structures(kinds)
    for kind in kinds:
        expected = scipy.io.loadmat(path)["a"]["b"][0, 0][kind][0, 0]
        np.testing.assert_array_equal(found[kind].numbers(), expected)
        assert found[kind].numbers().dtype == expected.dtype
    assert row["none"].numbers().size == 0


def test_archive_of_a_version_that_there_is_not(tmp_path: Path) -> None:
    path = SAMPLES["smlm"].write(tmp_path)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 128  # the version that is needed to read it
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"cell\.smlm"):
        read_file(path)
    with pytest.raises(FileFormatError, match="zip file version"):
        read_file(path, format="smlm")
