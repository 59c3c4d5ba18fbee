"""How localizations are linked to tracks: ``a.tracker``."""

from collections.abc import Mapping
from typing import Any, ClassVar

import pandas as pd

from tramway.attributes import integer, non_negative, positive
from tramway.data import check_trajectories
from tramway.errors import InvalidInputError

from .attribute import AnalyzerAttribute


class Tracker(AnalyzerAttribute):
    """What links the localizations of files that have no tracks; none by default.

    Files that have tracks are not linked again.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.tracker.from_trackpy(search_range=0.6, memory=1)  # µm, frames
    >>> a.tracker.parameters
    {'search_range': 0.6, 'memory': 1}
    """

    _elsewhere: ClassVar[Mapping[str, str]] = {
        "from_non_tracking": "localizations that are not tracked are not mapped; "
        "a.tracker.from_trackpy(search_range=…) links those of files",
    }

    def __init__(self) -> None:
        self._parameters: dict[str, Any] | None = None

    def from_trackpy(self, search_range: float, memory: int = 0) -> None:
        """Link localizations by trackpy, the nearest ones of successive frames on the whole.

        Parameters
        ----------
        search_range
            Longest step between two frames, µm. A molecule of diffusivity D makes steps of some
            ``2 sqrt(D dt)``; three times that misses few.
        memory
            Number of frames that a molecule may be missed in and still be the same.

        Raises
        ------
        InvalidInputError
            If a value is not of this kind.
        """
        self._parameters = {
            "search_range": positive("search_range", search_range),
            "memory": integer("memory", non_negative("memory", memory)),
        }

    def from_single_particle(self) -> None:
        """Take all localizations of a table for those of one molecule; see :meth:`track`."""
        self._parameters = {}

    def track(self, locations: pd.DataFrame) -> pd.DataFrame:
        """Link the localizations of a table.

        Parameters
        ----------
        locations
            Columns ``x y [z] t`` and any others, µm and s.

        Returns
        -------
        pandas.DataFrame
            The same with track numbers, ``n``, ordered by track and time.

        Raises
        ------
        InvalidInputError
            If no tracker is chosen, or it links files only.
        """
        parameters = self.parameters
        table = locations.drop(columns="n", errors="ignore")
        if parameters:
            raise InvalidInputError(
                "trackpy links the localizations of files as they are read: write the table to a "
                "file, a.spt_data.from_files(path)"
            )
        return check_trajectories(table.assign(n=1))[["n", *table.columns]]

    @property
    def initialized(self) -> bool:
        """Whether there is a way to link."""
        return self._parameters is not None

    @property
    def parameters(self) -> dict[str, Any]:
        """Values of the parameters.

        Raises
        ------
        InvalidInputError
            If there is no way to link.
        """
        if self._parameters is None:
            raise InvalidInputError("no tracker is chosen: a.tracker.from_trackpy(search_range=…)")
        return dict(self._parameters)

    def __repr__(self) -> str:
        if self._parameters is None:
            return "<Tracker: no tracker is chosen>"
        values = ", ".join(f"{name}={value!r}" for name, value in self._parameters.items())
        return f"Tracker({values})"


def from_trackpy(search_range: float, memory: int = 0) -> Tracker:
    """Tracker to be assigned, ``a.tracker = ...``; see :meth:`Tracker.from_trackpy`."""
    tracker = Tracker()
    tracker.from_trackpy(search_range, memory)
    return tracker
