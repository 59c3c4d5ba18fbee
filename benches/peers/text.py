"""Text to tables: `n x y t`, 21 rows a track."""

import subprocess

NAMES = ["n", "x", "y", "t"]


def ours(folder):
    from tramway.data import read_trajectories

    return lambda: len(read_trajectories(folder / "tracks.txt")) and None


def wc(folder):
    return lambda: subprocess.run(
        ["wc", "-l", folder / "tracks.txt"], check=True, stdout=subprocess.DEVNULL
    )


def stored(folder):
    """What nobody who reads numbers can do without: bytes, ends of lines, memory of columns."""
    import numpy as np

    path = folder / "tracks.txt"

    def read_and_store():
        text = np.empty(1 << 20, np.uint8)
        size = path.stat().st_size
        columns = []
        row = 0
        with path.open("rb", buffering=0) as file:
            while count := file.readinto(text):
                lines = np.count_nonzero(text[:count] == ord("\n"))
                if not columns:  # as many rows as the first lines tell, and some more
                    rows = int(1.1 * size * lines / count)
                    columns = [np.empty(rows) for _ in NAMES]
                for column in columns:
                    column[row : row + lines] = row
                row += lines

    return read_and_store


def pandas(folder):
    import pandas as pd

    return lambda: pd.read_csv(folder / "tracks.txt", sep="\t", names=NAMES, engine="c")


def polars(folder):
    import polars as pl

    return lambda: pl.read_csv(
        folder / "tracks.txt", separator="\t", has_header=False, new_columns=NAMES
    )


def original(folder):
    from tramway.core.xyt import load_xyt

    return lambda: load_xyt(str(folder / "tracks.txt")).size and None
