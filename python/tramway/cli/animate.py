"""`tramway animate`: movies of trajectories, and of maps of segments of time."""

from pathlib import Path
from typing import Any

import click

from .tree_files import errors_in_one_line, input_label, takes_files

_FRAME_RATE = 10.0


def _movie(command: Any) -> Any:
    for option in (
        click.option("-r", "--frame-rate", "--fps", "frame_rate", type=float, help="Per second."),
        click.option("-c", "--codec", help="Of the movie."),
        click.option("-b", "--bit-rate", "--bitrate", "bit_rate", type=int, help="In kbit/s."),
        click.option("--dots-per-inch", "--dpi", "dpi", type=float, help="Of the movie."),
        click.option("--write-only", is_flag=True, help="Do not show it."),
        click.option("-s", "--time-step", type=float, hidden=True),
        click.option("-u", "--time-unit", hidden=True),
        click.option("-v", "is_verbose", is_flag=True, hidden=True),
    ):
        command = option(command)
    return takes_files(command)


@click.group()
def animate() -> None:
    """Make a movie, shown in a window or written to the file after -o (.mp4, .gif)."""


@animate.command()
@_movie
def trajectories(input_file: Path, frame_rate: float | None, **options: Any) -> None:
    """Animate the trajectories of a text file, or of a .rwa file."""
    from tramway.helper.trees import opened
    from tramway.plotting import animate_trajectories

    with errors_in_one_line():
        table = opened(input_file)[0].data
        interval = "1x" if frame_rate is None else 1000 / frame_rate
        movie = animate_trajectories(table, _figure(), interval=interval)
        _finish(movie, frame_rate, **options)


@animate.command()
@_movie
@input_label
@click.option("-l", "same_label", hidden=True)
@click.option("-f", "--feature", help="Which; not needed where there is one.")
def map(
    input_file: Path,
    frame_rate: float | None,
    input_label: Any,
    same_label: str | None,
    feature: str | None,
    **options: Any,
) -> None:
    """Animate a map of segments of time."""
    from tramway.helper.trees import maps_and_partition
    from tramway.plotting import animate_map

    with errors_in_one_line():
        labels = input_label or same_label
        maps, partition = maps_and_partition(input_file, labels=labels)
        if feature is None and len(maps.features) > 1:
            raise click.UsageError(f"choose a feature, -f: {', '.join(maps.features)}")
        rate = _FRAME_RATE if frame_rate is None else frame_rate
        movie = animate_map(
            maps, feature or maps.features[0], partition, _figure(), interval=1000 / rate
        )
        _finish(movie, rate, **options)


animate.add_command(trajectories, "traj")


def _figure() -> Any:
    from matplotlib import pyplot

    return pyplot.figure()


def _finish(
    movie: Any,
    frame_rate: float | None,
    output_file: Path | None,
    codec: str | None,
    bit_rate: int | None,
    dpi: float | None,
    write_only: bool,
    **_: Any,
) -> None:
    from matplotlib import pyplot

    if output_file is not None:
        writer = "pillow" if output_file.suffix.lower() in (".gif", ".webp") else None
        movie.save(
            output_file, writer=writer, fps=frame_rate, codec=codec, bitrate=bit_rate, dpi=dpi
        )
    if output_file is None or not write_only:
        pyplot.show()
