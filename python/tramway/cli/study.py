"""`tramway study`: a folder of movies of several conditions, in one command."""

import re
from pathlib import Path
from typing import Any

import click

from tramway.errors import TramwayError


def _with_options(text: str) -> str:
    """Call arguments of the function as the options of this command."""
    options = {option.name: option.opts[-1] for option in study.params}
    return re.sub(r"`(\w+)`", lambda found: options.get(found[1], found[0]), text)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--pattern", default="*/**/*", show_default=True, help="Which files are movies.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of tables and pages; FOLDER/study by default.",
)
@click.option("--roi-suffix", metavar="SUFFIX", help="Regions are in files beside the movies.")
@click.option("--localization-precision", type=float, metavar="µm", help="As found, by default.")
@click.option("--resolution", type=float, metavar="µm", help="Distance of cells; as suits them.")
@click.option(
    "--model",
    default="stochastic.dv",
    show_default=True,
    help="Model to infer; best and tracks.dv are more exact, and take seconds for a region.",
)
@click.option("--unit", type=click.Choice(["cell", "movie"]), default="cell", show_default=True)
@click.option("--reference", metavar="CONDITION", help="What others are compared with.")
@click.option("--pixel-size", type=float, metavar="µm", help="Of positions in pixels.")
@click.option("--frame-interval", type=float, metavar="s", help="Of times in frames.")
@click.option("--coord-scale", type=float, metavar="F", help="µm per unit of length.")
@click.option("--time-scale", type=float, metavar="F", help="s per unit of time.")
@click.option("--worker-count", type=int, metavar="N", help="Number of processes.")
def study(folder: Path, **options: Any) -> None:
    """Map all movies of FOLDER/<condition>/…, report each, and compare the conditions.

    Movies are checked, dense regions found (or those of files taken), and mapped, with priors that
    choose themselves and without the spurious drift of localization noise. There is a report for
    each movie and each condition, tables of regions and wells, and one comparison in which cells or
    movies, not regions, are what is independent.
    """
    from tramway.study import run_study

    try:
        done = run_study(folder, **options)
    except (TramwayError, OSError) as error:
        raise click.ClickException(_with_options(str(error))) from error
    for note in done.notes:
        click.echo(_with_options(note))
    if len(done.differences):
        click.echo(done.differences.to_string(index=False, float_format="{:.3g}".format, na_rep=""))
    for row in done.failures.to_dict("records"):
        where = ", ".join(filter(None, (f"{row['condition']}/{row['movie']}", row["region"])))
        click.echo(f"failed: {where}: {_with_options(row['reason'])}", err=True)
    click.echo(f"study: {(done.folder / 'comparison.html').absolute()}")
    if len(done.failures):
        raise SystemExit(1)
