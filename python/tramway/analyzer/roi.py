"""Regions of interest: ``a.roi`` for all sources alike, ``f.roi`` for one."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, overload

import numpy as np
import pandas as pd

from tramway.attributes import StrictAttributes, flag, optional, positive, text
from tramway.data import Box, read_regions, squares
from tramway.errors import InvalidInputError, MissingResultError
from tramway.units import SPACE_COLUMNS

from .attribute import AnalyzerAttribute
from .region import Region
from .selection import Selection, in_order, selects

if TYPE_CHECKING:
    from .source import Source

Boxes: TypeAlias = pd.DataFrame | Iterable[Box | tuple[Any, Any]]
"""Boxes, or (lower, upper) pairs, or a table with columns ``x min``, ``x max``, …; µm (and s)."""


class Definition(Protocol):
    """A way to say which regions a source has."""

    @property
    def label(self) -> str | None:
        """What the labels of the regions begin with; ``roi`` if None."""
        ...

    def boxes(self, source: "Source") -> Sequence[Box] | None:
        """Bounds of the regions of a source; None if the source is to be left out."""
        ...


@dataclass(frozen=True)
class GivenBoxes:
    """Regions given by the user's script."""

    given: Sequence[Box]
    label: str | None

    def __str__(self) -> str:
        return "1 box" if len(self.given) == 1 else f"{len(self.given)} boxes"

    def boxes(self, source: "Source") -> Sequence[Box]:
        """Give the same for every source."""
        return self.given


@dataclass(frozen=True)
class RegionFile:
    """Regions in a file of any name."""

    path: str
    size: float | None
    label: str | None

    def __str__(self) -> str:
        return f"those in {self.path}"

    def boxes(self, source: "Source") -> Sequence[Box]:
        """Read the file."""
        return read_regions(self.path, self.size)


@dataclass(frozen=True)
class RegionFilesBesideData:
    """Regions in a file beside each data file, named after it."""

    suffix: str
    extension: str
    size: float | None
    label: str | None
    skip_missing: bool

    def __str__(self) -> str:
        return f"those in a file beside each data file, *{self.suffix}{self.extension}"

    def path(self, source: "Source") -> str | None:
        """Path of the file for a source; None if it is missing and may be.

        Raises
        ------
        InvalidInputError
            If it is missing; the message names the paths tried.
        """
        if source.filepath is None:
            raise InvalidInputError(
                f"{source.source} is no file that a region file could lie beside: give its regions "
                "with from_bounding_boxes or from_squares"
            )
        stem = Path(source.filepath).with_suffix("")
        tried = [f"{stem}{joiner}{self.suffix}{self.extension}" for joiner in ("", "-", "_")]
        for path in tried:
            if Path(path).is_file():
                return path
        if self.skip_missing:
            return None
        raise InvalidInputError(
            f"no region file beside {source.source}: looked for {', '.join(tried)}; leave such "
            "sources out with skip_missing=True"
        )

    def boxes(self, source: "Source") -> Sequence[Box] | None:
        """Read the file beside the data of the source."""
        path = self.path(source)
        return None if path is None else read_regions(path, self.size)


class RegionDefinitions(StrictAttributes):
    """The ways to define regions, for one source or for all."""

    _definition: Definition | None = None

    @property
    def definition(self) -> Definition | None:
        """How regions are defined here; None: they are not."""
        return self._definition

    @definition.setter
    def definition(self, definition: Definition | None) -> None:
        self._definition = definition

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._definition or 'each source is one region'}>"

    @property
    def initialized(self) -> bool:
        """Whether regions are defined here."""
        return self._definition is not None

    def from_bounding_boxes(self, bb: Boxes, label: str | None = None) -> None:
        """Define regions by their bounds.

        Parameters
        ----------
        bb
            Boxes, or (lower, upper) pairs of arrays: ``x y`` or ``x y z`` in µm, then optionally
            time in s; or a table with columns ``x min``, ``x max``, ``y min``, ….
        label
            What the labels of the regions begin with, before a space; ``roi`` and no space if None.

        Raises
        ------
        InvalidInputError
            If a bound is missing, or a lower one above the upper one.
        """
        self._definition = GivenBoxes(tuple(_boxes(bb)), optional(text)("label", label))

    def from_squares(self, centers: Any, side: float, label: str | None = None) -> None:
        """Define regions by their centers.

        Parameters
        ----------
        centers
            Array (n, d), µm.
        side
            Length of the sides, µm.
        label
            See :meth:`from_bounding_boxes`.
        """
        boxes = squares(np.asarray(centers, dtype=np.float64), positive("side", side))
        self._definition = GivenBoxes(tuple(boxes), optional(text)("label", label))

    def from_ascii_files(
        self,
        suffix: str = "roi",
        extension: str = ".txt",
        size: float | None = None,
        label: str | None = None,
        skip_missing: bool = False,
    ) -> None:
        """Define regions by a file beside each data file.

        Parameters
        ----------
        suffix, extension
            The file of ``cell.rpt.txt`` is ``cell.rpt-roi.txt``, ``cell.rpt_roi.txt`` or
            ``cell.rptroi.txt``.
        size
            Side of the regions, µm, where the file gives centers.
        label
            See :meth:`from_bounding_boxes`.
        skip_missing
            Whether a source without such a file is left out; it is an error otherwise, once the
            regions are asked for.
        """
        self._definition = RegionFilesBesideData(
            text("suffix", suffix),
            text("extension", extension),
            optional(positive)("size", size),
            optional(text)("label", label),
            flag("skip_missing", skip_missing),
        )


