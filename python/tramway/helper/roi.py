"""Regions of interest of older notebooks, which have no counterpart."""

from typing import Any, NoReturn

from tramway.errors import UnknownAttributeError

__all__ = ["RoiHelper"]


class RoiHelper:
    """What came before ``a.roi``; to make one is an error that says so."""

    def __init__(self, *_: Any, **__: Any) -> None:
        _refuse()


def _refuse() -> NoReturn:
    raise UnknownAttributeError(
        "RoiHelper is what came before the analyzer: define regions with a.roi.from_squares, "
        "a.roi.from_bounding_boxes or a.roi.from_ascii_files"
    )
