"""Where scripts of the original look for maps."""

from typing import Any

from tramway.errors import UnknownAttributeError

from .maps import Maps

__all__ = ["Maps"]


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    raise UnknownAttributeError(
        f"`tramway.inference.base.{name}` is not there, only `Maps` is: models are functions "
        "of the cells, a.mapper.from_plugin(infer), which get them with points and neighbours"
    )
