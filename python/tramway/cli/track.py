"""`tramway track`: localizations of one molecule become its track."""

from pathlib import Path
from typing import Any

import click

from .tree_files import errors_in_one_line, takes_files


@click.group()
def track() -> None:
    """Link localizations to tracks."""


@track.command()
@takes_files
def single(input_file: Path, output_file: Path | None, **_: Any) -> None:
    """Write localizations, x y t, as one track, n x y t; in place of them unless there is -o."""
    from tramway.analyzer import RWAnalyzer

    with errors_in_one_line():
        a = RWAnalyzer()
        a.tracker.from_single_particle()
        a.tracker.track(input_file, register=True)
        a.spt_data.to_ascii_file(output_file or input_file, float_format=None)
