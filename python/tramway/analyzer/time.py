"""How regions are cut in time: ``a.time``.

Scripts say ``from tramway.analyzer import *``, which puts this module in place of Python's own
`time` where they have imported it before: what is looked for in vain here is looked for there.
"""

import time as _python_time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.attributes import Check, finite, optional, positive, warn_without_effect
from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis
from tramway.inference import Maps
from tramway.tessellation import (
    Partition,
    Tessellation,
    TimeSegments,
    sliding_window,
    time_segments,
)
from tramway.tessellation.time_segments import check_window

from .plugin import PluginAttribute
from .selection import Selection, in_order, selects
from .tesseller import displaced

__all__ = ["SlidingWindow", "Time", "from_sampling", "from_sliding_window"]

Unit: TypeAlias = Literal["s", "frame"]
"""What durations are in: seconds, or frames of the median lag of the region's translocations."""


def _unit(name: str, value: Any) -> str:
    """Check for a unit of time."""
    if value not in ("s", "frame"):
        raise InvalidInputError(f"`{name}` is {value!r}, expected 's' or 'frame'")
    return str(value)


def _start_time(name: str, value: Any) -> Any:
    """Check when the first segment begins: a time, with the data of all sources, or of a region."""
    if value is None or value == "sync":
        return value
    return finite(name, value)


_NAMES = {"window_duration": "duration", "window_shift": "shift"}
"""Names of the original, and ours."""


