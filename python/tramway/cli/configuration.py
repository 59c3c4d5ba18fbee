"""An analysis described by a TOML file instead of a script.

The tables of the file are the attributes of the analyzer, its keys the names that a script would
use::

    [spt_data]
    from_ascii_files = "data/*.rpt.txt"      # relative to the folder of this file
    localization_precision = 0.03            # µm

    [roi]
    from_ascii_files = { suffix = "roi" }

    [tesseller]
    from_plugin = "hexagon"
    resolution = 0.25                        # µm

    [time]
    from_sliding_window = 10                 # s

    [mapper]
    from_plugin = "stochastic.dv"
    diffusivity_prior = 20
    potential_prior = "auto"

    [environment]                            # `a.env`; without it, this process does all
    name = "LocalHost"                       # unless another one is named
    worker_count = 4

What checks a script checks the file, too: unknown names are refused, with those that there are.
"""

import inspect
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from tramway.analyzer import RWAnalyzer, environments, stages
from tramway.analyzer.attribute import attributes_of
from tramway.attributes import did_you_mean
from tramway.errors import FileFormatError, InvalidInputError, TramwayError

Configuration: TypeAlias = dict[str, dict[str, Any]]
"""Tables of settings, by the name of the table."""

_RENAMED = {"env": "environment"}

TABLES = tuple(_RENAMED.get(name, name) for name in attributes_of(RWAnalyzer))
"""Names of the tables there can be: those of the attributes of the analyzer."""

_FILES = ("from_files", "from_ascii_file", "from_ascii_files", "from_rwa_file", "from_rwa_files")


def read(path: Path) -> Configuration:
    """Read a file.

    Parameters
    ----------
    path
        TOML file.

    Returns
    -------
    dict
        Its tables. Paths of data are relative to the working directory, not to the file any more.

    Raises
    ------
    FileFormatError
        If it is not TOML, or has tables or values outside of those of :data:`TABLES`.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise FileFormatError(f"{path} cannot be read as TOML: {error}") from error
    for name, table in found.items():
        if name not in TABLES:
            raise FileFormatError(
                f"{path}: [{name}] is unknown{did_you_mean(name, TABLES)}; valid tables: "
                f"{', '.join(TABLES)}"
            )
        if not isinstance(table, dict):
            raise FileFormatError(f"{path}: {name} is {table!r}, expected a table, [{name}]")
    data = found.get("spt_data", {})
    for key in data.keys() & set(_FILES):
        data[key] = _beside(path, data[key])
    return found


def _beside(path: Path, value: Any) -> Any:
    """Make a path, or several, relative to the folder of a file; leave the rest to its check."""
    if isinstance(value, list):
        return [_beside(path, item) for item in value]
    if isinstance(value, dict) and "filepattern" in value:
        return {**value, "filepattern": _beside(path, value["filepattern"])}
    if isinstance(value, str):
        return os.fspath(path.parent / Path(value).expanduser())
    return value


def merged(configuration: Configuration, options: Configuration) -> Configuration:
    """Let options replace what a file says; one initialiser of a table replaces another one."""
    tables = {name: dict(table) for name, table in configuration.items()}
    for name, table in options.items():
        here = tables.setdefault(name, {})
        if any(map(_is_initialiser, table)):
            for key in filter(_is_initialiser, list(here)):
                del here[key]
        here.update(table)
    return tables


def analyzer_of(configuration: Configuration) -> RWAnalyzer:
    """Declare what is described: the analyzer with its stages, ready to run.

    Raises
    ------
    InvalidInputError, UnknownAttributeError
        If a name is unknown, or a value is not what its name takes; the message begins with the
        table.
    """
    a = RWAnalyzer()
    for name in TABLES:
        table = dict(configuration.get(name, {}))
        with _named(name):
            if name == "environment":
                if not table:
                    continue
                a.env = _environment(table.pop("name", "LocalHost"))
                attribute: Any = a.env
            else:
                attribute = getattr(a, name)
            _apply(attribute, table)
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.reload())
    a.pipeline.append_stage(stages.infer())
    return a


@contextmanager
def _named(table: str) -> Iterator[None]:
    try:
        yield
    except TramwayError as error:
        raise type(error)(f"[{table}] {error}") from error
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"[{table}] {error}") from error


def _environment(name: Any) -> Any:
    if name not in environments.__all__:
        raise InvalidInputError(
            f"`name` is {name!r}{did_you_mean(str(name), environments.__all__)}, expected one of "
            f"{', '.join(environments.__all__)}"
        )
    return getattr(environments, name)


def _is_initialiser(key: str) -> bool:
    return key.startswith("from_")


def _apply(attribute: Any, table: Mapping[str, Any]) -> None:
    """Do what the lines ``attribute.key = value`` and ``attribute.from_key(value)`` would."""
    initialisers = list(filter(_is_initialiser, table))
    if len(initialisers) > 1:
        raise InvalidInputError(f"{' and '.join(initialisers)} exclude each other: choose one")
    rest = dict(table)
    # It comes first: what it chooses may decide which other names there are.
    for key in initialisers:
        if not callable(getattr(type(attribute), key, None)):
            continue
        value = rest.pop(key)
        if key == "from_plugin" and not isinstance(value, dict):
            # There may be parameters that a plugin must be given.
            own = [name for name in rest if not hasattr(type(attribute), name)]
            attribute.from_plugin(value, **{name: rest.pop(name) for name in own})
        else:
            _call(getattr(attribute, key), key, value)
    for key, value in rest.items():
        setattr(attribute, key, value)


def _call(method: Callable[..., Any], name: str, value: Any) -> None:
    """Call a method with one value, or with a table of its parameters."""
    if not isinstance(value, dict):
        method(value)
        return
    signature = inspect.signature(method)
    names = list(signature.parameters)
    takes_all = any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())
    for key in value:
        if key not in names and not takes_all:
            raise InvalidInputError(
                f"`{key}` is no parameter of {name}{did_you_mean(key, names)}; valid names: "
                f"{', '.join(names)}"
            )
    try:
        signature.bind(**value)
    except TypeError as error:
        raise InvalidInputError(f"`{name}`: {error}; parameters: {', '.join(names)}") from error
    method(**value)
