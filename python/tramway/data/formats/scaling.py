"""From the units of a file to µm and s: as it says, as a user says, or an error that asks."""

import math
from collections.abc import Mapping
from typing import Any, SupportsFloat

import numpy as np
from numpy.typing import NDArray

from tramway.errors import FileFormatError, InvalidInputError

from .facts import FileFacts
from .reader import Localizations
from .units import MICROMETERS, SECONDS


def micrometers(
    read: Localizations, facts: FileFacts, pixel_size: float | None, coordinate_scale: float | None
) -> float:
    """Give the µm per unit of length."""
    check_scale("pixel_size", pixel_size, "µm")
    check_scale("coord_scale", coordinate_scale, "µm per unit")
    if coordinate_scale is not None:
        facts.notes.append(f"positions times {coordinate_scale:g}, as coord_scale says")
        return coordinate_scale
    unit = read.length_unit
    if unit in MICROMETERS:
        scale = MICROMETERS[unit]
        if pixel_size is None or "px" in read.other_units.values():
            return scale
        if read.pixel_size is None:
            facts.problems.append(
                f"pixel_size is not used: positions are in {unit} and the file has no pixel size; "
                "to scale them nevertheless, set coord_scale"
            )
            return scale
        if pixel_size != read.pixel_size:
            facts.notes.append(
                f"pixels of {pixel_size:g} µm instead of the {read.pixel_size:g} µm of the file"
            )
        facts.pixel_size = pixel_size
        return scale * pixel_size / read.pixel_size
    if pixel_size is not None:
        facts.pixel_size = pixel_size
        if read.pixel_size not in (None, pixel_size):
            facts.notes.append(
                f"pixels of {pixel_size:g} µm instead of the {read.pixel_size:g} µm of the file"
            )
        return pixel_size / read.units_per_pixel
    if unit == "px" and read.pixel_size is not None:
        return read.pixel_size
    if unit == "px":
        raise InvalidInputError(
            f"{facts.path}: positions are in pixels and the file does not say their size"
            f"{f' ({read.unit_source})' if read.unit_source else ''}: set a.spt_data.pixel_size, "
            "in µm"
        )
    said = (
        f"the unit of positions is {read.unit_source!r}, which is not known"
        if read.unit_source
        else "the file does not say the unit of positions"
    )
    raise InvalidInputError(
        f"{facts.path}: {said}: set a.spt_data.pixel_size, in µm, if they are in pixels, or "
        "a.spt_data.coord_scale, the µm per unit: 1 for µm, 1e-3 for nm"
    )


def other_micrometers(
    name: str, read: Localizations, facts: FileFacts, pixel_size: float | None
) -> float:
    """Give the µm per unit of a column that is in another unit than positions."""
    unit = read.other_units[name]
    if unit in MICROMETERS:
        return MICROMETERS[unit]
    size = pixel_size if pixel_size is not None else read.pixel_size
    if size is None:
        raise InvalidInputError(
            f"{facts.path}: {name} is in pixels, positions in {read.length_unit}: set "
            "a.spt_data.pixel_size, in µm"
        )
    return size


def check_scale(name: str, value: Any, unit: str) -> None:
    """Refuse a scale that is no positive number."""
    if value is None:
        return
    is_number = isinstance(value, SupportsFloat) and not isinstance(value, str | bool)
    if not (is_number and 0 < value < math.inf):
        raise InvalidInputError(f"`{name}` is {value!r}, expected a positive number of {unit}")


def seconds(
    read: Localizations,
    facts: FileFacts,
    columns: Mapping[str, NDArray[Any]],
    frame_interval: float | None,
) -> NDArray[np.float64]:
    """Give the times of localizations, s."""
    check_scale("frame_interval", frame_interval, "s")
    time, frame = columns.get("t"), columns.get("frame")
    if time is not None and read.time_unit == "frame" and frame is None:
        frame, time = time, None
    is_known = time is not None and read.time_unit in SECONDS
    if frame is not None and (frame_interval is not None or not is_known):
        own = read.frame_interval
        interval = frame_interval if frame_interval is not None else own
        if interval is None:
            raise InvalidInputError(
                f"{facts.path}: times are numbers of frames and the file does not say the time "
                "between frames: set a.spt_data.frame_interval, in s"
            )
        if own is not None and interval != own:
            facts.notes.append(f"frames every {interval:g} s instead of the {own:g} s of the file")
        facts.frame_interval = interval
        with np.errstate(all="ignore"):
            return (frame.astype(np.float64) - read.first_frame) * interval
    if time is None:
        raise FileFormatError(f"{facts.path}: neither times nor numbers of frames")
    if not is_known:
        raise InvalidInputError(
            f"{facts.path}: the file does not say the unit of times: give it, "
            "from_files(…, time_unit='s'), or 'ms' or 'frame'"
        )
    return time.astype(np.float64) * SECONDS[str(read.time_unit)]
