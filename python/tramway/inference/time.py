"""Where scripts of the original look for cells with neighbours in time."""

from typing import Any

from tramway.errors import UnknownAttributeError

__all__: list[str] = []


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    raise UnknownAttributeError(
        f"`tramway.inference.time.{name}` is not there: cells are cut in time by "
        "a.time.from_sliding_window(duration), and maps regularized in time by "
        "a.mapper.diffusivity_time_prior and potential_time_prior"
    )
