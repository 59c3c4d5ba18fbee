"""A file of some tracking program as a source of trajectories."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.data import PRECISION_COLUMN, Area, check_trajectories
from tramway.errors import InvalidInputError

from .rwa_file import RWAFile
from .source import Source
from .streamed_file import StreamedFile

if TYPE_CHECKING:
    from tramway.data.formats import FileFacts, Reading


class SPTFile(StreamedFile):
    """File of a tracking or localization program, read when its data are first needed."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._loaded: tuple[dict[str, Any], Reading] | None = None

    @property
    def path(self) -> Path:
        """The file, or folder."""
        return Path(self._name)

    @property
    def format(self) -> str | None:
        """Name of the reader; None: as the content of the file says."""
        name: str | None = self._setting("format")
        return name

    @format.setter
    def format(self, value: str | None) -> None:
        self._set("format", value)

    @property
    def reader_options(self) -> Mapping[str, Any]:
        """Options of the reader."""
        return self._setting("reader_options") or {}

    @reader_options.setter
    def reader_options(self, value: Mapping[str, Any]) -> None:
        self._set("reader_options", value)

    @property
    def pixel_size(self) -> float | None:
        """µm per pixel, where positions are in pixels; None: as the file says."""
        size: float | None = self._setting("pixel_size")
        return size

    @pixel_size.setter
    def pixel_size(self, value: float | None) -> None:
        self._set("pixel_size", value)

    @property
    def coord_scale(self) -> float | None:
        """µm per unit of length of the file, whatever the file says; None: as it says."""
        scale: float | None = self._setting("coord_scale")
        return scale

    @coord_scale.setter
    def coord_scale(self, value: float) -> None:
        self._set("coord_scale", value)

    @property
    def linking(self) -> Mapping[str, Any] | None:
        """How localizations are linked, where the file has no tracks; see ``a.tracker``."""
        linking: Mapping[str, Any] | None = self._setting("linking")
        return linking

    @linking.setter
    def linking(self, value: Mapping[str, Any] | None) -> None:
        self._set("linking", value)

    def _whole(self) -> pd.DataFrame:
        return self._with_precision(self._reading().trajectories)

    def _with_precision(self, data: pd.DataFrame) -> pd.DataFrame:
        column = self._precision_column
        if column not in (None, PRECISION_COLUMN):
            data = check_trajectories(data, self.source, column)
        return data

    @property
    def facts(self) -> "FileFacts":
        """What there is in the file, and how it was understood."""
        return self._reading().facts

    def _how(self) -> dict[str, Any]:
        named = {} if self.columns is None else {"columns": self.columns}
        return {
            "format": self.format,
            "pixel_size": self.pixel_size,
            "frame_interval": self._setting("frame_interval"),
            "coordinate_scale": self.coord_scale,
            "linking": self.linking,
            "options": {**named, **self.reader_options},
        }

    def _reading(self) -> "Reading":
        from tramway.data.formats import Linking, read_file

        how = self._how()
        if self.is_summed:
            self._first_block()
        elif self.streaming:
            self._stream()
        elif self._loaded is None or self._loaded[0] != how:
            linking = None if self.linking is None else Linking(**self.linking)
            self._loaded = (how, read_file(self._name, **{**how, "linking": linking}))
        assert self._loaded is not None
        return self._loaded[1]

    def _read_pieces(self, regions: list[Sequence[Area]]) -> tuple[pd.DataFrame, pd.DataFrame]:
        from tramway.data.formats import stream_file

        how = self._how()
        del how["linking"]  # which is refused where it is needed
        reading, bounds = stream_file(self._name, regions, self.origin, **how)
        self._loaded = ({}, reading)
        return self._with_precision(reading.trajectories), bounds

    def _read_blocks(self) -> Iterator[pd.DataFrame]:
        from tramway.data.formats import read_track_blocks

        how = self._how()
        del how["linking"]
        for reading in read_track_blocks(self._name, **how):
            if self._loaded is None:
                self._loaded = ({}, reading)
            yield self._with_precision(reading.trajectories)

    def _recorded(self, name: str) -> Any:
        return self._reading().facts.frame_interval if name == "frame_interval" else None


def source_of(path: str, format: str | None, options: Mapping[str, Any]) -> Source:
    """Make the source that a file is: an analysis tree, or what a tracking program wrote."""
    if Path(path).suffix == ".rwa" and format in (None, "rwa"):
        if options:
            raise InvalidInputError(f"{path} is a .rwa file, whose reader has no options")
        return RWAFile(path)
    source = SPTFile(path)
    if format is not None:
        source.format = format
    if options:
        source.reader_options = options
    return source


def is_zarr(path: Path) -> bool:
    """Whether a folder is one of Zarr, which some programs write instead of a file."""
    return any((path / name).is_file() for name in (".zgroup", "zarr.json"))
