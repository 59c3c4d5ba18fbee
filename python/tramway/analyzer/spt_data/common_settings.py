"""Settings of all sources of a collection at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from tramway.analyzer.attribute import AnalyzerAttribute
from tramway.analyzer.source import (
    SETTINGS,
    LocalizationNoise,
    RWAFile,
    Source,
    SPTAsciiFile,
    SPTFile,
    StreamedFile,
)
from tramway.data import check_precision
from tramway.errors import DisagreementError, InvalidInputError


class CommonSettings(LocalizationNoise, AnalyzerAttribute):
    """Sources that have settings in common; each can be given its own."""

    _sources: tuple[Source, ...]

    def __init__(self) -> None:
        self._common: dict[str, Any] = {}

    @property
    def common_settings(self) -> Mapping[str, Any]:
        """Settings that were made for all sources at once, and how the analyzer links tracks."""
        tracker = None if self._analyzer is None else self._analyzer.tracker
        if tracker is None or tracker.linking is None:
            return self._common
        return {**self._common, "linking": tracker.linking}

    def _broadcast(self, name: str, value: Any) -> None:
        self._common[name] = SETTINGS[name](name, value)
        for source in self._sources:
            source.unset(name)

    def _shared(self, name: str) -> Any:
        """Value of a setting that all sources agree on."""
        if not self._sources:
            return self._common.get(name)
        values = {source: getattr(source, name) for source in self._sources}
        if len(set(values.values())) > 1:
            listed = ", ".join(f"{value} ({source.source})" for source, value in values.items())
            raise DisagreementError(f"the sources differ in `{name}`: {listed}")
        return next(iter(values.values()))

    @property
    def localization_precision(self) -> float | str | None:
        """Standard deviation σ of one localized coordinate, µm; None where it is not known.

        Where each localization has its own, the name of the column; by default a column
        ``localization_precision``, if there is one. It is in the unit of length of the data, and
        `coord_scale` is applied to it.
        """
        precision: float | str | None = self._shared("localization_precision")
        return precision

    @localization_precision.setter
    def localization_precision(self, value: float | str | None) -> None:
        self._broadcast("localization_precision", value)
        if isinstance(value, int | float):
            check_precision(value, "`localization_precision`")

    @property
    def exposure_time(self) -> float:
        """Time that a localization averages over, s; 0 by default: no motion blur.

        Positions that are averages over that time vary less: by ``2 D (dt - exposure_time / 3)``.
        """
        time: float | None = self._shared("exposure_time")
        return 0.0 if time is None else time

    @exposure_time.setter
    def exposure_time(self, value: float | None) -> None:
        self._broadcast("exposure_time", value)

    @property
    def frame_interval(self) -> float | None:
        """Time between frames, s; by default, the median time step within tracks."""
        interval: float | None = self._shared("frame_interval")
        return interval

    @frame_interval.setter
    def frame_interval(self, value: float | None) -> None:
        self._broadcast("frame_interval", value)

    dt = time_step = frame_interval

    @property
    def temperature(self) -> float | None:
        """Of the sample, K; None where it is not said. Energies are in kT, whatever it is."""
        value: float | None = self._shared("temperature")
        return value

    @temperature.setter
    def temperature(self, value: Any) -> None:
        self._broadcast("temperature", value)

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Names of the columns of the files; None: as their headers say, or ``n x y t``."""
        self._require_text_files("columns", SPTFile)
        names: tuple[str, ...] | None = self._shared("columns")
        return names

    @columns.setter
    def columns(self, value: Sequence[str] | None) -> None:
        self._require_text_files("columns", SPTFile)
        self._broadcast("columns", value)

    @property
    def coord_scale(self) -> float:
        """µm per unit of length of the files: 1e-3 for nanometres, the pixel size for pixels."""
        self._require_text_files("coord_scale", SPTFile)
        scale: float | None = self._shared("coord_scale")
        return 1.0 if scale is None else scale

    @coord_scale.setter
    def coord_scale(self, value: float) -> None:
        self._require_text_files("coord_scale", SPTFile)
        self._broadcast("coord_scale", value)

    @property
    def time_scale(self) -> float:
        """Seconds per unit of time of the files: 1e-3 for ms, the frame interval for frames."""
        self._require_text_files("time_scale")
        scale: float | None = self._shared("time_scale")
        return 1.0 if scale is None else scale

    @time_scale.setter
    def time_scale(self, value: float) -> None:
        self._require_text_files("time_scale")
        self._broadcast("time_scale", value)

    def _require_text_files(self, name: str, *others: type[Source]) -> None:
        if not all(isinstance(source, (SPTAsciiFile, *others)) for source in self._sources):
            raise InvalidInputError(f"only text files have `{name}`: prepare the tables instead")

    @property
    def pixel_size(self) -> float | None:
        """µm per pixel, for files of :meth:`from_files` whose positions are in pixels.

        It takes the place of what a file says itself; None: as it says.
        """
        size: float | None = self._shared("pixel_size")
        return size

    @pixel_size.setter
    def pixel_size(self, value: float | None) -> None:
        if not all(isinstance(source, SPTFile | RWAFile) for source in self._sources):
            raise InvalidInputError(
                "only files of `from_files` have `pixel_size`: for text files, set `coord_scale`"
            )
        self._broadcast("pixel_size", value)

    @property
    def streaming(self) -> bool:
        """Whether files are read in pieces, and only tracks that visit regions are kept in memory.

        For files larger than the memory. What is cut out of regions, and what is inferred of them,
        is the same to the bit; trajectories are not stored in the ``.rwa`` files.
        """
        value: bool | None = self._shared("streaming")
        return bool(value)

    @streaming.setter
    def streaming(self, value: bool) -> None:
        if value and not all(isinstance(source, StreamedFile) for source in self._sources):
            raise InvalidInputError(
                "only files of `from_ascii_files` and `from_files` are streamed, which .rwa files "
                "and tables in memory are not: leave a.spt_data.streaming at False"
            )
        self._broadcast("streaming", value)

    @property
    def linking(self) -> Mapping[str, Any] | None:
        """How localizations without tracks are linked; set it with ``a.tracker``."""
        return self.common_settings.get("linking")

    @linking.setter
    def linking(self, value: Mapping[str, Any] | None) -> None:
        self._broadcast("linking", value)
