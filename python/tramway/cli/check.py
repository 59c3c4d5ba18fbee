"""`tramway check`: what is in files, whether its units are right, and what to write in a script."""

import json
from typing import Any

import click

from tramway.errors import TramwayError


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--format", metavar="NAME", help="Name of the reader, if not as the content says.")
@click.option("--pixel-size", type=float, metavar="µm", help="Of positions in pixels.")
@click.option("--frame-interval", type=float, metavar="s", help="Of times in frames.")
@click.option("--coord-scale", type=float, metavar="F", help="µm per unit of length.")
@click.option(
    "--search-range", type=float, metavar="µm", help="Link localizations, steps up to this."
)
@click.option("--memory", type=int, default=0, metavar="N", help="Frames a molecule may miss.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def check(
    files: tuple[str, ...], as_json: bool, search_range: float | None, memory: int, **options: Any
) -> None:
    """Tell what is in FILES of any tracking program, and what to write into a script.

    Format, tracks, gaps, units, noise, diffusivity, density, immobile share, changes in time, and
    the cells that suit them. The exit code is 1 if a file cannot be read as trajectories yet: the
    report says what is missing.
    """
    from tramway.analyzer import RWAnalyzer

    a = RWAnalyzer()
    try:
        a.spt_data.from_files(list(files), format=options.pop("format"))
        for name, value in options.items():
            if value is not None:
                setattr(a.spt_data, name, value)
        if search_range is not None:
            a.tracker.from_trackpy(search_range, memory)
        found = a.spt_data.check()
    except TramwayError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([item.to_dict() for item in found], ensure_ascii=False, indent=1))
    else:
        click.echo(repr(found))
    if any(item.error is not None for item in found):
        raise click.exceptions.Exit(1)
