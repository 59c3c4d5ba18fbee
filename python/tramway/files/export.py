"""All maps of a study in one table, with what the names of its files say."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from tramway.arguments import checked
from tramway.errors import InvalidInputError, MissingResultError
from tramway.inference.maps import Maps
from tramway.inference.raster import write_tiff
from tramway.inference.tables import table_of, write_csv, write_geojson, write_parquet

from .analysis_tree import Analysis
from .folder import files_in
from .label import Label
from .rwa import leave_out_damaged, read_rwa

_OWN = ("file", "region", "maps", "cell", "segment", "count", "status")
"""Columns that there are anyway."""


class _Found(NamedTuple):
    """Maps of a study.

    Attributes
    ----------
    said
        Columns in front: what the name of the file says, the file, and labels.
    maps
        The maps.
    """

    said: dict[str, str]
    maps: Maps


@checked
def study_table(
    paths: Iterable[str | os.PathLike[str]], pattern: str | None = None, label: str | None = None
) -> pd.DataFrame:
    """Make one table of all maps in ``.rwa`` files, a row for each cell.

    Parameters
    ----------
    paths
        The files, or folders of them, those of sub-folders included.
    pattern
        What the end of their paths is like, with names in braces that become columns:
        ``'{condition}/{movie}.rwa'``; ``*`` is any text without a slash.
    label
        Label of the maps to take; by default all of them.

    Returns
    -------
    pandas.DataFrame
        The columns of the pattern; ``file``; ``region``, the label of the sampling; ``maps``, that
        of the maps; then those of :meth:`Maps.to_dataframe`, NaN where maps have no such column.

    Raises
    ------
    InvalidInputError
        If a file does not match the pattern, or the pattern names no column, or one twice; if a
        folder has no such files.
    FileFormatError
        If a file is no ``.rwa`` file.
    MissingResultError
        If there are no maps, or none with the label.

    Examples
    --------
    >>> from tramway.files import Analysis, save_rwa
    >>> tree = Analysis(steps)
    >>> node = tree.add(partition, "cells").add(maps, "dv")
    >>> _ = save_rwa("treated_1.rwa", tree)
    >>> table = study_table(["treated_1.rwa"], "{condition}_{movie}.rwa")
    >>> table["condition"].unique().tolist()
    ['treated']
    """
    found = list(_found(paths, pattern, label))
    tables = []
    for item in found:
        table = table_of(item.maps)
        for rank, (name, value) in enumerate(item.said.items()):
            table.insert(rank, name, value)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


@checked
def write_study(
    path: str | os.PathLike[str],
    paths: Iterable[str | os.PathLike[str]],
    pattern: str | None = None,
    label: str | None = None,
    pixel_size: float | None = None,
) -> None:
    """Write :func:`study_table` as CSV or Parquet, outlines of all cells as GeoJSON, or images.

    Parameters
    ----------
    path
        The file; for ``.tif``, an image for each maps, with names in braces as in the pattern and
        ``{file}``, ``{region}`` and ``{maps}``: ``'{condition}-{region}.tif'``.
    paths, pattern, label
        See :func:`study_table`.
    pixel_size
        Side of a pixel of images, µm; see :func:`tramway.inference.write_tiff`.

    Raises
    ------
    InvalidInputError
        If the suffix is none of ``.csv``, ``.parquet``, ``.geojson``, ``.tif``; if `pixel_size` is
        given without images or missing for them; if two images would have one name; otherwise as
        :func:`study_table`.

    Examples
    --------
    >>> from tramway.files import Analysis, save_rwa
    >>> tree = Analysis(steps)
    >>> node = tree.add(partition, "cells").add(maps, "dv")
    >>> _ = save_rwa("one.rwa", tree)
    >>> write_study("study.csv", ["one.rwa"])
    """
    path = Path(path).expanduser()
    if (path.suffix == ".tif") != (pixel_size is not None):
        raise InvalidInputError(
            f"{path}: `pixel_size`, in µm, is for images, .tif, and needed for them"
        )
    if pixel_size is not None:
        _write_images(path, list(_found(paths, pattern, label)), pixel_size)
    elif path.suffix == ".geojson":
        write_geojson(path, [(item.maps, item.said) for item in _found(paths, pattern, label)])
    elif path.suffix == ".parquet":
        write_parquet(path, study_table(paths, pattern, label))
    elif path.suffix == ".csv":
        write_csv(path, study_table(paths, pattern, label))
    else:
        raise InvalidInputError(f"{path} ends in none of .csv, .parquet, .geojson and .tif")


def _write_images(path: Path, found: list[_Found], pixel_size: float) -> None:
    names: dict[Path, _Found] = {}
    for item in found:
        said = {**item.said, "file": Path(item.said["file"]).stem}
        try:
            name = path.name.format_map({key: text.replace("/", "-") for key, text in said.items()})
        except (KeyError, ValueError, IndexError, AttributeError) as error:
            raise InvalidInputError(
                f"{path} has {error} in braces, expected some of {', '.join(said)}"
            ) from None
        if names.setdefault(path.with_name(name), item) is not item:
            raise InvalidInputError(
                f"{path}: two images would be {name}, expected more names in braces, of "
                f"{', '.join(said)}"
            )
    for target, item in names.items():
        write_tiff(target, item.maps, pixel_size)


def _found(
    paths: Iterable[str | os.PathLike[str]], pattern: str | None, label: str | None
) -> Iterator[_Found]:
    expression = None if pattern is None else _expression(pattern)
    files = files_in(paths)
    # All names are looked at before any file is: a mistake is told at once.
    conditions = [_conditions(path, expression, pattern) for path in files]
    labels: dict[Label, None] = {}
    for path, said in zip(files, conditions, strict=True):
        for region, name, maps in _maps_of(leave_out_damaged(read_rwa(path))):
            labels[name] = None
            if label in (None, name):
                yield _Found({**said, "file": str(path), "region": region, "maps": str(name)}, maps)
    where = ", ".join(map(str, files))[:400] or "no file"
    if not labels:
        raise MissingResultError(f"no maps in {where}")
    if label is not None and label not in labels:
        raise MissingResultError(
            f"no maps with the label {label!r} in {where}: those there have "
            f"{', '.join(map(str, labels))}"
        )


def _maps_of(node: Analysis, path: tuple[Label, ...] = ()) -> Iterator[tuple[str, Label, Maps]]:
    for name in node:
        child = node[name]
        if isinstance(child.data, Maps):
            yield "/".join(map(str, path)), name, child.data
        yield from _maps_of(child, (*path, name))


def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\}|\*)", pattern)
    names = [part[1:-1] for part in parts if part.startswith("{")]
    bad = [name for name in names if names.count(name) > 1 or name in _OWN or name[0].isdigit()]
    if not names or bad:
        raise InvalidInputError(
            f"`pattern` is {pattern!r}, expected names in braces, each once, and none of "
            f"{', '.join(_OWN)}, as '{{condition}}/{{movie}}.rwa'"
        )
    text = "".join(
        f"(?P<{part[1:-1]}>[^/]+?)"
        if part.startswith("{")
        else "[^/]*"
        if part == "*"
        else re.escape(part)
        for part in parts
    )
    return re.compile(f"(?:.*/)?{text}")


def _conditions(
    path: Path, expression: re.Pattern[str] | None, pattern: str | None
) -> dict[str, Any]:
    if expression is None:
        return {}
    found = expression.fullmatch(path.as_posix())
    if found is None:
        raise InvalidInputError(f"{path} is not as `pattern` says, {pattern!r}")
    return found.groupdict()
