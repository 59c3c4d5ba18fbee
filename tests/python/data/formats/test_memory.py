"""No reader holds more than three times its file."""

import json
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tracking_samples
from tracking_samples import SAMPLES

ROWS = 250_000

CONSTANT = 12e6
"""Bytes: pieces of text, pools of allocators and the like, whatever the size of the file."""

READ = """
import gc, json, sys, warnings
from pathlib import Path
from tramway.data.formats import read_file, read_localizations
warnings.simplefilter("ignore")
small, large, has_tracks, settings, options = json.loads(sys.argv[1])

def read(path):
    if has_tracks:
        return len(read_file(path, options=options, **settings).trajectories)
    return len(read_localizations(Path(path), None, options)[1].columns["x"])

def status(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))

read(small)  # what is imported once
gc.collect()
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
before = status("VmRSS")
count = read(large)
print(json.dumps([count, status("VmHWM") - before]))
"""


def content_size(path: Path) -> int:
    """Bytes of what is in a file, or folder, before it was compressed."""
    if path.suffix == ".parquet":
        return int(pd.read_parquet(path).memory_usage(index=False, deep=True).sum())
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    if path.suffix == ".smlm":
        return 20 * ROWS  # five numbers of four bytes each
    if path.suffix == ".mat" and path.read_bytes()[:10] == b"MATLAB 5.0":
        size, content = 0, path.read_bytes()[128:]
        while content:
            kind, length = struct.unpack_from("<II", content)
            variable = content[8 : 8 + length]
            size += len(zlib.decompress(variable)) if kind == 15 else length  # 15: compressed
            content = content[8 + length :]
        return size
    if path.is_dir():
        import zarr

        group = zarr.open_group(path, mode="r")
        arrays = [item for _, item in group.members(max_depth=None) if isinstance(item, zarr.Array)]
        return sum(array.nbytes for array in arrays)
    return path.stat().st_size


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peaks are told by Linux")
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_no_reader_holds_more_than_three_times_its_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = SAMPLES[name]
    folders = [tmp_path / "small", tmp_path / "large"]
    for folder in folders:
        folder.mkdir()
    small = sample.write(folders[0])
    tracks, length = ROWS // 20, 20
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 0.08, (tracks, length, 2)).cumsum(axis=1)
    x, y = (rng.uniform(2, 80, (tracks, 1, 2)) + steps).round(4).reshape(-1, 2).T
    frame = np.tile(np.arange(length), tracks) + np.repeat(np.arange(tracks) // 50, length)
    table = {"n": np.repeat(np.arange(1, tracks + 1), length), "frame": frame, "x": x, "y": y}
    monkeypatch.setattr(tracking_samples, "MOVIE", pd.DataFrame(table))
    large = sample.write(folders[1])
    said = [str(small), str(large), sample.has_tracks, sample.settings, sample.options]
    command = [sys.executable, "-c", READ, json.dumps(said)]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    count, peak = json.loads(told)
    assert count > 0.9 * ROWS
    assert peak < 3 * content_size(large) + CONSTANT
