"""Names of units, as programs write them."""

_LENGTHS = {
    "µm": ("µm", "μm", "um", "micron", "microns", "micrometer", "micrometers", "micrometre"),
    "nm": ("nm", "nanometer", "nanometers", "nanometre"),
    "m": ("m", "meter", "meters", "metre"),
    "px": ("px", "pixel", "pixels", "pix"),
}
_TIMES = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "millisecond", "milliseconds"),
    "min": ("min", "minute", "minutes"),
    "frame": ("frame", "frames", "fr"),
}

MICROMETERS = {"µm": 1.0, "nm": 1e-3, "m": 1e6}
"""µm in each unit of length that has a fixed length."""

SECONDS = {"s": 1.0, "ms": 1e-3, "min": 60.0}
"""s in each unit of time that has a fixed duration."""


def length_unit(name: str | None) -> str | None:
    """Give the unit of length that a name means: ``µm nm m px``; None if it is none of them."""
    return _meant(_LENGTHS, name)


def time_unit(name: str | None) -> str | None:
    """Give the unit of time that a name means: ``s ms min frame``; None if it is none of them."""
    return _meant(_TIMES, name)


def _meant(units: dict[str, tuple[str, ...]], name: str | None) -> str | None:
    if name is None:
        return None
    plain = name.strip().lower().strip("()[]")
    return next((unit for unit, names in units.items() if plain in names), None)
