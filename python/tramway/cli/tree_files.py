"""What the commands that work on an analysis tree share: the file, labels, errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from tramway.errors import TramwayError

Command = TypeVar("Command", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path)


class GlobalFiles(dict[str, Any]):
    """What was given before the name of the command: ``tramway -i FILE -o FILE tessellate …``."""


def _input(context: click.Context, _option: click.Parameter, value: Any) -> Path:
    found: Path | None = value or context.params.get("input_option")
    found = found or _given_before(context, "input")
    if found is None:
        raise click.UsageError("no input file: give it last, or after -i")
    if not found.expanduser().is_file():
        raise click.BadParameter(f"there is no file '{found}'")
    return found


def _output(context: click.Context, _option: click.Parameter, value: Any) -> Path | None:
    found: Path | None = value or _given_before(context, "output")
    return found


def _given_before(context: click.Context, name: str) -> Any:
    files = context.find_object(GlobalFiles)
    return None if files is None else files[name]


def takes_files(command: Command) -> Command:
    """Give a command ``input_file`` and ``output_file``."""
    for option in (
        click.argument("input_file", required=False, type=_FILE, callback=_input),
        click.option(
            "-i",
            "--input",
            "input_option",
            type=_FILE,
            is_eager=True,
            help="The file that it starts from.",
        ),
        click.option(
            "-o",
            "--output",
            "output_file",
            type=_FILE,
            callback=_output,
            help="Where the result goes; by default to the .rwa file of the input.",
        ),
        click.option("--verbose", is_flag=True, hidden=True),
    ):
        command = option(command)
    return command


def labels(_context: click.Context, _option: click.Parameter, text: str | None) -> Any:
    """Read labels that are separated by commas or semicolons; whole numbers are numbers."""
    if text is None:
        return None
    parts = text.replace(";", ",").split(",")
    return [int(part) if part.lstrip("-").isdigit() else part for part in parts]


def label(context: click.Context, option: click.Parameter, text: str | None) -> Any:
    """Read one label; a whole number is a number."""
    return None if text is None else labels(context, option, text.replace(",", "\0"))[0]


def style(_context: click.Context, _option: click.Parameter, text: str | None) -> Any:
    """Read properties, as ``c='r',a=0.1``; None where the option is not given."""
    if text is None:
        return None
    found: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        if not equals:
            raise click.BadParameter(f"'{part}', expected name=value, as \"c='r',a=0.1\"")
        try:
            found[_SHORT.get(name, name)] = float(value)
        except ValueError:
            found[_SHORT.get(name, name)] = value.strip("'\"")
    return found


_SHORT = {"a": "alpha", "color": "c", "size": "s"}

input_label = click.option(
    "-L",
    "--input-label",
    "--label",
    callback=labels,
    help="Labels of what it starts from, from the root downwards, separated by commas.",
)
"""Option ``-L``."""


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Say what is wrong without a traceback."""
    try:
        yield
    except TramwayError as failure:
        raise click.ClickException(str(failure)) from failure
    except OSError as failure:
        name = "" if failure.filename is None else f"'{failure.filename}': "
        raise click.ClickException(f"{name}{failure.strerror or failure}") from failure


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was not given."""
    return {
        name: value
        for name, value in options.items()
        if not (value is None or value is False or value == ())
    }
