"""`tramway status` and `tramway resume`: runs that go on elsewhere, or no more."""

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tramway.errors import TramwayError

from .run import InputError

if TYPE_CHECKING:
    from tramway.runs import RunDirectory

_REFRESH = 2.0  # seconds between two reports
_SHOWN = 20  # files

_run_directory = click.argument(
    "run_directory", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
_NAME = re.compile("[0-9a-f]{16}-[0-9a-f]{16}")
"""What :class:`NewRun` calls a run directory."""


@click.command()
@click.argument("run_directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--watch", is_flag=True, help="Show it again every two seconds, until all is done.")
def status(run_directory: Path, watch: bool) -> None:
    """Tell how far a run has come, who does what, and what failed.

    RUN_DIRECTORY is what run() names in its log, tramway-runs/… beside the data. It can be read
    while the run goes on, and on every computer that sees it. It is removed when all is done and
    saved: then the files are named in which the results are.
    """
    if not run_directory.exists():
        click.echo(_of_what_is_no_more(run_directory))
        return
    from tramway.runs import RunDirectory

    from .progress import Progress

    try:
        progress = Progress(RunDirectory(run_directory))
    except TramwayError as error:
        raise click.ClickException(str(error)) from error
    while True:
        try:
            progress.read()
            report = progress.report()
        except OSError as error:
            time.sleep(_REFRESH)  # it takes a moment to remove it
            if not run_directory.exists():
                click.echo(_of_what_is_no_more(run_directory))
                return
            raise click.ClickException(f"{error}: run again") from error
        if watch:
            click.clear()
        click.echo(report)
        if not watch or progress.is_over:
            return
        time.sleep(_REFRESH)


@click.command()
@_run_directory
@click.option("--worker-count", type=int, metavar="N", help="Number of processes on this computer.")
def resume(run_directory: Path, worker_count: int | None) -> None:
    """Continue a run, and put its results into the .rwa files beside the data.

    What is finished is not made again.
    """
    from tramway.analyzer import environments
    from tramway.pipeline.job import Reconstruction
    from tramway.runs import RunDirectory

    try:
        run = RunDirectory(run_directory)
        _refuse_what_goes_on(run)
        analyzer = Reconstruction(run).analyzer()
        analyzer.env = environments.LocalHost(worker_count)
        analyzer.env.time_limit = run.description["time_limit"]
        summary = analyzer.run(resume=True)
    except TramwayError as error:
        raise click.ClickException(str(error)) from error
    click.echo(summary)


def _of_what_is_no_more(run_directory: Path) -> str:
    """Tell where the results are of a run whose directory was removed.

    Raises
    ------
    InputError
        If the path is none of a run directory.
    """
    path = run_directory.absolute()
    if not (path.parent.name.startswith("tramway-runs") and _NAME.fullmatch(path.name)):
        raise InputError(
            f"there is no run directory {run_directory}: expected one that run() names in its log, "
            "tramway-runs/… beside the data"
        )
    successor = next(path.parent.glob(f"{path.name.partition('-')[0]}-*"), None)
    if successor is not None:
        return f"{run_directory} was replaced, when it was run again, by {successor}"
    files = sorted(file.name for file in path.parent.parent.glob("*.rwa"))
    more = f", … and {len(files) - _SHOWN:,} more" if len(files) > _SHOWN else ""
    there = f", in {path.parent.parent}: {', '.join(files[:_SHOWN])}{more}" if files else ""
    return (
        f"{run_directory} was removed: the run is complete, its results are in the .rwa files "
        f"beside the data{there}"
    )


def _refuse_what_goes_on(run: "RunDirectory") -> None:
    """Leave a run alone that a cluster may be at work on."""
    from tramway.analyzer import environments
    from tramway.environments.host import ThisHost
    from tramway.environments.slurm_job import SlurmJob

    job = SlurmJob.of(run.path)
    if job is None:
        return
    is_here = job.host == ThisHost.name
    if is_here and not environments.Slurm().is_running(run):
        return
    number = (SlurmJob.of(run.path) or job).number  # it may have been found out meanwhile
    way_out = f"end it with `scancel {number or 'NUMBER'}`"
    if not is_here:
        way_out += f", and remove {run.path / 'slurm.json'}"
    raise click.ClickException(
        f"{f'job {number}' if number else 'a job'} on {job.host} was submitted for this run: join "
        f"it from its script, with a.run(resume=True), or {way_out}, and resume again"
    )
