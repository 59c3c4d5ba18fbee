"""Files of which only what is in regions need be in memory."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.data import Area
from tramway.errors import InvalidInputError

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

    def release(self) -> None:
        """Forget what is in files: it is read again when it is asked for."""
        super().release()
        self._streamed = None

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
                "a.roi.from_squares, or set that to False"
            )
        kept = self._read_pieces(list(wanted))
        self._streamed = (how, wanted, kept)
        return kept
