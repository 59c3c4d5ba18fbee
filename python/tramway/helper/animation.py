"""Movies in one call."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.core import load_xyt
from tramway.errors import InvalidInputError
from tramway.files import Analysis
from tramway.plotting import animate_map, animate_trajectories

from .trees import Labels, PathLike, maps_and_partition, opened

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation

__all__ = ["animate_map_2d_helper", "animate_trajectories_2d_helper"]


def animate_trajectories_2d_helper(
    input_data: pd.DataFrame | Analysis | PathLike,
    output_file: PathLike | None = None,
    *,
    columns: str | list[str] | None = None,
    frame_rate: float | None = None,
    **options: Any,
) -> "FuncAnimation":
    """Animate trajectories.

    Parameters
    ----------
    input_data
        A table, a tree, or a file that has them.
    output_file
        Where the movie is saved.
    columns
        Names of the columns of a text file, in a list or separated by commas.
    frame_rate
        How many frames are shown in a second; as many as were taken by default.
    options
        ``bit_rate``, in kbit/s, ``dots_per_inch``, ``codec`` and ``play``; others have no effect.
    """
    if columns is not None and isinstance(input_data, str | Path):
        names = columns.split(",") if isinstance(columns, str) else columns
        input_data = load_xyt(input_data, columns=names)
    interval = "1x" if frame_rate is None else 1000 / frame_rate
    movie = animate_trajectories(opened(input_data)[0].data, _figure(), interval=interval)
    return _finish(movie, output_file, frame_rate, **options)


def animate_map_2d_helper(
    input_data: Analysis | PathLike,
    output_file: PathLike | None = None,
    label: Labels = None,
    feature: str | None = None,
    variable: str | None = None,
    *,
    frame_rate: float = 1.0,
    **options: Any,
) -> "FuncAnimation":
    """Animate maps of segments of time.

    Parameters
    ----------
    input_data
        The tree, or file, that has them.
    output_file
        Where the movie is saved.
    label
        Of the maps in the tree; also separated by commas.
    feature, variable
        Which; not needed where there is one.
    frame_rate
        How many segments are shown in a second.
    options
        See :func:`animate_trajectories_2d_helper`.
    """
    if isinstance(label, str):
        label = [int(one) if one.isdecimal() else one for one in label.split(",")]
    maps, partition = maps_and_partition(input_data, labels=label)
    name = variable if feature is None else feature
    known = [one for one in maps.features if not one.endswith(" std")]
    if name is None:
        if len(known) > 1:
            raise InvalidInputError(f"`feature` is not chosen, expected one of {', '.join(known)}")
        name = known[0]
    movie = animate_map(maps, name, partition, _figure(), interval=1000 / frame_rate)
    return _finish(movie, output_file, frame_rate, **options)


def _figure() -> Any:
    from matplotlib import pyplot

    return pyplot.figure()


def _finish(
    movie: "FuncAnimation",
    output_file: PathLike | None,
    frame_rate: float | None,
    bit_rate: int | None = None,
    dots_per_inch: float | None = 200,
    codec: str | None = None,
    play: bool = False,
    **_: Any,
) -> "FuncAnimation":
    if output_file is not None:
        is_picture = Path(output_file).suffix.lower() in (".gif", ".webp")
        movie.save(
            Path(output_file),
            writer="pillow" if is_picture else None,
            fps=frame_rate,  # type: ignore[arg-type]
            codec=codec,
            bitrate=bit_rate,
            dpi=dots_per_inch,
        )
    if play:
        from matplotlib import pyplot

        pyplot.show()
    return movie
