"""How regions of interest are declared, for one source or for all."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from tramway.attributes import StrictAttributes, flag, optional, positive, positive_integer, text
from tramway.data import Area, Polygon, squares
from tramway.errors import InvalidInputError

from .definition import (
    GEOJSON_SUFFIXES,
    Boxes,
    Collections,
    Definition,
    GivenAreas,
    RecordedRegions,
    RegionFile,
    RegionFilesBesideData,
    collections_of,
    given_areas,
    given_polygons,
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
        self._definition = _given(given_areas(bb), label, group_overlapping_roi)

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

    def from_polygons(
        self,
        polygons: Iterable[Polygon | ArrayLike],
        label: str | None = None,
        group_overlapping_roi: bool = False,
    ) -> None:
        """Define regions by their outlines, in two dimensions.

        Parameters
        ----------
        polygons
            Corners of each, array (k, 2) in µm; or :class:`tramway.data.Polygon` objects, for holes
            and names.
        label, group_overlapping_roi
            See :meth:`from_bounding_boxes`; names of polygons take the place of numbers in the
            labels, and ``roi`` is left out.

        Raises
        ------
        InvalidInputError
            If one has less than three corners, or all of them on a straight line.
        """
        self._definition = _given(given_polygons(polygons), label, group_overlapping_roi)

    def from_geojson(
        self,
        path: str | os.PathLike[str],
        pixel_size: float | None = None,
        label: str | None = None,
        group_overlapping_roi: bool = False,
    ) -> None:
        """Define regions by a GeoJSON file, as QuPath and other programs write it.

        Parameters
        ----------
        path
            The file, as for :func:`tramway.data.read_geojson`.
        pixel_size
            µm per unit of its coordinates: the size of a pixel, 1 if they are µm; not for files
            that say that they are.
        label, group_overlapping_roi
            See :meth:`from_polygons`.
        """
        expanded = str(Path(path).expanduser())
        if Path(expanded).suffix.lower() not in GEOJSON_SUFFIXES:
            raise InvalidInputError(
                f"`path` is {expanded!r}, expected a file that ends in "
                f"{' or '.join(GEOJSON_SUFFIXES)}"
            )
        self._definition = RegionFile(
            expanded,
            None,
            _label("label", label),
            flag("group_overlapping_roi", group_overlapping_roi),
            optional(positive)("pixel_size", pixel_size),
        )

    def from_geojson_files(
        self,
        suffix: str = "roi",
        extension: str = ".geojson",
        pixel_size: float | None = None,
        label: str | None = None,
        group_overlapping_roi: bool = False,
        skip_missing: bool = False,
    ) -> None:
        """Define regions by a GeoJSON file beside each data file.

        Parameters
        ----------
        suffix, extension, skip_missing
            See :meth:`from_ascii_files`: the file of ``cell.csv`` is ``cell-roi.geojson``.
        pixel_size, label, group_overlapping_roi
            See :meth:`from_geojson`.
        """
        if extension not in GEOJSON_SUFFIXES:
            raise InvalidInputError(
                f"`extension` is {extension!r}, expected {' or '.join(GEOJSON_SUFFIXES)}"
            )
        part = RegionFilesBesideData(
            text("suffix", suffix),
            extension,
            None,
            _label("label", label),
            flag("skip_missing", skip_missing),
            flag("group_overlapping_roi", group_overlapping_roi),
            optional(positive)("pixel_size", pixel_size),
        )
        part.check(self._known_sources())
        self._definition = part

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
        pixel_size: float | None = None,
    ) -> None:
        """Define more regions, beside those that there are.

        Parameters
        ----------
        label
            What their labels begin with; no other collection has it.
        bb
            Boxes as for :meth:`from_bounding_boxes`, or polygons; the path of a file of regions, or
            the suffix of files beside the data.
        group_overlapping_roi
            See :meth:`from_bounding_boxes`; as those that there are by default.
        pixel_size
            See :meth:`from_geojson`; for files ``.geojson`` only.

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
            part = _given(given_areas(bb), label, group_overlapping_roi)
        elif Path(bb).expanduser().is_file():
            path = str(Path(bb).expanduser())
            part = RegionFile(
                path,
                None,
                _label("label", label),
                group_overlapping_roi,
                optional(positive)("pixel_size", pixel_size),
            )
        else:
            part = RegionFilesBesideData(
                os.fspath(bb), ".txt", None, _label("label", label), False, group_overlapping_roi
            )
        self._definition = replace(before, parts=(*before.parts, part))

    def set_num_digits(self, n: int) -> None:
        """Set the least number of digits of the numbers in labels; 3 by default."""
        digits = positive_integer("n", n)
        self._definition = replace(collections_of(self._definition), digits=digits)


def _given(areas: Sequence[Area], label: str | None, group_overlapping_roi: bool) -> GivenAreas:
    is_grouped = flag("group_overlapping_roi", group_overlapping_roi)
    return GivenAreas(tuple(areas), _label("label", label), is_grouped)
