"""Columns of tables that no known program writes, by names that people use."""

import re
from collections.abc import Mapping, Sequence

from tramway.errors import InvalidInputError

from .units import length_unit, time_unit

PURPOSES = ("n", "x", "y", "z", "t", "frame", "localization_precision")

_USUAL = {
    "n": "n track trackid trackidx trackindex tracknumber trajectory trajectoryid traj particle "
    "particleid",
    "x": "x xpos posx positionx xposition xcoord xum xnm xpx",
    "y": "y ypos posy positiony yposition ycoord yum ynm ypx",
    "z": "z zpos posz positionz zposition zcoord zum znm zpx",
    "t": "t time times",
    "frame": "frame frames framenumber frameindex frameid slice",
    "localization_precision": "localizationprecision precision locprec uncertainty uncertaintyxy "
    "sigmaxy",
}
_PURPOSE = {name: purpose for purpose, names in _USUAL.items() for name in names.split()}
_UNIT = re.compile(r"[\[(]\s*([^\])]*?)\s*[\])]\s*$")


def by_usual_names(names: Sequence[str]) -> dict[str, str]:
    """Find columns by what people call them; units in brackets, case and signs do not matter."""
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^a-z]", "", _UNIT.sub("", name).lower())
        purpose = _PURPOSE.get(plain)
        if purpose is not None:
            found.setdefault(purpose, name)
    return found


def chosen(names: Sequence[str], columns: Mapping[str, str] | None, source: str) -> dict[str, str]:
    """Take the columns that a user names, and the others by their usual names.

    Raises
    ------
    InvalidInputError
        If a purpose is unknown, or a column is not there.
    """
    found = by_usual_names(names)
    for purpose, name in (columns or {}).items():
        if purpose not in PURPOSES:
            raise InvalidInputError(
                f"`columns` has the key {purpose!r}, expected some of {', '.join(PURPOSES)}"
            )
        if name not in names:
            raise InvalidInputError(
                f"{source}: no column {name!r}, as `columns` says, among {', '.join(names)[:500]}"
            )
        found[purpose] = name
    return found


def unit_in(name: str | None) -> str | None:
    """Give what a name of a column has in brackets at its end, or after its last sign."""
    if name is None:
        return None
    bracket = _UNIT.search(name)
    if bracket:
        return bracket.group(1)
    joined = re.fullmatch(r"[xyz]([nuµμ]m|px)", name)
    return joined.group(1) if joined else re.split(r"[^A-Za-zµμ]", name)[-1]


def units_of(
    found: Mapping[str, str], length: str | None, time: str | None
) -> tuple[str | None, str | None]:
    """Units of positions and times: as a user says, or as the names do.

    Raises
    ------
    InvalidInputError
        If a user names a unit that there is not.
    """
    if length is not None and length_unit(length) is None:
        raise InvalidInputError(f"`length_unit` is {length!r}, expected 'µm', 'nm', 'm' or 'px'")
    if time is not None and time_unit(time) is None:
        raise InvalidInputError(f"`time_unit` is {time!r}, expected 's', 'ms', 'min' or 'frame'")
    named = {length_unit(unit_in(found.get(axis))) for axis in ("x", "y")}
    by_name = named.pop() if len(named) == 1 else None
    # A column that is called t has no unit; one that is called time_s has.
    time_name = found.get("t")
    by_time_name = None if time_name in ("t", "T") else time_unit(unit_in(time_name))
    return length_unit(length) or by_name, time_unit(time) or by_time_name
