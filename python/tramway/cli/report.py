"""`tramway report` and `tramway serve`: results as one page."""

import os
from pathlib import Path

import click

from tramway.errors import TramwayError

_THREADS_OF_ALGEBRA = "OPENBLAS_NUM_THREADS"
"""Threads that wait for each other over matrices of 2 by 2 take ten times what one needs."""


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="report.html",
    show_default=True,
    help="The page to write.",
)
@click.option("--title", default="Maps of molecular motion", show_default=True, help="Its title.")
def report(results: tuple[Path, ...], output: Path, title: str) -> None:
    """Write the maps in RESULTS as one page, that opens in a browser without a network.

    RESULTS are .rwa files, or folders of them. The page has the field with its regions, maps of
    each with error bars and fit, wells, priors and evidence, warnings, and the script that makes
    the results again.
    """
    os.environ.setdefault(_THREADS_OF_ALGEBRA, "1")  # read when numpy is loaded
    from tramway.report import write_report

    try:
        written = write_report(results, output, title=title)
    except (TramwayError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"report: {written.absolute()}")


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="By default, a free one.")
def serve(results: tuple[Path, ...], port: int) -> None:
    """Show the maps in RESULTS on this computer, with sliders for the weights of priors.

    The page is that of `tramway report`; maps are solved anew as the sliders move, and nothing is
    saved. It is served to this computer alone, at an address that nobody can guess.
    """
    os.environ.setdefault(_THREADS_OF_ALGEBRA, "1")  # read when numpy is loaded
    from tramway.report import ReportServer, read_results

    try:
        server = ReportServer(read_results(results), port)
    except (TramwayError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"open {server.address}  (Ctrl+C ends)")
    try:
        server.serve()
    except KeyboardInterrupt:
        click.echo()