class SourceROI(RegionDefinitions):
    """Regions of one source: its own if it has, else those defined for all, else all of it."""

    def __init__(self, item: "Source") -> None:
        self._item = item

    def from_ascii_file(
        self, path: str | os.PathLike[str], size: float | None = None, label: str | None = None
    ) -> None:
        """Define the regions of this source by a file; see :meth:`from_ascii_files`."""
        expanded = str(Path(path).expanduser())
        self._definition = RegionFile(
            expanded, optional(positive)("size", size), optional(text)("label", label)
        )

    @property
    def effective_definition(self) -> Definition | None:
        """How the regions of this source are defined, here or for all; None: they are not."""
        return self._definition or self._item.common_regions

    @property
    def filepath(self) -> str | None:
        """Path of the region file; None if the regions come from no file.

        Raises
        ------
        InvalidInputError
            If the file is missing; the message names the paths tried.
        """
        definition = self.effective_definition
        if isinstance(definition, RegionFile):
            return definition.path
        if isinstance(definition, RegionFilesBesideData):
            return definition.path(self._item)
        return None

    def __repr__(self) -> str:
        definition = self.effective_definition or "all of it is one region"
        return f"<Regions of {self._item.source}: {definition}>"

    @property
    def left_out(self) -> bool:
        """Whether the source is to be left out: its region file is missing, and may be."""
        definition = self.effective_definition
        return isinstance(definition, RegionFilesBesideData) and (
            definition.skip_missing and definition.path(self._item) is None
        )

    @property
    def bounding_boxes(self) -> list[Box]:
        """Bounds of the regions; none if none are defined."""
        return [region.bounding_box for region in self if region.bounding_box is not None]

    def _regions(self) -> list[Region]:
        definition = self.effective_definition
        if definition is None:
            return [Region(self._item, "full", None)]
        prefix = "roi" if definition.label is None else f"{definition.label} "
        boxes = definition.boxes(self._item) or ()
        return [Region(self._item, f"{prefix}{i:03d}", box) for i, box in enumerate(boxes)]

    def __iter__(self) -> Iterator[Region]:
        return iter(self._regions())

    def __len__(self) -> int:
        return len(self._regions())

    @overload
    def as_support_regions(
        self, index: Selection[int] | None = None, *, return_index: Literal[False] = False
    ) -> Iterator[Region]: ...
    @overload
    def as_support_regions(
        self, index: Selection[int] | None = None, *, return_index: Literal[True]
    ) -> Iterator[tuple[int, Region]]: ...
    def as_support_regions(
        self, index: Selection[int] | None = None, *, return_index: bool = False
    ) -> Iterator[Region] | Iterator[tuple[int, Region]]:
        """Iterate over the regions.

        Parameters
        ----------
        index
            Which: a number, a collection of numbers, or a function of the number; all by default.
            They come in the order of the collection, if it has one.
        return_index
            Whether to give (number, region) pairs.

        Raises
        ------
        InvalidInputError
            If the region file is missing, or wrong.
        """
        numbered = list(enumerate(self._regions()))
        chosen = [pair for one in in_order(index) for pair in numbered if selects(one, pair[0])]
        return iter(chosen) if return_index else iter([region for _, region in chosen])

    as_individual_roi = as_support_regions

    def get_support_region(self, index: int) -> Region:
        """Give the region of that number.

        Raises
        ------
        MissingResultError
            If there is none.
        """
        regions = self._regions()
        if not 0 <= index < len(regions):
            raise MissingResultError(
                f"{self._item.source} has no region {index}, only 0 to {len(regions) - 1}"
            )
        return regions[index]


