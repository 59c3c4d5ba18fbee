"""Tessellations of kinds that are not made here."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tramway.errors import UnknownAttributeError
from tramway.tessellation import Tessellation

from .stored_object import StoredObject


class StoredTessellation(Tessellation):
    """A tessellation of a kind that is not made here, as read from a file.

    It has its cell centers, and the adjacency and volumes of its cells where the file holds them,
    or of time segments their intervals, s, and the cells of space;
    to ask for what it does not have is an :class:`UnknownAttributeError` that names its kind.

    Attributes
    ----------
    stored
        The stored tessellation; it goes into files again unchanged.
    """

    _neighbours_follow_from: ClassVar[str | None] = "what the original stored"

    stored: StoredObject

    def __init__(self, stored: StoredObject, **fields: Any) -> None:
        for name, value in {"stored": stored, **fields}.items():
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        stored = self.__dict__.get("stored")  # pickle asks before there is any
        type_name = stored.type_name if stored else "stored tessellation"
        raise UnknownAttributeError(
            f"'{name}' is not available: a {type_name} is read with "
            f"{', '.join(sorted(set(self.__dict__) - {'stored'}))} only; tessellate again"
        )

    def __repr__(self) -> str:
        return f"StoredTessellation({self.stored.type_name}, {self.n_cells} cells)"

    def polygons(self) -> list[NDArray[np.float64]]:
        """Not available: the outlines of such cells are not computed here."""
        return self.__getattr__("polygons")  # type: ignore[no-any-return]
