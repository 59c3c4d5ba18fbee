"""How much memory the check of a file takes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

CHECK = """
import gc, sys
from pathlib import Path
from tramway.analyzer import RWAnalyzer

def check(path):
    a = RWAnalyzer()
    a.spt_data.from_files([path])
    [found] = a.spt_data.check()
    assert found.error is None
    assert found.quality.time_window_reason  # the last that is looked for

def status(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))

small, large = sys.argv[1:]
check(small)  # what is imported once
gc.collect()
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
before = status("VmRSS")
check(large)
print(status("VmHWM") - before)
"""

CONSTANT = 12e6
"""Bytes: pieces of text, pools of allocators and the like, whatever the size of the file."""


def write_walks(path: Path, tracks: int, length: int = 20) -> None:
    """Write free walks, D = 0.0625 µm²/s, frames every 20 ms, as text."""
    rng = np.random.default_rng(0)
    steps = rng.normal(scale=0.05, size=(tracks, length, 2))
    steps[:, 0] = 20 * rng.random((tracks, 2))
    table = pd.DataFrame({"n": np.repeat(np.arange(tracks), length)})
    table[["x", "y"]] = np.cumsum(steps, axis=1).reshape(-1, 2).round(4)
    frame = rng.integers(0, 5000, (tracks, 1)) + np.arange(length)
    table["t"] = (0.02 * frame.ravel()).round(2)
    table.to_csv(path, sep="\t", header=False, index=False)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peaks are told by Linux")
def test_a_check_takes_three_times_the_table_at_most(tmp_path: Path) -> None:
    small, large, tracks = tmp_path / "small.trxyt", tmp_path / "large.trxyt", 100_000
    write_walks(small, 1000)
    write_walks(large, tracks)
    command = [sys.executable, "-c", CHECK, str(small), str(large)]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    table = 20 * tracks * 4 * 8  # four numbers of eight bytes for each localization
    assert int(told) < 3 * table + CONSTANT
