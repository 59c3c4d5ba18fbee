"""Columns of tables that no known program writes, by names that people use."""

import re
from collections.abc import Mapping, Sequence

from tramway.errors import FileFormatError, InvalidInputError

from .units import MICROMETERS, length_unit, time_unit

PURPOSES = ("n", "x", "y", "z", "t", "frame", "localization_precision")

_USUAL = {
    "n": "n track trackid trackingid trackidx trackindex tracknumber trajectory trajectoryid traj "
    "particle particleid",
    "x": "x xpos posx positionx xposition xcoord xum xnm xnano xpx",
    "y": "y ypos posy positiony yposition ycoord yum ynm ynano ypx",
    "z": "z zpos posz positionz zposition zcoord zum znm znano zpx",
    "t": "t time times",
    "frame": "frame frames framenumber framenum frameno framenr frameindex frameix frameid "
    "firstframe slice timepoint",
    "localization_precision": "localizationprecision precision locprec uncertainty uncertaintyxy "
    "sigmaxy locprecnm localizationprecisionnm precisionnm uncertaintynm",
}
_PURPOSE = {
    name: (purpose, rank)
    for purpose, names in _USUAL.items()
    for rank, name in enumerate(names.split())
}
"""What a name means, and how many others mean it more surely."""

_MICRO = str.maketrans("µμ", "uu")
_UNIT = re.compile(r"[\[(]\s*([^\])]*?)\s*[\])]\s*$")


def by_usual_names(names: Sequence[str]) -> dict[str, str]:
    """Find columns by what people call them; units in brackets, case and signs do not matter.

    Of two names for the same, as ``frame`` and ``slice``, the surer one is taken, else the first.
    """
    found: dict[str, tuple[int, str]] = {}
    for name in names:
        meant = _meant(name)
        if meant is None:
            continue
        purpose, rank = meant
        if purpose not in found or rank < found[purpose][0]:
            found[purpose] = rank, name
    return {purpose: name for purpose, (_, name) in found.items()}


def _meant(name: str) -> tuple[str, int] | None:
    """Tell what a name means, maybe less a unit at its end, and how many mean it more surely."""
    words = _words(_UNIT.sub("", name) or name)
    plain = "".join(words).lower().translate(_MICRO)
    if plain not in _PURPOSE and len(words) > 1 and _is_unit(words[-1]):
        plain = "".join(words[:-1]).lower().translate(_MICRO)
    return _PURPOSE.get(plain)


def chosen(names: Sequence[str], columns: Mapping[str, str] | None, source: str) -> dict[str, str]:
    """Take the columns that a user names, and the others by their usual names.

    Raises
    ------
    InvalidInputError
        If a purpose is unknown, or a column is not there.
    """
    found = by_usual_names(names)
    if columns is not None and not isinstance(columns, Mapping):
        raise InvalidInputError(f"`columns` is {columns!r}, expected {{'x': name, 'y': name, …}}")
    for purpose, given in (columns or {}).items():
        name = str(given)  # of a table without header, a rank
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
    """Give what a name of a column has in brackets at its end, or as its last word."""
    if name is None:
        return None
    bracket = _UNIT.search(name)
    if bracket:
        return bracket.group(1)
    joined = re.fullmatch(r"[xyz]([nuµμ]m|nano|px)", name)
    words = _words(name)
    return joined.group(1) if joined else words[-1] if len(words) > 1 else None


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[^A-Za-zµμ]", name) if word]


def _is_unit(word: str) -> bool:
    # A letter m behind x is as often a name as a unit.
    return word != "m" and (length_unit(word) or time_unit(word)) is not None


def units_of(
    found: Mapping[str, str], length: str | None, time: str | None
) -> tuple[str | None, str | None]:
    """Units of positions and times: as a user says, or as the names of x and t do.

    Raises
    ------
    InvalidInputError
        If a user names a unit that there is not.
    """
    if length is not None and length_unit(str(length)) is None:
        raise InvalidInputError(
            f"`length_unit` is {length!r}, expected 'µm', 'nm', 'mm', 'm' or 'px'"
        )
    if time is not None and time_unit(str(time)) is None:
        raise InvalidInputError(
            f"`time_unit` is {time!r}, expected 's', 'ms', 'µs', 'min', 'h' or 'frame'"
        )
    by_name = length_unit(unit_in(found.get("x")))
    if by_name is not None and length_unit(unit_in(found.get("y"))) is None:
        by_name = None
    return length_unit(length) or by_name, time_unit(time) or time_unit(unit_in(found.get("t")))


def other_units(found: Mapping[str, str], length: str | None, source: str) -> dict[str, str]:
    """Units of y, z and precision whose names say another one than that of x.

    Raises
    ------
    FileFormatError
        If one of x and y is in pixels, or says no unit, and the other is in another one.
    """
    others = {}
    for purpose in ("y", "z", "localization_precision"):
        own = length_unit(unit_in(found.get(purpose)))
        if own is None or own == length:
            continue
        if purpose == "y" and not {length, own} <= MICROMETERS.keys():
            raise FileFormatError(
                f"{source}: {found['x']} is in {length or 'a unit it does not say'}, "
                f"{found[purpose]} in {own}, expected one unit"
            )
        others[purpose] = own
    return others
