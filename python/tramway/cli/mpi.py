"""The `tramway-mpi` command: what `mpirun` and `srun` start, many times at once."""

import os
import sys
import time
import traceback
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tramway.errors import TramwayError

from .mpi_world import abort, connect, is_first_process, leave

if TYPE_CHECKING:
    from tramway.environments.mpi import MPI

_LAST_WORDS = 5.0
"""Seconds in which the first process can tell an error: with the first that ends, all are ended."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Request:
    """What the command line asks for.

    Attributes
    ----------
    what
        Script, notebook or run directory; or ``run``.
    arguments
        What follows it.
    thread_count
        Threads of each process.
    """

    what: str
    arguments: tuple[str, ...]
    thread_count: int


@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Threads of each process.",
)
@click.argument("what", metavar="SCRIPT.py|NOTEBOOK.ipynb|RUN_DIR|run")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(threads: int, what: str, arguments: tuple[str, ...]) -> Request:
    """Do the tasks of an analysis in all processes that mpirun or srun starts.

    \b
        mpirun -n 8 tramway-mpi SCRIPT.py [arguments of the script]
        mpirun -n 8 tramway-mpi NOTEBOOK.ipynb
        mpirun -n 8 tramway-mpi run CONFIG.toml [options of tramway run]
        srun -K --mpi=pmi2 tramway-mpi RUN_DIR

    The first process executes the script, all of it; where the script calls run(), the others do
    the tasks, whichever environment the script sets. For a run directory, its unfinished tasks are
    done, and the results saved; `tramway resume RUN_DIR` saves what is left.

    If a process dies all others are ended. What was finished is kept: the same command continues.
    """  # noqa: D301
    return Request(what, arguments, threads)


def main() -> None:
    """Do what the command line says, as one of several processes; only the first one speaks."""
    request = _request()
    if isinstance(request, int):
        sys.exit(request)
    for variable in THREAD_VARIABLES:  # read when numpy is loaded
        os.environ[variable] = str(request.thread_count)
    try:
        code = _join(request)
    except TramwayError as error:
        if is_first_process():
            click.echo(f"Error: {error}", err=True)
        else:
            time.sleep(_LAST_WORDS)
        code = 1
    except BaseException:  # noqa: BLE001 - the others would wait for ever
        traceback.print_exc()
        abort(1)
    leave(code)


def _request() -> Request | int:
    """Read the command line; an exit code where that is all there is to do."""
    silence = StringIO()
    try:
        if is_first_process():
            asked: Request | int = command.main(prog_name="tramway-mpi", standalone_mode=False)
        else:
            with redirect_stdout(silence), redirect_stderr(silence):
                asked = command.main(prog_name="tramway-mpi", standalone_mode=False)
    except click.ClickException as error:
        if is_first_process():
            error.show()
        return error.exit_code
    return asked


def _join(request: Request) -> int:
    """Work with the other processes until all is done; return the exit code."""
    from tramway.environments.mpi import environment

    world = connect()
    if world.rank > 0:
        import tramway.pipeline.worker  # noqa: F401 - while the first process reads the data
    with environment(world, request.thread_count) as env:
        if env is None:
            return 0
        code = _lead(request, env)
        if env.is_busy:  # nobody wants the results of what is under way
            abort(code or 1)
    return code


def _lead(request: Request, env: "MPI") -> int:
    """Do what is asked for, with the help of the other processes; return the exit code."""
    from tramway import _core
    from tramway.runs import environment_override

    from . import script
    from .run import run

    _core.set_thread_count(request.thread_count)
    try:
        with environment_override(env):
            if request.what == "run":
                arguments = list(request.arguments)
                code: int | None = run.main(
                    arguments, prog_name="tramway-mpi run", standalone_mode=False
                )
                return code or 0
            if Path(request.what).is_dir():
                return _finish(Path(request.what), env)
            return script.execute(Path(request.what), request.arguments)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except TramwayError as error:
        click.echo(f"Error: {error}", err=True)
        return 2


def _finish(path: Path, env: "MPI") -> int:
    """Do the unfinished tasks of a run directory; return the exit code."""
    from tramway.pipeline.worker import do_steps
    from tramway.runs import RunDirectory

    from .progress import Progress

    run = RunDirectory(path)
    progress = Progress(run)
    progress.read()
    progress.state.interrupt(list(progress.state.running))
    with closing(env.execute(run, progress.state.unfinished(), do_steps)) as entries:
        for entry in entries:
            progress.take(entry)
    click.echo(progress.report())
    return 1 if progress.failed else 0


if __name__ == "__main__":
    main()
