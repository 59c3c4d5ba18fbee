"""`tramway status` and `tramway resume`: runs that go on elsewhere, or no more."""

import re
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tramway.errors import TramwayError

from .run import InputError

if TYPE_CHECKING:
    from tramway.runs import RunDirectory

    from .progress import Progress

_REFRESH = 2.0  # seconds between two reports

_run_directory = click.argument(
    "run_directory", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
_NAME = re.compile("[0-9a-f]{16}-[0-9a-f]{16}")
"""What :class:`NewRun` calls a run directory."""
_HIDDEN = re.compile(r"\.([0-9a-f]{16})-\w{8,16}")
"""What it calls those that are there while an analysis is planned."""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--watch", is_flag=True, help="Show it again every two seconds, until all is done.")
def status(folder: Path, watch: bool) -> None:
    """Tell how far runs have come, who does what, what failed and why, and what to do next.

    FOLDER is the run directory that run() names in its log, tramway-runs/… beside the data, or a
    folder of data, for all runs in it. It can be read while a run goes on, and on every computer
    that sees it. A run directory is removed when all is done and saved: then the files are named in
    which the results are.
    """
    seen: dict[Path, Progress] = {}
    while True:
        report, is_over = _told(folder, seen)
        if watch:
            click.clear()
        click.echo(report)
        if not watch or is_over:
            return
        time.sleep(_REFRESH)


def _told(folder: Path, seen: "dict[Path, Progress]") -> tuple[str, bool]:
    """Tell of the run in a directory, or of all those of a folder; and whether they are over."""
    from tramway.files.folder import paths_in

    if not folder.exists():
        return _of_what_is_no_more(folder), True
    is_run = (folder / "job.json").exists()
    found = [] if is_run else paths_in(folder)
    runs = [folder] if is_run else _runs_among(found)
    plans = _plans_among(found)
    if plans:
        told = [_of_run(path, seen, is_alone=False) for path in runs]
        return "\n\n".join([*told, *map(_of_plan, plans)]), False
    results = [] if runs else sorted(path for path in found if path.suffix == ".rwa")
    if results:
        return _of_results(folder, results), True
    if not runs and not _NAME.fullmatch(folder.absolute().name):
        raise click.ClickException(
            f"there are no runs and no results in {folder}: expected the run directory that run() "
            "names in its log, in tramway-runs/ beside the data, or in the temporary folder where "
            "their folder cannot be written"
        )
    told = [_of_run(path, seen, is_alone=path == folder) for path in runs or [folder]]
    return "\n\n".join(told), all(path in seen and seen[path].is_over for path in runs)


def _of_run(path: Path, seen: "dict[Path, Progress]", is_alone: bool) -> str:
    from tramway.runs import RunDirectory

    from .progress import Progress

    try:
        if path not in seen:
            seen[path] = Progress(RunDirectory(path))
        seen[path].read()
        return seen[path].report()
    except (TramwayError, OSError) as error:
        if path in seen or not (path / "job.json").exists():
            time.sleep(_REFRESH)  # it takes a moment to remove it
            if not path.exists():
                return _of_what_is_no_more(path)
        if path in seen:
            raise click.ClickException(f"{error}: run again") from error
        if is_alone:
            raise click.ClickException(str(error)) from error
        return str(error)  # others may be well


def _of_plan(path: Path) -> str:
    """Tell how far planning has come, by one of its hidden directories."""
    from tramway.runs import RunDirectory

    from .progress import Progress

    try:
        progress = Progress(RunDirectory(path))
        progress.read()
        return progress.report_of_planning()
    except (TramwayError, OSError):
        return f"{path.parent}\nplanning: the process that runs it looks at the files, or has ended"


def _plans_among(paths: list[Path]) -> list[Path]:
    """Find a directory for each analysis that is being planned; one that workers plan in first."""
    hidden = {path: _HIDDEN.fullmatch(path.name) for path in sorted(paths)}
    named = {path: name[1] for path, name in hidden.items() if name and (path / "journal").is_dir()}
    by_progress = sorted(named, key=lambda path: (path / "job.json").exists())
    found = {named[path]: path for path in by_progress}
    return sorted(found.values())


def _runs_among(paths: list[Path]) -> list[Path]:
    """Find the run directories."""
    found = (path.parent for path in paths if path.name == "job.json")
    return sorted(path for path in found if _NAME.fullmatch(path.name))


def _of_results(folder: Path, results: list[Path]) -> str:
    from .progress import named

    said = f"results: {named([str(path) for path in results])}"
    look = shlex.join(["tramway", "report", str(folder), "-o", "report.html"])
    return f"no run is left to do in {folder}\n{said}\nto look at them: {look}"


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
    from .progress import named

    files = sorted(file.name for file in path.parent.parent.glob("*.rwa"))
    there = f", in {path.parent.parent}: {named(files)}" if files else ""
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
