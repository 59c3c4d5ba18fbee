"""InferenceMAP's maps, ``.vmesh`` files.

El Beheiry, Dahan & Masson, *InferenceMAP*, Nat. Methods 12, 594 (2015). Lengths are in µm, times in
s, forces in kT/µm, potentials in kT.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from tramway.errors import FileFormatError, InvalidInputError
from tramway.inference import Maps

from .atomic_write import replace_file
from .numbered_lines import NumberedLines

_COLUMNS = {
    "Diffusion": "diffusivity",
    "x-Force": "force x",
    "y-Force": "force y",
    "x-Drift": "drift x",
    "y-Drift": "drift y",
    "Potential": "potential",
}
"""Features, by the columns of a ``.vmesh`` file."""


def write_vmesh(path: str | os.PathLike[str], maps: Maps, settings: Mapping[str, object]) -> None:
    """Write maps as a ``.vmesh`` file.

    Parameters
    ----------
    path
        The file, made or replaced at once.
    maps
        Maps of ``diffusivity`` and maybe ``force``, ``drift`` or ``potential``, which know the
        partition that they were inferred from.
    settings
        What the lines above the table say, by name; what is None is left out.

    Raises
    ------
    InvalidInputError
        If there are three dimensions.
    """
    partition = maps.inferred_from()
    cells = partition.tessellation
    if cells.dim != 2:
        raise InvalidInputError("`maps` have three dimensions, InferenceMAP's files have two")
    columns = {name: own for name, own in _COLUMNS.items() if own in maps.maps}
    counts = partition.location_count
    lines = [f"{name}: {value}" for name, value in settings.items() if value is not None]
    lines += [f"Number of Zones: {len(maps.maps)}", ""]
    lines.append("\t".join(["Zone ID", "Translocations", "x-Centre", "y-Centre", *columns]))
    values = maps.maps[list(columns.values())].to_numpy(np.float64).tolist()
    for cell, row in zip(maps.maps.index.tolist(), values, strict=True):
        center = cells.cell_centers[cell].tolist()
        fields = [str(cell), str(int(counts[cell])), *map(repr, center), *map(repr, row)]
        lines.append("\t".join(fields))
    replace_file(Path(path).expanduser(), ("\n".join(lines) + "\n").encode())


def read_vmesh(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a ``.vmesh`` file, of InferenceMAP, of the original TRamWAy or of this package.

    Parameters
    ----------
    path
        The file; ``~`` is the home directory.

    Returns
    -------
    pandas.DataFrame
        A row per zone, indexed by its number: ``count``, ``x``, ``y`` (µm), and of ``diffusivity``
        (µm²/s), ``force x``, ``force y`` (kT/µm), ``drift x``, ``drift y`` (µm/s), ``potential``
        (kT) those that there are. What the lines above say is in ``attrs``, as text.

    Raises
    ------
    FileFormatError
        If it is no such file, or a line has not as many numbers as the others.
    """
    path = Path(path).expanduser()
    said: dict[str, str] = {}
    names: list[str] | None = None
    rows: list[list[float]] = []
    try:
        with path.open(encoding="utf-8") as file:
            lines = NumberedLines(file, path)
            while (line := lines.next()) is not None:
                if names is None and line.startswith("Zone ID"):
                    names = line.split("\t")
                elif names is None:
                    name, _, value = line.partition(":")
                    said[name.strip()] = value.strip()
                else:
                    row = lines.numbers(line)
                    if len(row) != len(names):
                        raise lines.error(f"{len(row)} numbers, expected {len(names)}")
                    rows.append(row)
    except UnicodeDecodeError:
        raise FileFormatError(f"{path} is no text, expected a .vmesh file") from None
    if names is None:
        raise FileFormatError(f"{path}: no line 'Zone ID …', expected a .vmesh file")
    ours = {"Zone ID": "zone", "Translocations": "count", "x-Centre": "x", "y-Centre": "y"}
    table = pd.DataFrame(
        np.array(rows).reshape(-1, len(names)),
        columns=pd.Index([{**ours, **_COLUMNS}.get(name, name) for name in names]),
    )
    if not {"zone", "count", "x", "y"} <= set(table):
        raise FileFormatError(f"{path}: columns {', '.join(names)}, expected those of zones")
    table = table.astype({"zone": np.int64, "count": np.int64}).set_index("zone")
    table.attrs.update(said)
    return table
