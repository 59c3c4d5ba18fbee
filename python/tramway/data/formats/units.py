"""Names of units, as programs write them."""

_LENGTHS = {
    "µm": ("µm", "μm", "um", "micron", "microns", "micrometer", "micrometers", "micrometre"),
    "nm": ("nm", "nano", "nanometer", "nanometers", "nanometre"),
    "mm": ("mm", "millimeter", "millimeters", "millimetre"),
    "m": ("m", "meter", "meters", "metre"),
    "px": ("px", "pixel", "pixels", "pix"),
}
_TIMES = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "millisecond", "milliseconds"),
    "µs": ("µs", "μs", "us", "usec", "microsecond", "microseconds"),
    "min": ("min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "frame": ("frame", "frames", "fr"),
}

MICROMETERS = {"µm": 1.0, "nm": 1e-3, "mm": 1e3, "m": 1e6}
"""µm in each unit of length that has a fixed length."""

SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "min": 60.0, "h": 3600.0}
"""s in each unit of time that has a fixed duration."""


def length_unit(name: str | None) -> str | None:
    """Give the unit of length that a name means: ``µm nm mm m px``; None if it is none."""
    return _meant(_LENGTHS, name)


def time_unit(name: str | None) -> str | None:
    """Give the unit of time that a name means: ``s ms µs min h frame``; None if it is none."""
    return _meant(_TIMES, name)


def _meant(units: dict[str, tuple[str, ...]], name: str | None) -> str | None:
    if name is None:
        return None
    # Java programs write the sign µ as the code that it has in their source.
    plain = name.strip().strip("()[]").lower().replace("\\u00b5", "µ")
    return next((unit for unit, names in units.items() if plain in names), None)
