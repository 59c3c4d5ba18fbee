"""Files compressed by gzip, and text in UTF-16."""

import bz2
import codecs
import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tracking_samples import csv, text, trackmate, trackpy_store

from tramway.data.formats import read_file, read_localizations
from tramway.errors import FileFormatError, TramwayError

CSV = "trajectory,frame,x [µm],y [µm]\n1,0,0.5,0.25\n1,1,0.5,0.5\n"


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)  # the same whenever tests are collected


def utf_16(content: bytes) -> bytes:
    said = content.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    return said.encode("utf-16")


@pytest.mark.parametrize("write", [text, csv, trackmate, trackpy_store])
@pytest.mark.parametrize("pack", [gzipped, utf_16, lambda c: gzipped(utf_16(c))])
def test_packed_files_are_read_as_they_are_without(
    tmp_path: Path, write: Callable[[Path], Path], pack: Callable[[bytes], bytes]
) -> None:
    path = write(tmp_path)
    content = path.read_bytes()
    if content.startswith(b"\x89HDF") and pack is not gzipped:
        pytest.skip("no text")
    reader, expected, _ = read_localizations(path)
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(pack(content))
    found = read_localizations(packed)
    assert found[0] is reader
    for name, values in expected.columns.items():
        np.testing.assert_array_equal(found[1].columns[name], values)
    assert (found[1].notes, found[2].path) == (expected.notes, str(packed))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzipped(CSV.encode())[:-20], "cannot be decompressed.*damaged or cut short"),
        (gzipped(CSV.encode())[:-8] + bytes(8), "cannot be decompressed.*damaged or cut"),
        (gzipped(gzipped(CSV.encode())), "is compressed twice"),
        (gzipped(b""), "is empty"),
        (gzipped(bz2.compress(CSV.encode())), "is compressed by bzip2: unpack it first"),
        (gzipped(CSV.replace("0.25", "y").encode()), "line 2"),
        (codecs.BOM_UTF32_LE + CSV.encode("utf-32-le"), "text in UTF-32, expected UTF-8"),
        (CSV.encode("utf-16")[:-1], "is no text in UTF-16, as which it begins"),
        (codecs.BOM_UTF16_BE + b"\xd8\x00" * 8, "is no text in UTF-16"),
    ],
)
def test_what_cannot_be_unpacked_is_one_error_that_names_the_file(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "cell.csv.gz"
    path.write_bytes(content)
    with pytest.raises(TramwayError, match=rf"cell\.csv\.gz.*{message}") as caught:
        read_file(path, frame_interval=0.1)
    assert tempfile.gettempdir() + "/tramway-" not in str(caught.value)


def test_bombs_end_before_they_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb") as file:
        for _ in range(70):  # 70 MiB in some 70 KiB
            file.write(bytes(1 << 20))
    with pytest.raises(FileFormatError, match=r"bomb\.csv\.gz is more than 200 times as large"):
        read_file(path)
    assert list(folder.iterdir()) == []
