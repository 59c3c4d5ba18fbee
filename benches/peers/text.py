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
