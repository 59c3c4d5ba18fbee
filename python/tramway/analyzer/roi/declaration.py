"""Regions of interest: ``a.roi`` for all sources alike, ``f.roi`` for one."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from tramway.analyzer.attribute import AnalyzerAttribute
from tramway.analyzer.region import Region
from tramway.analyzer.selection import Selection, in_order, selects
from tramway.attributes import StrictAttributes, flag, optional, positive, positive_integer, text
from tramway.data import Box, squares, write_regions
from tramway.errors import InvalidInputError, MissingResultError

from .definition import (
    Boxes,
    Collections,
    Definition,
    GivenBoxes,
    RecordedRegions,
    RegionFile,
    RegionFilesBesideData,
    collections_of,
    given_boxes,
)

if TYPE_CHECKING:
    from tramway.analyzer.source import Source

_label = optional(text)


class RegionDefinitions(StrictAttributes):
    """The ways to define regions, for one source or for all."""

    _definition: Definition | Collections | None = None

    @property
    def definition(self) -> Definition | Collections | None:
        """How regions are defined here; None: they are not."""
        return self._definition

    @definition.setter
    def definition(self, definition: Definition | Collections | None) -> None:
        self._definition = definition

    def _known_sources(self) -> Sequence["Source"]:
        """List the sources that are there already, and whose regions are to be defined."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._definition or 'each source is one region'}>"

    @property
    def initialized(self) -> bool:
        """Whether regions are defined here."""
        return self._definition is not None

    def from_bounding_boxes(
        self, bb: Boxes, label: str | None = None, group_overlapping_roi: bool = False
    ) -> None:
        """Define regions by their bounds.

        Parameters
        ----------
        bb
            Boxes, or (lower, upper) pairs of arrays: ``x y`` or ``x y z`` in µm, then optionally
            time in s; or a table with columns ``x min``, ``x max``, ``y min``, ….
        label
            What the labels of the regions begin with, before a space; ``roi`` and no space if None.
        group_overlapping_roi
            Whether regions that overlap or touch are one unit of analysis, ``roi000-002``, with all
            that is in any of them.

        Raises
        ------
        InvalidInputError
            If a bound is missing, or a lower one above the upper one.
        """
        self._definition = _given(given_boxes(bb), label, group_overlapping_roi)

    def from_squares(
        self,
        centers: Any,
        side: float,
        label: str | None = None,
        group_overlapping_roi: bool = False,
    ) -> None:
        """Define regions by their centers.

        Parameters
        ----------
        centers
            Array (n, d), µm.
        side
            Length of the sides, µm.
        label, group_overlapping_roi
            See :meth:`from_bounding_boxes`.
        """
        boxes = squares(np.asarray(centers, dtype=np.float64), positive("side", side))
        self._definition = _given(boxes, label, group_overlapping_roi)

    def from_ascii_files(
        self,
        suffix: str | Sequence[str] = "roi",
        extension: str = ".txt",
        size: float | None = None,
        label: str | Sequence[str] | None = None,
        group_overlapping_roi: bool = False,
        skip_missing: bool = False,
    ) -> None:
        """Define regions by a file beside each data file.

        Parameters
        ----------
        suffix, extension
            The file of ``cell.rpt.txt`` is ``cell.rpt-roi.txt``, ``cell.rpt_roi.txt`` or
            ``cell.rptroi.txt``. Several suffixes stand for several collections of regions.
        size
            Side of the regions, µm, where the file gives centers.
        label, group_overlapping_roi
            See :meth:`from_bounding_boxes`; a label for each suffix where there are several, which
            are the suffixes by default.
        skip_missing
            Whether a source without such a file is left out; it is an error otherwise, once the
            regions are asked for.

        Raises
        ------
        InvalidInputError
            If the data are known, and none of them has such a file.
        """
        if isinstance(suffix, str):
            labels, suffixes = [label], [suffix]
        else:
            suffixes = list(suffix)
            labels = list(suffixes if label is None else label)
        if len(labels) != len(suffixes):
            raise InvalidInputError(
                f"`label` is {label!r}, expected one for each `suffix`, {suffix!r}"
            )
        parts = [
            RegionFilesBesideData(
                text("suffix", one),
                text("extension", extension),
                optional(positive)("size", size),
                _label("label", name),
                flag("skip_missing", skip_missing),
                flag("group_overlapping_roi", group_overlapping_roi),
            )
            for one, name in zip(suffixes, labels, strict=True)
        ]
        for part in parts:
            part.check(self._known_sources())
        self._definition = parts[0] if len(parts) == 1 else Collections(tuple(parts))

    def from_dedicated_rwa_records(
        self, label: str | None = None, version: int | None = None
    ) -> None:
        """Define regions by the samplings in the analysis tree, as of ``.rwa`` files.

        Parameters
        ----------
        label
            See :meth:`from_bounding_boxes`.
        version
            Of the records, as the original counts them: what there is is found without.
        """
        self._definition = RecordedRegions(_label("label", label))

    from_dedicated_rwa_record = from_dedicated_rwa_records

    def add_collection(
        self,
        label: str,
        bb: Boxes | str | os.PathLike[str],
        group_overlapping_roi: bool | None = None,
    ) -> None:
        """Define more regions, beside those that there are.

        Parameters
        ----------
        label
            What their labels begin with; no other collection has it.
        bb
            Boxes as for :meth:`from_bounding_boxes`, the path of a file of regions, or the suffix
            of files beside the data.
        group_overlapping_roi
            See :meth:`from_bounding_boxes`; as those that there are by default.

        Raises
        ------
        InvalidInputError
            If another collection has the label.
        """
        before = collections_of(self._definition)
        if label in [part.label for part in before.parts]:
            raise InvalidInputError(f"`label` is {label!r}, which another collection has")
        if group_overlapping_roi is None:
            group_overlapping_roi = any(part.group_overlapping_roi for part in before.parts)
        part: Definition
        if not isinstance(bb, str | os.PathLike):
            part = _given(given_boxes(bb), label, group_overlapping_roi)
        elif Path(bb).expanduser().is_file():
            path = str(Path(bb).expanduser())
            part = RegionFile(path, None, _label("label", label), group_overlapping_roi)
        else:
            part = RegionFilesBesideData(
                os.fspath(bb), ".txt", None, _label("label", label), False, group_overlapping_roi
            )
        self._definition = replace(before, parts=(*before.parts, part))

    def set_num_digits(self, n: int) -> None:
        """Set the least number of digits of the numbers in labels; 3 by default."""
        digits = positive_integer("n", n)
        self._definition = replace(collections_of(self._definition), digits=digits)