class Time(PluginAttribute):
    """Segments of time, in each of which the cells of space are mapped; none unless set.

    The cells of space are the same in every segment. By default each segment is mapped on its own;
    the mapper's ``diffusivity_time_prior`` and ``potential_time_prior`` make maps change smoothly.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.time.from_sliding_window(duration=10)  # s
    >>> a.time
    Time('window', duration=10.0, shift=None, unit='s')
    """

    _kind = "time window"
    _example = "a.time = time.SlidingWindow(duration)"

    @classmethod
    def plugins(cls) -> list[str]:
        """Names of the ways to cut time."""
        return ["window"]

    @classmethod
    def _checks(cls, plugin: str) -> Mapping[str, Check]:
        return {
            "duration": positive,
            "shift": optional(positive),
            "unit": _unit,
            "start_time": _start_time,
        }

    @classmethod
    def _defaults(cls, plugin: str) -> Mapping[str, Any]:
        return {"shift": None, "unit": "s", "start_time": None}

    def from_sliding_window(
        self, duration: float, shift: float | None = None, unit: Unit = "s"
    ) -> None:
        """Cut time into segments of equal duration.

        Parameters
        ----------
        duration
            Length of a segment.
        shift
            From the start of a segment to that of the next; the `duration` by default. With less,
            segments overlap: translocations are counted more than once.
        unit
            ``"s"``, or ``"frame"`` for multiples of the median lag of the region's translocations.

        Raises
        ------
        InvalidInputError
            If `duration` or `shift` is not positive, or `shift` is larger than `duration`.
        """
        self.from_plugin("window", duration=duration, shift=shift, unit=unit)

    def from_plugin(self, name: str, **parameters: Any) -> None:
        """Choose a way to cut time by its name: ``"window"``; see :meth:`from_sliding_window`."""
        if name == "window" and "duration" not in parameters:
            raise InvalidInputError("a time window needs a `duration`, expected a time above 0")
        super().from_plugin(name, **parameters)
        self._window()

    def from_sampling(self, sampling: Partition | Analysis) -> None:
        """Choose the window that the segments of a sampling were cut with."""
        intervals = _segments(sampling).intervals
        duration = float(np.diff(intervals[0])[0])
        shift = float(np.diff(intervals[:2, 0])[0]) if len(intervals) > 1 else duration
        self.from_sliding_window(round(duration, 9), round(shift, 9))

    def __setattr__(self, name: str, value: object) -> None:
        if name in ("dt", "frame_interval"):
            self._owner().spt_data.frame_interval = value  # type: ignore[assignment]
        elif name == "regularize_in_time":
            warn_without_effect(name, "maps are smooth in time by the mapper's time priors")
        else:
            super().__setattr__(_NAMES.get(name, name), value)

    def __getattr__(self, name: str) -> Any:
        value = super().__getattr__(_NAMES.get(name, name))
        if value is None and _NAMES.get(name, name) == "shift":
            return super().__getattr__("duration")  # so long where it is not set
        return value

    @property
    def dt(self) -> float | None:
        """Time between frames, s: that of the data, ``a.spt_data.frame_interval``."""
        return self._owner().spt_data.frame_interval

    frame_interval = dt

    @property
    def regularize_in_time(self) -> bool:
        """Whether the mapper has a prior that makes maps smooth in time."""
        mapper = self._owner().mapper
        values = mapper.parameters if mapper.initialized else {}
        return any(value for name, value in values.items() if name.endswith("time_prior"))

    @property
    def parameters(self) -> dict[str, Any]:
        """Value of every parameter; `start_time` if it is set, and as a number."""
        values = super().parameters
        start = values.pop("start_time")
        if start == "sync":
            start = min(float(item.bounds["t"]["min"]) for item in self._owner().spt_data)
        return values if start is None else {**values, "start_time": start}

    def settings(self) -> dict[str, Any]:
        """Everything that was set, for processes that do not have the data of all sources."""
        is_sync = self._values.get("start_time") == "sync"
        values = self.parameters if is_sync else self._values
        return {"plugin": self._plugin, "parameters": values}

    def sync_start_times(self) -> None:
        """Let the segments of all regions begin at one time, the first of all sources."""
        self.start_time = "sync"

    def _window(self) -> tuple[float, float]:
        return check_window(self._values["duration"], self._values.get("shift"))

    def segment(self, points: pd.DataFrame, tessellation: Tessellation) -> TimeSegments:
        """Repeat cells of space in the segments that cover some translocations.

        The first segment begins with the first translocation, or at `start_time` (s), or with the
        data of all sources if that is ``'sync'``; the last one holds the last translocation.

        Parameters
        ----------
        points
            Translocation table, s; or trajectories: the segments then cover all localizations.
        tessellation
            The cells of one segment.

        Raises
        ------
        InvalidInputError
            If no window is set, or there is no translocation.
        """
        if self._plugin is None:
            raise InvalidInputError(f"no {self._kind} is chosen: {self._example}")
        duration, shift = self._window()
        scale = 1.0 if self.unit == "s" else float(np.median(displaced(points)["dt"]))
        times = points["t"].to_numpy(np.float64)
        start = self.parameters.get("start_time")
        if start is not None:
            times = np.append(start, times[times >= start])
        intervals = sliding_window(times, duration=scale * duration, shift=scale * shift)
        return time_segments(tessellation, intervals)

    # reading back

    def n_time_segments(self, sampling: Partition | Analysis) -> int:
        """Count the segments of a sampling."""
        return _segments(sampling).n_segments

    def get_time_segments(self, sampling: Partition | Analysis) -> NDArray[np.float64]:
        """Tell when each segment of a sampling begins and ends, (n_segments, 2), s."""
        return _segments(sampling).intervals

    def get_spatial_segmentation(self, sampling: Partition | Analysis) -> Tessellation:
        """Get the cells of space that every segment of a sampling has."""
        return _segments(sampling).spatial

    def segment_label(
        self, map_label: str, times: Sequence[float], sampling: Partition | Analysis | None = None
    ) -> str:
        """Make the label of the maps of one segment: ``d -- t=0-1.5s``.

        Parameters
        ----------
        map_label
            Label of the maps of all segments.
        times
            When the segment begins and ends, s.
        sampling
            Not needed.
        """
        first, last = (f"{round(time, 6):g}" for time in times)
        return f"{map_label} -- t={first}-{last}s"

    def combine_segments(
        self,
        combined_output_label: str,
        combined_sampling: Analysis,
        commit: bool = True,
        permissive: bool = False,
    ) -> Analysis:
        """Put together the maps that were made of each segment on its own.

        Parameters
        ----------
        combined_output_label
            Label of the maps of all segments; those of each are found by :meth:`segment_label`.
        combined_sampling
            Node of the sampling, which has the maps of the segments below it.
        commit
            Whether the result is added below the sampling, in place of the maps of segments.
        permissive
            Whether maps of segments may be missing.

        Raises
        ------
        MissingResultError
            If they are missing.
        """
        segments = _segments(combined_sampling)
        labels = {
            number: self.segment_label(combined_output_label, times)
            for number, times in enumerate(segments.intervals.tolist())
        }
        found = {s: label for s, label in labels.items() if label in combined_sampling}
        missing = [label for label in labels.values() if label not in combined_sampling]
        if not found or (missing and not permissive):
            raise MissingResultError(
                f"there are no maps {', '.join(map(repr, missing))} below the sampling, only "
                f"{combined_sampling.labels}"
            )
        parts = {s: combined_sampling[label].data for s, label in found.items()}
        maps = _combined(parts, combined_sampling.data)
        if not commit:
            return Analysis(maps, combined_sampling)
        for label in found.values():
            del combined_sampling[label]
        return combined_sampling.add(maps, combined_output_label)

    def as_time_segments(
        self,
        sampling: Partition | Analysis,
        maps: Maps | Analysis | None = None,
        index: Selection[int] | None = None,
        return_index: bool = False,
        return_times: bool = True,
    ) -> Iterator[Any]:
        """Iterate over the segments of a sampling.

        Parameters
        ----------
        sampling
            Translocations assigned to cells in time segments, or the node that holds them.
        maps
            Maps inferred from it, or the node that holds them.
        index
            Number of the only segment wanted, or several, or a function that is true for the
            numbers wanted; all of them by default.
        return_index, return_times
            Whether the number of the segment, and its first and last time (s), are given.

        Yields
        ------
        tuple, or Partition
            Number, times (2,), :class:`Partition` in space, :class:`Maps`: those that are wanted;
            the partition itself if it is all.

        Raises
        ------
        InvalidInputError
            If the sampling has no time segments, or none of that number.
        """
        segments = _segments(sampling)
        partition: Partition = sampling.data if isinstance(sampling, Analysis) else sampling
        plain: Maps | None = maps.data if isinstance(maps, Analysis) else maps
        every = range(segments.n_segments)
        wanted = [number for one in in_order(index) for number in every if selects(one, number)]
        for number in [index] if isinstance(index, int) else wanted:
            found: list[Any] = [number] if return_index else []
            part = partition.segment(number)
            if return_times:
                found.append(segments.intervals[number])
            found.append(part)
            if plain is not None:
                found.append(plain.segment(partition, number))
            yield tuple(found) if len(found) > 1 else part


