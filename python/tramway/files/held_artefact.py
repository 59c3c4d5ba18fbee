"""An artefact that is in memory, in a file, or as another process sent it, until asked for."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.errors import FileFormatError
from tramway.inference.maps import Maps
from tramway.tessellation.partition import Partition

from .artefact import EncodedArtefact
from .rwa_schema import describe_localizations
from .stored_artefact import StoredArtefact
from .stored_object import StoredObject

if TYPE_CHECKING:
    from collections.abc import Callable


class HeldArtefact:
    """An artefact, wherever it is.

    Parameters
    ----------
    data
        The artefact, or what another process sent of it.

    Attributes
    ----------
    stored
        Where in a file it was last read or saved; None if it never was.
    is_unread
        Whether it is only there.
    find_data
        Gives it where it is not held here; None: it is.
    """

    def __init__(self, data: Any) -> None:
        self._artefact = data
        self.is_unread = False
        self.stored: StoredArtefact | None = None
        self.find_data: Callable[[], Any] | None = None

    def _tell(self) -> None:
        """Let an artefact that was made now know what it was made from."""

    @property
    def _data(self) -> Any:
        """The artefact, or what is known of it; read now if it was not before."""
        if self.is_unread and self.stored is not None:
            self._artefact = self.stored.read()
            self.is_unread = False
            self._tell()
        if isinstance(self._artefact, EncodedArtefact):
            self._artefact = self._artefact.decode()
            self._tell()
        if self._artefact is None and self.find_data is not None:
            return self.find_data()  # the trajectories of a source, as they are now
        return self._artefact

    @_data.setter
    def _data(self, data: Any) -> None:
        self._artefact, self.is_unread = data, False

    @property
    def to_store(self) -> Any:
        """The artefact; as it was encoded for a file, if it was and nobody has asked for it."""
        artefact = self._artefact
        is_encoded = isinstance(artefact, EncodedArtefact) and artefact.image is not None
        return artefact if is_encoded else self._data

    def mark_as_stored(self, stored: StoredArtefact) -> None:
        """Remember where the artefact is in a file now."""
        self.stored = stored
        if isinstance(self._artefact, EncodedArtefact):
            self._artefact.image = None

    def stored_in(self, path: Path) -> bool:
        """Whether the artefact was read from, or saved to, a file."""
        return self.stored is not None and self.stored.file.path == path

    def opened(self) -> AbstractContextManager[object]:
        """Open the file that it is in, if it is in one, for all that is read in a block."""
        return nullcontext() if self.stored is None else self.stored.file.opened()

    def listed(self) -> AbstractContextManager[object]:
        """Open the file as :meth:`opened`, to tell of this node and those below it."""
        if self.stored is None:
            return nullcontext()
        return self.stored.file.listed(self.stored.place)

    @property
    def kind(self) -> type:
        """Class of the artefact."""
        return type(self._data)

    def describe(self) -> str:
        """Say in a line what it is, by names and shapes alone if it is in a file.

        What cannot be read is said, not raised.
        """
        if self.is_unread and self.stored is not None:
            try:
                known = self.stored.describe()
                data = None if known else self._data
            except (OSError, FileFormatError) as error:
                return f"not readable: {error}"
            if known:
                return known
        else:
            data = self._data
        if data is None:
            return "no data"
        if isinstance(data, pd.DataFrame):
            return describe_localizations(len(data), data.columns)
        is_told = isinstance(data, Partition | Maps | StoredObject)
        return repr(data) if is_told else type(data).__name__
