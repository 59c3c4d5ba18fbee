"""`tramway plan` and `tramway work`: a run that a batch system of any kind does in shares."""

import os
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path

import click

from tramway.errors import RunError, TramwayError

from .mpi import THREAD_VARIABLES
from .run import InputError

_SHARD = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)


def _check_shard(_context: click.Context, _option: click.Parameter, value: str) -> tuple[int, int]:
    """Read ``i/N``."""
    found = _SHARD.fullmatch(value)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise click.BadParameter(f"'{value}', expected i/N with i from 1 to N, as 3/8")
    return int(found[1]), int(found[2])


@click.command()
@click.argument("run_directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--shard",
    default="1/1",
    metavar="i/N",
    show_default=True,
    callback=_check_shard,
    help="Which share of the tasks, the first of which is 1.",
)
def work(run_directory: Path, shard: tuple[int, int]) -> None:
    """Do a share of the tasks of a run, in this process; others do the rest.

    RUN_DIRECTORY is what `tramway plan` prints, or what run() names in its log. Start each of
    the N shares once, in any order, on any computers that see the run directory and the data; one
    that was ended early, once more. A share that is over saves what is complete of the results;
    `tramway resume RUN_DIRECTORY` saves what is left.

    The exit code is 0 when nothing of the share is left to do; what failed is told by `tramway
    status` and `tramway resume`.
    """
    for variable in THREAD_VARIABLES:  # read when numpy is loaded
        os.environ.setdefault(variable, "1")
    from tramway.environments.shard import Shard
    from tramway.pipeline.worker import do_steps
    from tramway.runs import RunDirectory, become_worker

    from .progress import Progress

    try:
        run = RunDirectory(run_directory)
        own = Shard(*shard)
        become_worker(str(run.path))
        progress = Progress(run)
        progress.read()
        for entry in own.execute(run, range(run.task_count), do_steps):
            progress.take(entry)
    except (TramwayError, OSError) as error:
        raise click.ClickException(str(error)) from error
    share = own.share(run)
    failed = [progress.failure(progress.failed[task]) for task in share if task in progress.failed]
    done = sum(map(bool, progress.state.over[share]))
    click.echo(f"share {shard[0]} of {shard[1]}: {done} of {len(share)} regions are over")
    failed += progress.not_saved()
    click.echo("\n".join(failed), nl=bool(failed))


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("what", metavar="CONFIG.toml|SCRIPT.py|NOTEBOOK.ipynb")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def plan(what: str, arguments: tuple[str, ...]) -> None:
    """Make the run directory of an analysis, and do none of its tasks.

    Its path is printed: `tramway work` does the tasks, `tramway resume` saves what is left. What is
    up to date is not planned; if that is all, nothing is printed. A script is executed up to where
    it calls run(); arguments are the script's, or options of `tramway run`.
    """
    from tramway.runs import environment_override

    from . import script
    from .plan_only import PlanOnly
    from .run import run

    planned = PlanOnly()
    path = Path(what)
    code = 0
    try:
        # What is printed is for whoever starts the shares: the path, and nothing else.
        with environment_override(planned), redirect_stdout(sys.stderr):
            if path.suffix in script.KINDS:
                code = script.execute(path, arguments)
            else:
                run.main([what, *arguments], prog_name="tramway plan", standalone_mode=False)
    except RunError as error:
        raise click.ClickException(str(error)) from error
    except TramwayError as error:
        raise InputError(str(error)) from error
    except SystemExit:
        pass  # it is planned
    if code:
        raise click.exceptions.Exit(code)
    if planned.path is not None:
        click.echo(planned.path)
