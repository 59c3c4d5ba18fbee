"""Physical units: the one table of which quantity is in which unit."""

from tramway import _installation  # noqa: F401 - for its check

UNITS: dict[str, str] = {
    "x": "µm",
    "y": "µm",
    "z": "µm",
    "t": "s",
    "dx": "µm",
    "dy": "µm",
    "dz": "µm",
    "dt": "s",
    "diffusivity": "µm²/s",
    "potential": "kT",
    "force": "kT/µm",
    "drift": "µm/s",
    "density": "µm⁻²",
}
"""Unit of each column and map feature; a feature that is missing here has none."""

SPACE_COLUMNS = ("x", "y", "z")
"""Names of the space coordinates, in order; a table has the first two or all three."""

DEVIATION = " std"
"""What the names of standard deviations end with, after the name of what they belong to."""


def unit_of(feature: str) -> str | None:
    """Give the unit of a column or map feature, or of its standard deviation; None if none.

    Examples
    --------
    >>> unit_of("force std")
    'kT/µm'
    """
    return UNITS.get(feature.removesuffix(DEVIATION))
