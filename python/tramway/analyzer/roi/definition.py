"""The ways to say which regions a source has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from tramway.data import Area, Box, Polygon, read_geojson, read_regions
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition
from tramway.units import SPACE_COLUMNS

if TYPE_CHECKING:
    from tramway.analyzer.source import Source

GEOJSON_SUFFIXES = (".geojson", ".json")

_SHOWN = 5
"""Names of files that a message lists."""

Boxes: TypeAlias = pd.DataFrame | Iterable[Area | tuple[Any, Any]]
"""Boxes, polygons, (lower, upper) pairs, or a table with columns ``x min``, …; µm (and s)."""


class Definition(Protocol):
    """A way to say which regions a source has."""

    @property
    def label(self) -> str | None:
        """What the labels of the regions begin with; ``roi`` if None."""
        ...

    @property
    def group_overlapping_roi(self) -> bool:
        """Whether regions that overlap are one unit of analysis."""
        ...

    def areas(self, source: "Source") -> Sequence[Area] | None:
        """Boxes and polygons of a source; None if the source is to be left out."""
        ...


@dataclass(frozen=True)
class GivenAreas:
    """Regions given by the user's script."""

    given: Sequence[Area]
    label: str | None
    group_overlapping_roi: bool = False

    def __str__(self) -> str:
        kinds = {type(area).__name__.lower() for area in self.given}
        count, kind = len(self.given), kinds.pop() if len(kinds) == 1 else "region"
        return f"1 {kind}" if count == 1 else f"{count} {kind}{'es' if kind == 'box' else 's'}"

    def areas(self, source: "Source") -> Sequence[Area]:
        """Give the same for every source."""
        return self.given


@dataclass(frozen=True)
class RegionFile:
    """Regions in a file of any name."""

    path: str
    size: float | None
    label: str | None
    group_overlapping_roi: bool = False
    pixel_size: float | None = None

    def __str__(self) -> str:
        return f"those in {self.path}"

    def areas(self, source: "Source") -> Sequence[Area]:
        """Read the file."""
        return _read(self.path, self.size, self.pixel_size)


@dataclass(frozen=True)
class RegionFilesBesideData:
    """Regions in a file beside each data file, named after it."""

    suffix: str
    extension: str
    size: float | None
    label: str | None
    skip_missing: bool
    group_overlapping_roi: bool = False
    pixel_size: float | None = None

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
                "with from_bounding_boxes, from_squares or from_polygons"
            )
        tried = self._candidates(source.filepath)
        for path in tried:
            if Path(path).is_file():
                return path
        if self.skip_missing:
            return None
        raise InvalidInputError(
            f"no region file beside {source.source}: looked for {', '.join(tried)}; leave such "
            "sources out with skip_missing=True"
        )

    def check(self, sources: Iterable["Source"]) -> None:
        """See to it that one of some sources has such a file, if any of them is a file itself.

        Raises
        ------
        InvalidInputError
            If none has: the suffix is a wrong one; the message names what there is.
        """
        paths = [source.filepath for source in sources if source.filepath is not None]
        if not paths or any(
            Path(one).is_file() for path in paths for one in self._candidates(path)
        ):
            return
        first = Path(paths[0])
        beside = sorted(first.parent.glob(f"{escape(first.stem)}*{escape(self.extension)}"))
        others = [path.name for path in beside if str(path) not in paths]
        raise InvalidInputError(
            f"`suffix` is {self.suffix!r}, and no data file has a file of regions of that name "
            f"beside it: looked for {', '.join(self._candidates(paths[0]))}; what is there and "
            f"begins like {first.name}: {', '.join(others[:_SHOWN]) or 'nothing'}"
        )

    def _candidates(self, path: str) -> list[str]:
        """Names that the file beside a data file may have."""
        stem = Path(path).with_suffix("")
        return [f"{stem}{joiner}{self.suffix}{self.extension}" for joiner in ("", "-", "_")]

    def areas(self, source: "Source") -> Sequence[Area] | None:
        """Read the file beside the data of the source."""
        path = self.path(source)
        return None if path is None else _read(path, self.size, self.pixel_size)


@dataclass(frozen=True)
class RecordedRegions:
    """Regions that the samplings in the analysis tree of a source were made of."""

    label: str | None
    group_overlapping_roi: bool = False

    def __str__(self) -> str:
        return "those of its samplings"

    def areas(self, source: "Source") -> Sequence[Area]:
        """Take them from the samplings: as recorded, else the bounds of what is in them."""
        samplings = [source.analyses[label].data for label in source.analyses]
        found: list[Area] = []
        for sampling in (item for item in samplings if isinstance(item, Partition)):
            said = sampling.param.get("roi", {})
            if "geometry" in said:
                found.append(Polygon.of_text(said["geometry"]))
                continue
            bounds = said.get("bounding_box")
            if bounds is None:
                table = sampling.bounding_box
                bounds = [table.loc[end].to_numpy() for end in ("min", "max")]
            found.append(Box(*bounds))
        if not found:
            raise InvalidInputError(f"{source.source}: there is no sampling to tell its regions")
        return found


@dataclass(frozen=True)
class Collections:
    """Several collections of regions, each with its own label.

    Attributes
    ----------
    parts
        The collections, in order.
    digits
        Least number of digits of the numbers in labels.
    """

    parts: Sequence[Definition]
    digits: int = 3

    def __str__(self) -> str:
        return "; ".join(map(str, self.parts))


def collections_of(definition: "Definition | Collections | None") -> Collections:
    """Take a definition as one that has any number of collections."""
    if isinstance(definition, Collections):
        return definition
    return Collections(() if definition is None else (definition,))


def _read(path: str, size: float | None, pixel_size: float | None) -> Sequence[Area]:
    """Read a file of regions, of the format that its name tells."""
    if Path(path).suffix.lower() in GEOJSON_SUFFIXES:
        return read_geojson(path, pixel_size)
    return read_regions(path, size)


def given_polygons(given: Iterable[Polygon | ArrayLike]) -> list[Polygon]:
    """Take what users give as polygons."""
    polygons = []
    for rank, one in enumerate(given):
        try:
            if not isinstance(one, Polygon):
                one = Polygon([[np.asarray(one, dtype=np.float64).tolist()]])
        except (TypeError, ValueError) as error:
            raise InvalidInputError(
                f"`polygons[{rank}]`: {error}; expected a Polygon, or its corners (k, 2) in µm"
            ) from None
        polygons.append(one)
    if not polygons:
        raise InvalidInputError("`polygons` is empty, expected at least one polygon")
    return polygons


def given_areas(given: Boxes) -> Sequence[Area]:
    """Take what users give as boxes and polygons."""
    if isinstance(given, pd.DataFrame):
        return _boxes_of_table(given)
    boxes: list[Area] = []
    for rank, bounds in enumerate(given):
        if isinstance(bounds, Box | Polygon):
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