def _combined(parts: Mapping[int, Maps], partition: Partition) -> Maps:
    """Put maps of segments together, in rows by the number of the cell in all of them."""
    n_cells = _segments(partition).spatial.n_cells
    tables = [maps.maps.set_axis(maps.maps.index + s * n_cells) for s, maps in parts.items()]
    some = next(iter(parts.values()))
    attributes: dict[str, Any] = some.attributes
    return Maps(pd.concat(tables), some.mode, partition=partition, **attributes)


def _segments(sampling: Partition | Analysis) -> TimeSegments:
    partition = sampling.data if isinstance(sampling, Analysis) else sampling
    if isinstance(partition, Partition) and isinstance(partition.tessellation, TimeSegments):
        return partition.tessellation
    raise InvalidInputError(
        "the sampling has no time segments: it was not made with a.time = "
        "time.SlidingWindow(duration)"
    )


class SlidingWindow(Time):
    """Segments of equal duration.

    Parameters
    ----------
    duration, shift, unit
        Those of :meth:`Time.from_sliding_window`.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.time = time.SlidingWindow(duration=0.1)  # s
    >>> segments = a.time.segment(steps, cells)
    >>> segments.n_segments
    4
    """

    def __init__(self, duration: float, shift: float | None = None, unit: Unit = "s") -> None:
        super().__init__("window", duration=duration, shift=shift, unit=unit)


def from_sliding_window(duration: float, shift: float | None = None, unit: Unit = "s") -> Time:
    """Time segments to be assigned: ``a.time = time.from_sliding_window(...)``.

    Parameters
    ----------
    duration, shift, unit
        Those of :meth:`Time.from_sliding_window`, as its errors are.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.time = time.from_sliding_window(10, shift=5)  # s
    >>> a.time
    Time('window', duration=10.0, shift=5.0, unit='s')
    """
    return SlidingWindow(duration, shift, unit)


def from_sampling(sampling: Partition | Analysis) -> Time:
    """Time segments as those of a sampling, to be assigned: ``a.time = ...``.

    Parameters
    ----------
    sampling
        Translocations in cells in segments of time.

    Raises
    ------
    InvalidInputError
        If it has no segments.

    Examples
    --------
    >>> from tramway.tessellation import sample_nearest, time_segments
    >>> segments = time_segments(cells, [[0, 0.2], [0.2, 0.4]])  # s
    >>> a = RWAnalyzer()
    >>> a.time = time.from_sampling(sample_nearest(steps, segments))
    >>> a.time
    Time('window', duration=0.2, shift=0.2, unit='s')
    """
    made = Time()
    made.from_sampling(sampling)
    return made


def __getattr__(name: str) -> Any:
    """Find what Python's own module of this name has."""
    if not name.startswith("_") and hasattr(_python_time, name):
        return getattr(_python_time, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
