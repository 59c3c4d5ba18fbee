"""The `tramway` command and its subcommands; what they need is imported when they run."""

from pathlib import Path

import click

from tramway import __version__

from .animate import animate
from .check import check
from .doctor import doctor
from .draw import draw
from .dump import dump
from .export import export
from .extract import extract
from .infer import infer
from .inferencemap import inferencemap
from .report import report, serve
from .run import run
from .status import resume, status
from .study import study
from .tessellate import tessellate
from .track import track
from .tree_files import GlobalFiles
from .work import plan, work

_PICTURE_FORMATS = (".png", ".pdf", ".svg")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tramway")
@click.option("-i", "--input", "input_file", type=click.Path(path_type=Path), hidden=True)
@click.option("-o", "--output", "output_file", type=click.Path(path_type=Path), hidden=True)
@click.option("-v", "--verbose", is_flag=True, hidden=True)
@click.pass_context
def main(
    context: click.Context, input_file: Path | None, output_file: Path | None, verbose: bool
) -> None:
    """Map diffusivity, force and potential from single-molecule trajectories."""
    context.obj = GlobalFiles(input=input_file, output=output_file)


def _check_picture(_context: click.Context, _option: click.Parameter, path: Path) -> Path:
    """Refuse, before any work is done, a file that could not be written at the end."""
    if path.suffix.lower() not in _PICTURE_FORMATS:
        raise click.BadParameter(
            f"'{path}' ends in '{path.suffix}', expected one of {', '.join(_PICTURE_FORMATS)}"
        )
    if not path.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no directory '{path.parent}': create it first")
    return path


@main.command()
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    default="tramway-demo.png",
    show_default=True,
    callback=_check_picture,
    help="Where to write the picture (.png, .pdf or .svg).",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=1,
    show_default=True,
    help="Seed of the simulation.",
)
def demo(output: Path, seed: int) -> None:
    """Simulate a movie with known potential wells, map it, and compare.

    Prints the truth against the estimate, and draws the maps.
    """
    from . import demo as known_wells

    trajectories = known_wells.simulate_movie(seed)
    click.echo(known_wells.describe_movie(trajectories))
    partition, maps = known_wells.map_movie(trajectories)
    click.echo(known_wells.describe_maps(partition, maps))
    click.echo()
    click.echo(known_wells.compare(partition, maps))
    click.echo()
    figure = known_wells.draw(partition, maps)
    try:
        figure.savefig(output, dpi=150)
    except OSError as error:
        raise click.ClickException(f"cannot write '{output}': {error.strerror or error}") from error
    click.echo(f"picture: {output.absolute()}")


for _command in (
    run, check, report, serve, study, plan, work, status, resume, export, inferencemap, doctor
):  # fmt: skip
    main.add_command(_command)
for _command in (track, tessellate, infer, extract, draw, animate, dump):
    main.add_command(_command)
for _alias, _command in (
    ("preprocess", track),
    ("sample", tessellate),
    ("show", draw),
    ("grab", animate),
):
    main.add_command(_command, _alias)
