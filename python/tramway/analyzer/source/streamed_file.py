"""Files of which only what is in regions need be in memory."""

import hashlib
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.data import Area
from tramway.errors import InvalidInputError
from tramway.files import content_hash

from .source import Source

if TYPE_CHECKING:
    from tramway.analyzer.region import Region


class StreamedFile(Source):
    """File that is read as a whole, or in pieces, of which the tracks that visit regions are kept.

    What is cut out of regions is the same to the bit.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        # How it was read, for which regions, and what is kept of it.
        self._streamed: tuple[Any, set[Sequence[Area]], tuple[pd.DataFrame, pd.DataFrame]] | None
        self._streamed = None
        self._first: tuple[Any, pd.DataFrame] | None = None
        self._loaded: tuple[dict[str, Any], Any] | None = None  # how, and all of it

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Names of the columns, where the file has none; None: as its header or reader says."""
        names: tuple[str, ...] | None = self._setting("columns")
        return names

    @columns.setter
    def columns(self, value: list[str] | None) -> None:
        self._set("columns", value)

    @property
    def streaming(self) -> bool:
        """Whether only tracks that visit regions are kept in memory, not the whole file."""
        return bool(self._setting("streaming"))

    @streaming.setter
    def streaming(self, value: bool) -> None:
        self._set("streaming", value)

    @property
    def dataframe(self) -> pd.DataFrame:
        """Trajectories of the file.

        Raises
        ------
        InvalidInputError
            If the file is streamed.
        """
        if self.streaming:
            raise InvalidInputError(
                f"{self.source} is streamed, a.spt_data.streaming = True, so not all of it is in "
                "memory: take what is in a region, region.crop(), or set that to False"
            )
        return self._moved(self._whole())

    @property
    def bounds(self) -> pd.DataFrame:
        """Rows ``min`` and ``max`` of each column: track numbers, µm, s."""
        if self.is_summed:
            return self._bounds_of_blocks()
        return self._stream()[1] if self.streaming else super().bounds

    def trajectories_of(self, regions: "Iterable[Region]" = ()) -> pd.DataFrame:
        """Trajectories, as far as they are needed: all, unless the source is streamed.

        Parameters
        ----------
        regions
            What is going to be cut out of them, beside regions that were asked for before. Others
            than those of `roi` take reading the file again.

        Raises
        ------
        InvalidInputError
            If the source is streamed and there are no regions: all of it would be kept.
        """
        if not self.streaming:
            return self.dataframe
        return self._moved(self._stream([region.areas for region in regions])[0])

    @property
    def is_summed(self) -> bool:
        """Whether it is streamed as a whole, no regions being defined: into sums over cells."""
        return self.streaming and self.roi.effective_definition is None

    def track_blocks(self) -> Iterator[pd.DataFrame]:
        """Read it some tracks at a time, as :func:`tramway.data.track_blocks` does.

        Yields
        ------
        DataFrame
            Trajectories of whole tracks, in µm and s.
        """
        for block in self._read_blocks():
            yield self._moved(block)

    def file_hash(self) -> str:
        """Hash of the file, and of the settings with which it is read."""
        with Path(self.source).expanduser().open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        return content_hash("in pieces", content, repr(self._how()), repr(self.origin))

    def _typical(self) -> pd.DataFrame:
        return self._first_block() if self.is_summed else super()._typical()

    def _first_block(self) -> pd.DataFrame:
        how = (self._how(), self._precision_column, self.origin)
        if self._first is None or self._first[0] != how:
            self._first = (how, next(self.track_blocks()))
        return self._first[1]

    def _bounds_of_blocks(self) -> pd.DataFrame:
        bounds: list[pd.DataFrame] = []
        for block in self.track_blocks():
            bounds = [pd.concat([*bounds, block.agg(["min", "max"])]).agg(["min", "max"])]
        return bounds[0]

    @abstractmethod
    def _read_blocks(self) -> Iterator[pd.DataFrame]:
        """Read whole tracks, some at a time."""

    @property
    def is_untouched(self) -> bool:
        """Whether neither tree nor trajectories are in memory: they are what the files say."""
        kept = (self._loaded, self._streamed, self._first)
        return super().is_untouched and all(one is None for one in kept)

    def release(self) -> None:
        """Forget what is in files: it is read again when it is asked for."""
        super().release()
        self._loaded = self._streamed = self._first = None

    @abstractmethod
    def _whole(self) -> pd.DataFrame:
        """Read the trajectories of the file."""

    @abstractmethod
    def _how(self) -> dict[str, Any]:
        """Tell the settings with which it is read."""

    @abstractmethod
    def _read_pieces(self, regions: list[Sequence[Area]]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Read the tracks that visit regions, and the bounds of all."""

    def _stream(self, regions: Iterable[Sequence[Area]] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
        how = (self._how(), self._precision_column, self.origin)
        wanted = set(regions)
        if self._streamed is not None:
            read_how, known, kept = self._streamed
            if read_how == how and wanted <= known:
                return kept
        if self.roi.effective_definition is not None:
            wanted |= {region.areas for region in self.roi}
        if not all(wanted):
            wanted = set()
        if not wanted:
            raise InvalidInputError(
                f"{self.source} is streamed, a.spt_data.streaming = True, and all of it is one "
                "region, which would be kept in memory: define regions of interest, as by "
                "a.roi.from_squares, run a pipeline, which sums over cells, or set that to False"
            )
        kept = self._read_pieces(list(wanted))
        self._streamed = (how, wanted, kept)
        return kept
