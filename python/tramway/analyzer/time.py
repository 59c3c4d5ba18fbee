"""How regions are cut in time: ``a.time``."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.attributes import Check, optional, positive
from tramway.errors import InvalidInputError
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

__all__ = ["SlidingWindow", "Time", "from_sliding_window"]

Unit: TypeAlias = Literal["s", "frame"]
"""What durations are in: seconds, or frames of the median lag of the region's translocations."""


def _unit(name: str, value: Any) -> str:
    """Check for a unit of time."""
    if value not in ("s", "frame"):
        raise InvalidInputError(f"`{name}` is {value!r}, expected 's' or 'frame'")
    return str(value)


class Time(PluginAttribute):
    """Segments of time, in each of which the cells of space are mapped; none unless set.

    The cells of space are the same in every segment. By default each segment is mapped on its own;
    the mapper's ``diffusivity_time_prior`` and ``potential_time_prior`` make maps change smoothly.
    """

    _kind = "time window"
    _example = "a.time = time.SlidingWindow(duration)"

    @classmethod
    def plugins(cls) -> list[str]:
        """Names of the ways to cut time."""
        return ["window"]

    @classmethod
    def _checks(cls, plugin: str) -> Mapping[str, Check]:
        return {"duration": positive, "shift": optional(positive), "unit": _unit}

    @classmethod
    def _defaults(cls, plugin: str) -> Mapping[str, Any]:
        return {"shift": None, "unit": "s"}

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

    def _window(self) -> tuple[float, float]:
        return check_window(self._values["duration"], self._values.get("shift"))

    def segment(self, points: pd.DataFrame, tessellation: Tessellation) -> TimeSegments:
        """Repeat cells of space in the segments that cover some translocations.

        The first segment begins with the first translocation, and the last one holds the last.

        Parameters
        ----------
        points
            Translocation table, s.
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
        scale = 1.0 if self.unit == "s" else float(np.median(points["dt"]))
        intervals = sliding_window(points["t"], duration=scale * duration, shift=scale * shift)
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

    def as_time_segments(
        self,
        sampling: Partition | Analysis,
        maps: Maps | Analysis | None = None,
        index: int | None = None,
        return_index: bool = False,
        return_times: bool = True,
    ) -> Iterator[tuple[Any, ...]]:
        """Iterate over the segments of a sampling.

        Parameters
        ----------
        sampling
            Translocations assigned to cells in time segments, or the node that holds them.
        maps
            Maps inferred from it, or the node that holds them.
        index
            Number of the only segment wanted; all of them by default.
        return_index, return_times
            Whether the number of the segment, and its first and last time (s), are given.

        Yields
        ------
        tuple
            Number, times, :class:`Partition` in space, :class:`Maps`: those that are wanted.

        Raises
        ------
        InvalidInputError
            If the sampling has no time segments, or none of that number.
        """
        segments = _segments(sampling)
        partition: Partition = sampling.data if isinstance(sampling, Analysis) else sampling
        plain: Maps | None = maps.data if isinstance(maps, Analysis) else maps
        for number in range(segments.n_segments) if index is None else [index]:
            found: list[Any] = [number] if return_index else []
            part = partition.segment(number)
            if return_times:
                found.append(tuple(segments.intervals[number].tolist()))
            found.append(part)
            if plain is not None:
                found.append(plain.segment(partition, number))
            yield tuple(found)


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
    """

    def __init__(self, duration: float, shift: float | None = None, unit: Unit = "s") -> None:
        super().__init__("window", duration=duration, shift=shift, unit=unit)


def from_sliding_window(duration: float, shift: float | None = None, unit: Unit = "s") -> Time:
    """Time segments to be assigned: ``a.time = time.from_sliding_window(...)``."""
    return SlidingWindow(duration, shift, unit)
