"""Regions of interest of one source: ``f.roi``."""

import os
from collections.abc import Iterator, Sequence
from itertools import chain, count, groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from tramway.analyzer.region import Region
from tramway.analyzer.selection import Selection, in_order, selects
from tramway.attributes import flag, optional, positive, text
from tramway.data import Area, Box, Polygon, write_geojson, write_regions
from tramway.errors import InvalidInputError, MissingResultError

from .declaration import RegionDefinitions
from .definition import (
    Collections,
    Definition,
    RegionFile,
    RegionFilesBesideData,
    collections_of,
)

if TYPE_CHECKING:
    from tramway.analyzer.source import Source


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
            optional(text)("label", label),
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

    def _collections(self) -> list[tuple[Definition, list[Area]]]:
        parts = collections_of(self.effective_definition).parts
        return [(part, list(part.areas(self._item) or ())) for part in parts]

    @property
    def _digits(self) -> int:
        return collections_of(self.effective_definition).digits

    def _by_collection(self, collection: str | None = None) -> list[list[Region]]:
        """Regions as they are defined, those of each collection."""
        digits = self._digits
        return [
            [
                Region(self._item, _own_label(part, digits, number, area), area)
                for number, area in enumerate(areas)
            ]
            for part, areas in self._collections()
            if collection is None or collection == (part.label or "")
        ]

    def _individual(self, collection: str | None = None) -> list[Region]:
        return [region for regions in self._by_collection(collection) for region in regions]

    def _regions(self) -> list[Region]:
        """Units of analysis: the regions, those together that overlap if that is asked for."""
        if self.effective_definition is None:
            return [Region(self._item, "full", None)]
        collections = self._collections()
        if not any(part.group_overlapping_roi for part, _ in collections):
            return self._individual()
        from .grouping import groups_of_overlapping

        where = [
            (rank, (number, area))
            for rank, (_, areas) in enumerate(collections)
            for number, area in enumerate(areas)
        ]
        digits, regions = self._digits, []
        for group in groups_of_overlapping([area for _, (_, area) in where]):
            members = [where[one] for one in group]
            labels = [
                _label(collections[rank][0], digits, [numbered for _, numbered in those])
                for rank, those in groupby(members, itemgetter(0))
            ]
            areas = [area for _, (_, area) in members]
            regions.append(Region(self._item, " - ".join(labels), *areas))
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
            See :meth:`as_support_regions`; each collection has its own numbers.
        collection
            Label of the only collection wanted; all by default.
        source
            Without effect: there is one.
        """
        is_defined = self.effective_definition is not None
        collections = self._by_collection(collection) if is_defined else [self._regions()]
        return chain.from_iterable(_chosen(regions, index, return_index) for regions in collections)

    def to_ascii_file(
        self,
        filepath: str | os.PathLike[str],
        collection: str | None = None,
        columns: Sequence[str] | None = None,
        header: bool = True,
        float_format: str | None = None,
        **options: Any,
    ) -> None:
        """Write the regions as a file that :meth:`from_ascii_file` reads.

        Parameters
        ----------
        filepath
            The file; it is replaced.
        collection
            Label of the only collection wanted; all by default.
        columns
            Names of the coordinates; ``x y [z] [t]`` by default.
        header
            Whether the first line has their names.
        float_format
            How numbers are written, as ``%.4f``; all digits by default.
        options
            More of :meth:`pandas.DataFrame.to_csv`; ``sep`` and ``index`` have no effect.

        Raises
        ------
        InvalidInputError
            If there are not as many names as coordinates, or a polygon is among the regions;
            :meth:`to_geojson` writes those.
        """
        areas = [area for region in self._individual(collection) for area in region.areas]
        if any(isinstance(area, Polygon) for area in areas):
            raise InvalidInputError("polygons do not go into such a file: write them by to_geojson")
        boxes = [area for area in areas if isinstance(area, Box)]
        write_regions(
            filepath,
            boxes,
            3 if "z" in self._item.bounds else 2,
            columns=columns,
            header=header,
            float_format=float_format,
            **options,
        )

    def to_geojson(self, filepath: str | os.PathLike[str], collection: str | None = None) -> None:
        """Write the regions as GeoJSON that :meth:`from_geojson` reads, in µm, with their labels.

        Parameters
        ----------
        filepath
            The file; it is replaced.
        collection
            Label of the only collection wanted; all by default.

        Raises
        ------
        InvalidInputError
            If a box is limited in z or in time, or not on all sides.
        """
        regions = self._individual(collection)
        areas = [area for region in regions for area in region.areas]
        write_geojson(filepath, areas, [region.label for region in regions])

    def get_support_region(self, index: int, collection: str | None = None) -> Region:
        """Give the region of that number, or the one that has that one of a collection in it.

        Raises
        ------
        MissingResultError
            If there is none.
        """
        regions = self._regions()
        if collection is not None:
            [wanted] = self._individual(collection)[index].areas
            regions = [region for region in regions if wanted in region.areas]
            index = 0
        if not 0 <= index < len(regions):
            raise MissingResultError(
                f"{self._item.source} has no region {index}, only 0 to {len(regions) - 1}"
            )
        return regions[index]


def _label(part: Definition, digits: int, areas: Sequence[Sequence[Any]]) -> str:
    """Make the label of regions, given their numbers: by names where they have some."""
    names = [area.name if isinstance(area, Polygon) else None for _, area in areas]
    shown = [name or f"{number:0{digits}d}" for name, (number, _) in zip(names, areas, strict=True)]
    prefix = "" if names[0] else "roi"
    return (prefix if part.label is None else f"{part.label} ") + "-".join(shown)


def _own_label(part: Definition, digits: int, number: int, area: Area) -> str:
    """Make the label of a region apart from those that it may be grouped with."""
    label = _label(part, digits, [(number, area)])
    if part.group_overlapping_roi and part.label is not None:
        return label.replace(f"{part.label} ", f"{part.label} roi ", 1)  # as the original
    return label


def _chosen(
    regions: Sequence[Region], index: Selection[int] | None, return_index: bool
) -> Iterator[Any]:
    numbered = list(zip(count(), regions))
    chosen = [pair for one in in_order(index) for pair in numbered if selects(one, pair[0])]
    return iter(chosen) if return_index else iter([region for _, region in chosen])
