"""How localizations are linked to tracks: ``a.tracker``."""

import math
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from tramway.attributes import integer, non_negative, optional, positive
from tramway.data import check_trajectories, link_frames, read_trajectories
from tramway.errors import InvalidInputError

from .attribute import AnalyzerAttribute

_TRACKPY, _SINGLE, _FRAMES = "from_trackpy", "from_single_particle", "from_non_tracking"


class Tracker(AnalyzerAttribute):
    """What links localizations; by default nothing does.

    :meth:`from_trackpy` is for files that have no tracks, which are linked as they are read; files
    that have tracks are not linked again. The others are for :meth:`track`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.tracker.from_trackpy(search_range=0.6, memory=1)  # µm, frames
    >>> a.tracker.linking
    {'search_range': 0.6, 'memory': 1}
    """

    def __init__(self) -> None:
        self._way: str | None = None
        self._linking: dict[str, Any] = {}
        self._high_diffusivity: float | None = None
        self._large_length: float | None = None

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
        self._linking = {
            "search_range": positive("search_range", search_range),
            "memory": integer("memory", non_negative("memory", memory)),
        }
        self._way = _TRACKPY

    def from_single_particle(self) -> None:
        """Take all localizations of a table for those of one molecule; see :meth:`track`."""
        self._way = _SINGLE

    def from_non_tracking(self) -> None:
        """Link each frame to the next one as a whole; see :func:`tramway.data.link_frames`.

        `estimated_high_diffusivity` or `estimated_large_length` says how far a molecule may go.
        """
        self._way = _FRAMES

    @property
    def estimated_high_diffusivity(self) -> float | None:
        """Diffusivity that few molecules exceed, µm²/s; None: it is not set."""
        return self._high_diffusivity

    @estimated_high_diffusivity.setter
    def estimated_high_diffusivity(self, value: float | None) -> None:
        self._high_diffusivity = optional(positive)("estimated_high_diffusivity", value)

    @property
    def estimated_large_length(self) -> float | None:
        """Longest step between two frames, µm; ``2 sqrt(2 D dt)`` of the high D by default.

        In two dimensions 86 % of the steps of a molecule of that diffusivity are shorter, 1 − e⁻².
        """
        if self._large_length is not None:
            return self._large_length
        if self._high_diffusivity is None or self.frame_interval is None:
            return None
        return 2.0 * math.sqrt(2.0 * self._high_diffusivity * self.frame_interval)

    @estimated_large_length.setter
    def estimated_large_length(self, value: float | None) -> None:
        self._large_length = optional(positive)("estimated_large_length", value)

    @property
    def frame_interval(self) -> float | None:
        """Time between frames, s: that of ``a.spt_data``."""
        return self._owner().spt_data.frame_interval

    @frame_interval.setter
    def frame_interval(self, value: float | None) -> None:
        self._owner().spt_data.frame_interval = value

    dt = frame_interval

    @property
    def localization_precision(self) -> float | str | None:
        """Standard deviation of a coordinate, µm: that of ``a.spt_data``."""
        return self._owner().spt_data.localization_precision

    @localization_precision.setter
    def localization_precision(self, value: float | str | None) -> None:
        self._owner().spt_data.localization_precision = value

    def track(
        self,
        locations: pd.DataFrame | str | os.PathLike[str],
        register: bool = False,
        source: str | None = None,
    ) -> pd.DataFrame:
        """Link the localizations of a table, or of a text file without tracks.

        Parameters
        ----------
        locations
            Columns ``x y [z] t`` and any others, µm and s, or the file that has ``x y t``.
        register
            Whether the trajectories are added to ``a.spt_data``.
        source
            Name of them there; by default that of the file.

        Returns
        -------
        pandas.DataFrame
            The same with track numbers, ``n``, ordered by track and time.

        Raises
        ------
        InvalidInputError
            If no tracker is chosen, or it links files only, or its lengths are not set.
        """
        if isinstance(locations, str | os.PathLike):
            source = os.fspath(locations) if source is None else source
            locations = _read_localizations(Path(locations).expanduser())
        trajectories = self._linked(locations.drop(columns="n", errors="ignore"))
        if register:
            self._owner().spt_data.add_tracked_data(trajectories, source)
        return trajectories

    def _linked(self, table: pd.DataFrame) -> pd.DataFrame:
        if self._way is None:
            raise InvalidInputError(
                "no tracker is chosen: a.tracker.from_non_tracking(), or "
                "a.tracker.from_single_particle()"
            )
        if self._way == _TRACKPY:
            raise InvalidInputError(
                "trackpy links the localizations of files as they are read: write the table to a "
                "file, a.spt_data.from_files(path)"
            )
        if self._way == _SINGLE:
            return check_trajectories(table.assign(n=1))[["n", *table.columns]]
        interval, longest = self.frame_interval, self.estimated_large_length
        if interval is None or longest is None:
            raise InvalidInputError(
                "it is not known how far molecules go between frames: set a.tracker.dt, in s, and "
                "a.tracker.estimated_high_diffusivity, in µm²/s"
            )
        return link_frames(table, frame_interval=interval, longest_step=longest)

    @property
    def initialized(self) -> bool:
        """Whether there is a way to link."""
        return self._way is not None

    @property
    def linking(self) -> Mapping[str, Any] | None:
        """How files without tracks are linked as they are read; None: they are not."""
        return dict(self._linking) if self._way == _TRACKPY else None

    def __repr__(self) -> str:
        if self._way is None:
            return "<Tracker: no tracker is chosen>"
        values = ", ".join(f"{name}={value!r}" for name, value in (self.linking or {}).items())
        return f"<Tracker: {self._way}({values})>"


def _read_localizations(path: Path) -> pd.DataFrame:
    """Read a text file of ``x y t``, or of columns that its header names."""
    with path.open(encoding="utf-8", errors="replace") as file:
        is_headed = any(character.isalpha() for character in file.readline(4096).replace("e", ""))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*taken as not tracked")  # they are about to be
        return read_trajectories(path, None if is_headed else list("xyt"))


def from_trackpy(search_range: float, memory: int = 0) -> Tracker:
    """Tracker to be assigned, ``a.tracker = ...``; see :meth:`Tracker.from_trackpy`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.tracker = tracker.from_trackpy(search_range=0.6, memory=1)  # µm, frames
    >>> a.tracker
    <Tracker: from_trackpy(search_range=0.6, memory=1)>
    """
    tracker = Tracker()
    tracker.from_trackpy(search_range, memory)
    return tracker


def from_single_particle() -> Tracker:
    """Tracker to be assigned, ``a.tracker = ...``; see :meth:`Tracker.from_single_particle`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.tracker = tracker.from_single_particle()
    >>> a.tracker
    <Tracker: from_single_particle()>
    """
    tracker = Tracker()
    tracker.from_single_particle()
    return tracker


def from_non_tracking() -> Tracker:
    """Tracker to be assigned, ``a.tracker = ...``; see :meth:`Tracker.from_non_tracking`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.tracker = tracker.from_non_tracking()
    >>> a.tracker
    <Tracker: from_non_tracking()>
    """
    tracker = Tracker()
    tracker.from_non_tracking()
    return tracker