def _given(boxes: Sequence[Box], label: str | None, group_overlapping_roi: bool) -> GivenBoxes:
    is_grouped = flag("group_overlapping_roi", group_overlapping_roi)
    return GivenBoxes(tuple(boxes), _label("label", label), is_grouped)


class SourceROI(RegionDefinitions):
    """Regions of one source: its own if it has, else those defined for all, else all of it.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data.from_dataframe(movie)
    >>> f = first(a.spt_data)
    >>> f.roi.from_bounding_boxes([((0, 0), (1, 2))])  # µm, of this source alone
    >>> f.roi.bounding_boxes
    [Box(lower=(0.0, 0.0), upper=(1.0, 2.0))]
    """

    def __init__(self, item: "Source") -> None:
        self._item = item

    def _known_sources(self) -> Sequence["Source"]:
        return [self._item]

    def from_ascii_file(
        self,
        path: str | os.PathLike[str],
        size: float | None = None,
        label: str | None = None,
        group_overlapping_roi: bool = False,
    ) -> None:
        """Define the regions of this source by a file; see :meth:`from_ascii_files`."""
        expanded = str(Path(path).expanduser())
        self._definition = RegionFile(
            expanded,
            optional(positive)("size", size),
            _label("label", label),
            flag("group_overlapping_roi", group_overlapping_roi),
        )

    @property
    def effective_definition(self) -> Definition | Collections | None:
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
        for part in collections_of(self.effective_definition).parts:
            if isinstance(part, RegionFile):
                return part.path
            if isinstance(part, RegionFilesBesideData):
                return part.path(self._item)
        return None

    def __repr__(self) -> str:
        definition = self.effective_definition or "all of it is one region"
        return f"<Regions of {self._item.source}: {definition}>"

    @property
    def left_out(self) -> bool:
        """Whether the source is to be left out: its region file is missing, and may be."""
        parts = collections_of(self.effective_definition).parts
        return bool(parts) and all(
            isinstance(part, RegionFilesBesideData)
            and part.skip_missing
            and part.path(self._item) is None
            for part in parts
        )

    @property
    def bounding_boxes(self) -> list[Box]:
        """Bounds of the regions; none if none are defined."""
        regions = self.as_individual_roi()
        return [region.bounding_box for region in regions if region.bounding_box is not None]

    def _collections(self) -> list[tuple[Definition, list[Box]]]:
        parts = collections_of(self.effective_definition).parts
        return [(part, list(part.boxes(self._item) or ())) for part in parts]

    def _numbered(self, part: Definition, numbers: Sequence[int]) -> str:
        """Make the label of regions of those numbers."""
        digits = collections_of(self.effective_definition).digits
        prefix = "roi" if part.label is None else f"{part.label} "
        return prefix + "-".join(f"{number:0{digits}d}" for number in numbers)

    def _individual(self, collection: str | None = None) -> list[Region]:
        return [
            Region(self._item, self._numbered(part, [number]), box)
            for part, boxes in self._collections()
            for number, box in enumerate(boxes)
            if collection is None or collection == (part.label or "")
        ]

    def _regions(self) -> list[Region]:
        """Units of analysis: the regions, those together that overlap if that is asked for."""
        if self.effective_definition is None:
            return [Region(self._item, "full", None)]
        collections = self._collections()
        if not any(part.group_overlapping_roi for part, _ in collections):
            return self._individual()
        from .grouping import groups_of_overlapping

        where = [
            (rank, number)
            for rank, (_, boxes) in enumerate(collections)
            for number in range(len(boxes))
        ]
        regions = []
        for group in groups_of_overlapping([box for _, boxes in collections for box in boxes]):
            members = [where[one] for one in group]
            labels = [
                self._numbered(part, [number for of, number in members if of == rank])
                for rank, (part, _) in enumerate(collections)
                if any(of == rank for of, _ in members)
            ]
            boxes = [collections[rank][1][number] for rank, number in members]
            regions.append(Region(self._item, " - ".join(labels), *boxes))
        return regions

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
        return _chosen(self._regions(), index, return_index)

    def as_individual_roi(
        self,
        index: Selection[int] | None = None,
        collection: str | None = None,
        source: object = None,
        return_index: bool = False,
    ) -> Iterator[Any]:
        """Iterate over the regions as they were defined, those that overlap apart.

        Parameters
        ----------
        index, return_index
            See :meth:`as_support_regions`.
        collection
            Label of the only collection wanted; all by default.
        source
            Without effect: there is one.
        """
        is_defined = self.effective_definition is not None
        regions = self._individual(collection) if is_defined else self._regions()
        return _chosen(regions, index, return_index)

    def to_ascii_file(
        self, filepath: str | os.PathLike[str], collection: str | None = None
    ) -> None:
        """Write the regions as a file that :meth:`from_ascii_file` reads.

        Parameters
        ----------
        filepath
            The file; it is replaced.
        collection
            Label of the only collection wanted; all by default.
        """
        boxes = [region.bounding_box for region in self._individual(collection)]
        dimension = 3 if "z" in self._item.dataframe else 2
        write_regions(filepath, [box for box in boxes if box is not None], dimension)

    def get_support_region(self, index: int, collection: str | None = None) -> Region:
        """Give the region of that number, or the one that has that one of a collection in it.

        Raises
        ------
        MissingResultError
            If there is none.
        """
        regions = self._regions()
        if collection is not None:
            wanted = self._individual(collection)[index].bounding_box
            regions = [region for region in regions if wanted in region.boxes]
            index = 0
        if not 0 <= index < len(regions):
            raise MissingResultError(
                f"{self._item.source} has no region {index}, only 0 to {len(regions) - 1}"
            )
        return regions[index]


