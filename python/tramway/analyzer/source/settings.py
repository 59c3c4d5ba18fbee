"""Settings that describe the data of a source: what each can be."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from tramway.attributes import Check, finite, flag, non_negative, optional, positive, text
from tramway.errors import InvalidInputError


class Imaging(NamedTuple):
    """What the inference is told of how localizations came about.

    Attributes
    ----------
    localization_precision
        Standard deviation of one coordinate, µm; ``'column'``: each localization has its own.
    exposure_time
        Time that a localization averages over, s.
    """

    localization_precision: float | Literal["column"]
    exposure_time: float

    @classmethod
    def of(cls, localization_precision: float | str | None, exposure_time: float) -> "Imaging":
        """Take settings of the data: maybe the name of a column; what is not known is zero."""
        if isinstance(localization_precision, str):
            return cls("column", exposure_time)
        return cls(localization_precision or 0.0, exposure_time)


def column_names(name: str, value: Any) -> tuple[str, ...] | None:
    """Check names of the columns of a file; None: as its header says."""
    if value is None:
        return None
    if isinstance(value, str) or not all(isinstance(column, str) for column in value):
        raise InvalidInputError(f"`{name}` is {value!r}, expected names, as ['n', 'x', 'y', 't']")
    return tuple(value)


def named_values(name: str, value: Any) -> dict[str, Any]:
    """Check values by name."""
    if not (isinstance(value, Mapping) and all(isinstance(key, str) for key in value)):
        raise InvalidInputError(f"`{name}` is {value!r}, expected values by name")
    return dict(value)


def optional_precision(name: str, value: Any) -> float | str | None:
    """Check a localization precision, µm, or the name of a column; None: it is not known."""
    if isinstance(value, str):
        if not value or value.replace(".", "", 1).isdigit():
            raise InvalidInputError(
                f"`{name}` is the text {value!r}, expected a number, or the name of a column"
            )
        return value
    return None if value is None else non_negative(name, value)


def optional_interval(name: str, value: Any) -> float | None:
    """Check a frame interval, s; None: as the data say."""
    return None if value is None else positive(name, value)


def kelvin(name: str, value: Any) -> float:
    """Check for a temperature: a number, K, or with its unit, as ``(25, 'C')``."""
    number, unit = (value, "K") if np.isscalar(value) else value
    to_kelvin = {
        "K": lambda degrees: degrees,
        "C": lambda degrees: degrees + 273.15,
        "F": lambda degrees: (degrees - 32) / 1.8 + 273.15,
    }
    if unit not in to_kelvin:
        raise InvalidInputError(f"`{name}` is in {unit!r}, expected 'K', 'C' or 'F'")
    return positive(name, to_kelvin[unit](finite(name, number)))


SETTINGS: dict[str, Check] = {
    "localization_precision": optional_precision,
    "frame_interval": optional_interval,
    "exposure_time": optional(non_negative),
    "columns": column_names,
    "coord_scale": positive,
    "pixel_size": optional(positive),
    "format": optional(text),
    "reader_options": named_values,
    "linking": optional(named_values),
    "time_scale": positive,
    "temperature": optional(kelvin),
    "origin": optional(named_values),
    "streaming": flag,
}
"""Settings of a source, which can also be set for all sources at once."""


class LocalizationNoise:
    """The variance that belongs to a localization precision, for whatever has one."""

    localization_precision: float | str | None

    @property
    def localization_error(self) -> float | None:
        """Variance σ² of one localized coordinate, µm²; None where it is not known, or not one."""
        precision = self.localization_precision
        return None if precision is None or isinstance(precision, str) else precision**2

    @localization_error.setter
    def localization_error(self, value: float | None) -> None:
        self.localization_precision = precision_of_error(value)


def precision_of_error(variance: Any) -> float | None:
    """Localization precision σ, µm, of a variance σ², µm²."""
    if variance is None:
        return None
    return float(np.sqrt(non_negative("localization_error", variance)))