class ROI(RegionDefinitions, AnalyzerAttribute):
    """Regions of all sources: what is defined here holds where a source has no regions of its own.

    Without any definition every source is one region, labelled ``full``.
    """

    @property
    def bounding_boxes(self) -> dict[str, list[Box]]:
        """Bounds of the regions of each source."""
        return {item.source: item.roi.bounding_boxes for item in self._owner().spt_data}

    def __iter__(self) -> Iterator[Region]:
        return self.as_support_regions()

    @overload
    def as_support_regions(
        self,
        index: Selection[int] | None = None,
        source: Selection[str] | None = None,
        *,
        return_index: Literal[False] = False,
    ) -> Iterator[Region]: ...
    @overload
    def as_support_regions(
        self,
        index: Selection[int] | None = None,
        source: Selection[str] | None = None,
        *,
        return_index: Literal[True],
    ) -> Iterator[tuple[int, Region]]: ...
    def as_support_regions(
        self,
        index: Selection[int] | None = None,
        source: Selection[str] | None = None,
        *,
        return_index: bool = False,
    ) -> Iterator[Region] | Iterator[tuple[int, Region]]:
        """Iterate over the regions of all sources.

        Parameters
        ----------
        index
            Which of each source; see :meth:`SourceROI.as_support_regions`.
        source
            Of which sources: a path or alias, several, or a function of it; all by default. They
            come in the order of the collection, if it has one.
        return_index
            Whether to give (number within the source, region) pairs.
        """
        data = self._owner().spt_data
        items = data if source is None else data.filter_by_source(source)
        chosen = (
            pair for item in items for pair in item.roi.as_support_regions(index, return_index=True)
        )
        return chosen if return_index else (region for _, region in chosen)

    as_individual_roi = as_support_regions


def _boxes(given: Boxes) -> list[Box]:
    if isinstance(given, pd.DataFrame):
        return _boxes_of_table(given)
    boxes = []
    for rank, bounds in enumerate(given):
        if isinstance(bounds, Box):
            boxes.append(bounds)
            continue
        try:
            lower, upper = bounds
        except (TypeError, ValueError):
            raise InvalidInputError(
                f"`bb[{rank}]` is {bounds!r}, expected a pair: lower bounds, upper bounds"
            ) from None
        boxes.append(Box(lower, upper))
    if not boxes:
        raise InvalidInputError("`bb` is empty, expected at least one box")
    return boxes


def _boxes_of_table(table: pd.DataFrame) -> list[Box]:
    axes = [axis for axis in (*SPACE_COLUMNS, "t") if f"{axis} min" in table]
    expected = {f"{axis} {end}" for axis in {"x", "y", *axes} for end in ("min", "max")}
    if set(table.columns) != expected:
        raise InvalidInputError(
            f"`bb` has columns {', '.join(map(str, table.columns))}; expected "
            f"{', '.join(sorted(expected))}"
        )
    lower = table[[f"{axis} min" for axis in axes]].to_numpy(np.float64)
    upper = table[[f"{axis} max" for axis in axes]].to_numpy(np.float64)
    return [Box(tuple(low), tuple(high)) for low, high in zip(lower, upper, strict=True)]


def from_bounding_boxes(bb: Boxes, label: str | None = None) -> ROI:
    """Regions for all sources, to be assigned; see :meth:`ROI.from_bounding_boxes`."""
    roi = ROI()
    roi.from_bounding_boxes(bb, label)
    return roi


def from_squares(centers: Any, side: float, label: str | None = None) -> ROI:
    """Regions for all sources, to be assigned; see :meth:`RegionDefinitions.from_squares`."""
    roi = ROI()
    roi.from_squares(centers, side, label)
    return roi


def from_ascii_files(
    suffix: str = "roi",
    extension: str = ".txt",
    size: float | None = None,
    label: str | None = None,
    skip_missing: bool = False,
) -> ROI:
    """Regions for all sources, to be assigned; see :meth:`RegionDefinitions.from_ascii_files`."""
    roi = ROI()
    roi.from_ascii_files(suffix, extension, size, label, skip_missing)
    return roi
