"""The ways to say which regions a source has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import pandas as pd

from tramway.data import Box, read_regions
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition
from tramway.units import SPACE_COLUMNS

if TYPE_CHECKING:
    from tramway.analyzer.source import Source

_SHOWN = 5
"""Names of files that a message lists."""

Boxes: TypeAlias = pd.DataFrame | Iterable[Box | tuple[Any, Any]]
"""Boxes, or (lower, upper) pairs, or a table with columns ``x min``, ``x max``, …; µm (and s)."""


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

    def boxes(self, source: "Source") -> Sequence[Box] | None:
        """Bounds of the regions of a source; None if the source is to be left out."""
        ...


@dataclass(frozen=True)
class GivenBoxes:
    """Regions given by the user's script."""

    given: Sequence[Box]
    label: str | None
    group_overlapping_roi: bool = False

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
    group_overlapping_roi: bool = False

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
    group_overlapping_roi: bool = False

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

    def boxes(self, source: "Source") -> Sequence[Box] | None:
        """Read the file beside the data of the source."""
        path = self.path(source)
        return None if path is None else read_regions(path, self.size)


@dataclass(frozen=True)
class RecordedRegions:
    """Regions that the samplings in the analysis tree of a source were made of."""

    label: str | None
    group_overlapping_roi: bool = False

    def __str__(self) -> str:
        return "those of its samplings"

    def boxes(self, source: "Source") -> Sequence[Box]:
        """Take the bounds from the samplings: as recorded, else those of what is in them."""
        samplings = [source.analyses[label].data for label in source.analyses]
        found = []
        for sampling in (item for item in samplings if isinstance(item, Partition)):
            bounds = sampling.param.get("roi", {}).get("bounding_box")
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


def given_boxes(given: Boxes) -> list[Box]:
    """Take what users give as boxes."""
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
