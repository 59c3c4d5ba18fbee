"""`tramway run`: the standard pipeline without a script."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tramway.errors import RunError, TramwayError

if TYPE_CHECKING:
    from .configuration import Configuration


class InputError(click.ClickException):
    """What was given cannot be run; nothing was done."""

    exit_code = 2


def _check_prior(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> dict[str, Any]:
    """Read ``NAME=WEIGHT``."""
    priors: dict[str, Any] = {}
    for value in values:
        name, equals, weight = value.partition("=")
        if not (name and equals and weight):
            raise click.BadParameter(f"'{value}', expected NAME=WEIGHT, as diffusivity=20")
        try:
            priors[f"{name}_prior"] = float(weight)
        except ValueError:
            priors[f"{name}_prior"] = weight  # 'auto'; the mapper refuses other words
    return priors


def _only_one(
    _context: click.Context, _argument: click.Parameter, paths: tuple[Path, ...]
) -> Path | None:
    """Take the file, if there is one; a pattern that the shell has filled in leaves others."""
    if len(paths) > 1:
        raise click.BadParameter(
            f"{len(paths)} files, '{paths[0]}' the first, expected one; the pattern of --data has "
            "to be in quotes, as --data 'data/*.txt'"
        )
    return paths[0] if paths else None


@click.command()
@click.argument(
    "configuration",
    metavar="[CONFIG.toml]",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=_only_one,
)
@click.option("--data", multiple=True, metavar="PATTERN", help="Files of any program; repeatable.")
@click.option(
    "--localization-precision", type=float, metavar="σ", help="Standard deviation, in µm."
)
@click.option(
    "--roi-suffix", metavar="SUFFIX", help="Regions of cell.rpt.txt are in cell.rpt-SUFFIX.txt."
)
@click.option("--tesseller", metavar="NAME", help="How regions are cut into cells, as hexagon.")
@click.option("--resolution", type=float, metavar="R", help="Distance of the cells, in µm.")
@click.option("--mapper", metavar="NAME", help="Model to infer, as stochastic.dv.")
@click.option(
    "--prior",
    multiple=True,
    metavar="NAME=WEIGHT",
    callback=_check_prior,
    help="Weight of a prior, a number or auto, as diffusivity=20; repeatable.",
)
@click.option("--worker-count", type=int, metavar="N", help="Number of processes on this computer.")
def run(configuration: Path | None, **options: Any) -> None:
    """Cut regions into cells and infer maps, as CONFIG.toml and the options say.

    The tables of the file are the attributes of the analyzer, as [spt_data] and [mapper], and
    [environment]; their keys the names that a script would use. Options replace what it says.
    Results are saved beside the data; what is there already is not made again: the same command
    continues what was interrupted.
    """
    from . import configuration as described

    try:
        file = {} if configuration is None else described.read(configuration)
        is_text = {"from_ascii_file", "from_ascii_files", "columns"} & {*file.get("spt_data", {})}
        method = "from_ascii_files" if is_text else "from_files"
        tables = described.merged(file, _tables(method, **options))
        analyzer = described.analyzer_of(tables)
        if not tables.get("spt_data"):
            raise InputError("there are no data: give --data 'data/*.txt', or a CONFIG.toml")
        summary = analyzer.run()
    except RunError as error:
        raise click.ClickException(str(error)) from error
    except TramwayError as error:
        raise InputError(str(error)) from error
    click.echo(summary)


def _tables(
    method: str,
    *,
    data: tuple[str, ...],
    localization_precision: float | None,
    roi_suffix: str | None,
    tesseller: str | None,
    resolution: float | None,
    mapper: str | None,
    prior: dict[str, Any],
    worker_count: int | None,
) -> "Configuration":
    """Write the options that were given as the tables of a file."""
    tables: Configuration = {
        "spt_data": {
            method: list(data) or None,
            "localization_precision": localization_precision,
        },
        "roi": {"from_ascii_files": None if roi_suffix is None else {"suffix": roi_suffix}},
        "tesseller": {"from_plugin": tesseller, "resolution": resolution},
        "mapper": {"from_plugin": mapper, **prior},
        "environment": {"worker_count": worker_count},
    }
    given = {
        name: {key: value for key, value in table.items() if value is not None}
        for name, table in tables.items()
    }
    return {name: table for name, table in given.items() if table}