class ROI(RegionDefinitions, AnalyzerAttribute):
    """Regions of all sources: what is defined here holds where a source has no regions of its own.

    Without any definition every source is one region, labelled ``full``.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data.from_dataframe(movie)
    >>> a.roi.from_squares([[1, 1], [2, 2]], side=1)  # µm
    >>> [region.label for region in a.roi.as_support_regions()]
    ['roi000', 'roi001']
    """

    def _known_sources(self) -> Sequence["Source"]:
        known = () if self._analyzer is None else self._analyzer.spt_data
        return [item for item in known if not item.roi.initialized]

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

    def as_individual_roi(
        self,
        index: Selection[int] | None = None,
        collection: str | None = None,
        source: Selection[str] | None = None,
        return_index: bool = False,
    ) -> Iterator[Any]:
        """Iterate over regions as defined; see :meth:`SourceROI.as_individual_roi`."""
        data = self._owner().spt_data
        for item in data if source is None else data.filter_by_source(source):
            yield from item.roi.as_individual_roi(index, collection, return_index=return_index)


def _chosen(
    regions: Sequence[Region], index: Selection[int] | None, return_index: bool
) -> Iterator[Any]:
    numbered = list(zip(count(), regions))
    chosen = [pair for one in in_order(index) for pair in numbered if selects(one, pair[0])]
    return iter(chosen) if return_index else iter([region for _, region in chosen])
