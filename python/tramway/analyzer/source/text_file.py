"""A text file as a source of trajectories."""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from tramway.data import Area, read_trajectories, stream_trajectories, track_blocks

from .streamed_file import StreamedFile


class SPTAsciiFile(StreamedFile):
    """Text file of trajectories, read when its data are first needed."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._loaded: tuple[dict[str, Any], pd.DataFrame] | None = None

    @property
    def coord_scale(self) -> float:
        """µm per unit of length of the file: 1e-3 for nanometres, the pixel size for pixels."""
        scale: float | None = self._setting("coord_scale")
        return 1.0 if scale is None else scale

    @coord_scale.setter
    def coord_scale(self, value: float) -> None:
        self._set("coord_scale", value)

    @property
    def time_scale(self) -> float:
        """Seconds per unit of time of the file: 1e-3 for ms, the frame interval for frames."""
        scale: float | None = self._setting("time_scale")
        return 1.0 if scale is None else scale

    @time_scale.setter
    def time_scale(self, value: float) -> None:
        self._set("time_scale", value)

    def _how(self) -> dict[str, Any]:
        return {
            "columns": self.columns,
            "coordinate_scale": self.coord_scale,
            "precision_column": self._precision_column,
            "time_scale": self.time_scale,
        }

    def _whole(self) -> pd.DataFrame:
        how = self._how()
        if self._loaded is None or self._loaded[0] != how:
            self._loaded = (how, read_trajectories(self._name, **how))
        return self._loaded[1]

    def _read_pieces(self, regions: list[Sequence[Area]]) -> tuple[pd.DataFrame, pd.DataFrame]:
        streamed = stream_trajectories(self._name, regions, self.origin, **self._how())
        return streamed.trajectories, streamed.bounds

    def _read_blocks(self) -> Iterator[pd.DataFrame]:
        return track_blocks(self._name, **self._how())
