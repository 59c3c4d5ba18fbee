"""`tramway draw`: pictures of cells and maps."""

from pathlib import Path
from typing import Any

import click

from .tree_files import errors_in_one_line, given, input_label, style, takes_files

_FORMATS = click.Choice(["png", "pdf", "ps", "eps", "svg"])


@click.group()
def draw() -> None:
    """Draw what is in a .rwa file, in a window or, with -p or -o, into a file."""


@draw.command()
@takes_files
@click.option("-v", "is_verbose", is_flag=True, hidden=True, expose_value=False)
@input_label
@click.option("--segment", type=int, help="Segment of time, from 0.")
@click.option("-D", "--delaunay", is_flag=True, help="Neighbours instead of outlines.")
@click.option("-s", "--min-location-count", hidden=True)
@click.option("-p", "--print", "fig_format", type=_FORMATS, help="Kind of the file.")
def cells(input_file: Path, output_file: Path | None, **options: Any) -> None:
    """Draw cells, and the points in them."""
    from tramway.helper import cell_plot

    for name in ("input_option", "verbose", "min_location_count"):
        options.pop(name)
    with errors_in_one_line():
        is_file = output_file is not None or options["fig_format"] is not None
        cell_plot(input_file, output_file=output_file, show=not is_file, **given(options))


@draw.command()
@takes_files
@click.option("-v", "is_verbose", is_flag=True, hidden=True, expose_value=False)
@input_label
@click.option("-f", "--feature", "--variable", "feature", help="Which; every one by default.")
@click.option("--segment", type=int, help="Segment of time, from 0.")
@click.option(
    "-P",
    "--points",
    "point_style",
    is_flag=False,
    flag_value="",
    callback=style,
    help="Points over the map, maybe with properties, as c='r',a=0.1.",
)
@click.option("-cm", "--colormap", help="Of matplotlib.")
@click.option(
    "-c",
    "--clip",
    type=float,
    is_flag=False,
    flag_value=4.0,
    help="How far above the median values are shown, in interquartile ranges.",
)
@click.option("-cb", "--colorbar", "without_colorbar", is_flag=True, help="No colour bar.")
@click.option("--xlim", type=float, nargs=2, help="Limits, µm.")
@click.option("--ylim", type=float, nargs=2, help="Limits, µm.")
@click.option("--zlim", type=float, nargs=2, hidden=True)
@click.option("-p", "--print", "fig_format", type=_FORMATS, help="Kind of the file.")
@click.option("--dpi", type=float, help="Dots per inch.")
@click.option("--title", help="Title.")
@click.option("--unit", help="Of the colours; std: the usual one.")
@click.option("-D", "--delaunay", is_flag=False, flag_value="", hidden=True)
@click.option("--inferencemap", is_flag=True, hidden=True)
def map(input_file: Path, output_file: Path | None, without_colorbar: bool, **options: Any) -> None:
    """Draw maps."""
    from tramway.attributes import warn_without_effect
    from tramway.helper import map_plot

    for name in ("input_option", "verbose"):
        options.pop(name)
    for name in ("delaunay", "inferencemap"):
        if options.pop(name) not in (None, False):
            warn_without_effect(name, "arrows and outlines are always drawn in one way")
    with errors_in_one_line():
        is_file = output_file is not None or options["fig_format"] is not None
        map_plot(
            input_file,
            output_file=output_file,
            colorbar=not without_colorbar,
            show=not is_file,
            **given(options),
        )


draw.add_command(map, "maps")
