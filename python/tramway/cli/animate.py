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
    from tramway.helper.animation import animate_trajectories_2d_helper

    with errors_in_one_line():
        animate_trajectories_2d_helper(input_file, frame_rate=frame_rate, **_of_movie(**options))


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
    from tramway.helper.animation import animate_map_2d_helper

    rate = _FRAME_RATE if frame_rate is None else frame_rate
    with errors_in_one_line():
        animate_map_2d_helper(
            input_file,
            label=input_label or same_label,
            feature=feature,
            frame_rate=rate,
            **_of_movie(**options),
        )


animate.add_command(trajectories, "traj")


def _of_movie(
    output_file: Path | None,
    bit_rate: int | None,
    dpi: float | None,
    write_only: bool,
    **others: Any,
) -> dict[str, Any]:
    """Options of the helpers; a movie that is not written is shown."""
    is_shown = output_file is None or not write_only
    names = {"output_file": output_file, "bit_rate": bit_rate, "dots_per_inch": dpi}
    return {**names, "codec": others["codec"], "play": is_shown}
