"""`tramway export`: all maps of a study in one table."""

from pathlib import Path

import click

from tramway.errors import TramwayError


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Table (.csv, .parquet), outlines of cells with all values (.geojson), or images of each "
    "maps (.tif), as '{file}-{region}.tif'.",
)
@click.option(
    "--pattern",
    metavar="PATTERN",
    help="What the paths end with; names in braces become columns: '{condition}/{movie}.rwa'.",
)
@click.option("--pixel-size", type=float, metavar="µm", help="Side of a pixel of images.")
@click.option("--label", metavar="LABEL", help="Take the maps of this label only.")
def export(
    results: tuple[Path, ...],
    output: Path,
    pattern: str | None,
    pixel_size: float | None,
    label: str | None,
) -> None:
    """Write the maps in RESULTS as one table, a row for each cell.

    RESULTS are .rwa files, or folders of them. Units are in the names of columns. What differs
    between files becomes columns by --pattern.
    """
    from tramway.files.export import write_study

    try:
        write_study(output, results, pattern, label, pixel_size)
    except (TramwayError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"maps: {output.absolute()}")
