"""What is known of the data of a source: its own settings, those of all, what the file says."""

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tramway.attributes import StrictAttributes
from tramway.data import PRECISION_COLUMN, check_precision
from tramway.errors import TramwayError

from .settings import SETTINGS, Imaging, LocalizationNoise, precision_of_error

if TYPE_CHECKING:
    from tramway.analyzer.region import Region
    from tramway.analyzer.spt_data import SPTData


class DescribedData(LocalizationNoise, StrictAttributes):
    """Trajectories, and the settings that describe them.

    A setting that has no value of its own here is that of the whole collection.
    """

    def __init__(self) -> None:
        self._collection: SPTData | None = None
        self._own: dict[str, Any] = {}

    @property
    def dataframe(self) -> pd.DataFrame:
        """Trajectories: columns ``n x y [z] t`` and what else the file has, in µm and s.

        Raises
        ------
        FileFormatError
            If the file cannot be understood; the message names the place.
        """
        raise NotImplementedError

    def trajectories_of(self, regions: "Iterable[Region]" = ()) -> pd.DataFrame:
        """Trajectories, as far as they are needed: all, unless the source is streamed.

        Parameters
        ----------
        regions
            What is going to be cut out of them, beside regions that were asked for before.
        """
        return self.dataframe

    def _typical(self) -> pd.DataFrame:
        """Trajectories that tell what the others are like: all that are in memory."""
        return self.trajectories_of()

    def known_trajectories(self, regions: "Iterable[Region]" = ()) -> pd.DataFrame | None:
        """Give :meth:`trajectories_of` these regions; None where they cannot be read any more."""
        try:
            return self.trajectories_of(regions)
        except (TramwayError, OSError):
            return None

    def join(self, collection: "SPTData") -> None:
        """Become part of a collection, whose settings hold where there is no own one."""
        self._collection = collection

    @property
    def collection(self) -> "SPTData | None":
        """The collection it is part of."""
        return self._collection

    def unset(self, name: str) -> None:
        """Drop the own value of a setting."""
        self._own.pop(name, None)

    @property
    def own_settings(self) -> Mapping[str, Any]:
        """Settings that the source has its own values of."""
        return self._own

    def _set(self, name: str, value: Any) -> None:
        self._own[name] = SETTINGS[name](name, value)

    def _setting(self, name: str) -> Any:
        common = self._collection.common_settings if self._collection is not None else {}
        return self._own.get(name, common.get(name))

    def _recorded(self, name: str) -> Any:
        """Tell what the data themselves say about a setting; None: nothing."""
        return None

    @property
    def localization_precision(self) -> float | str | None:
        """Standard deviation σ of one localized coordinate, µm; None where it is not known.

        Where each localization has its own, the name of the column; by default a column
        ``localization_precision``, if there is one. In the unit of length of the data, like
        coordinates.
        """
        precision: float | str | None = self._setting("localization_precision")
        if precision is None:
            precision = precision_of_error(self._recorded("localization_error"))
        if precision is None and PRECISION_COLUMN in self._typical():
            precision = PRECISION_COLUMN
        return precision

    @localization_precision.setter
    def localization_precision(self, value: float | str | None) -> None:
        self._set("localization_precision", value)
        if isinstance(value, int | float):
            check_precision(value, "`localization_precision`")

    @property
    def _precision_column(self) -> str | None:
        precision = self._setting("localization_precision")
        return precision if isinstance(precision, str) else None

    @property
    def imaging(self) -> Imaging:
        """What the inference is told of noise and blur."""
        return Imaging.of(self.localization_precision, self.exposure_time)

    @property
    def exposure_time(self) -> float:
        """Time that a localization averages over, s; 0 by default: no motion blur."""
        return self._setting("exposure_time") or 0.0

    @exposure_time.setter
    def exposure_time(self, value: float | None) -> None:
        self._set("exposure_time", value)

    @property
    def frame_interval(self) -> float | None:
        """Time between frames, s; by default, the median time step within tracks.

        Where the source is streamed, within those that visit regions. None if it is not set, and no
        track has two localizations.
        """
        interval: float | None = self._setting("frame_interval")
        if interval is None:
            interval = self._recorded("frame_interval")
        if interval is None:
            data = self._typical()
            steps = np.diff(data["t"].to_numpy())[np.diff(data["n"].to_numpy()) == 0]
            interval = float(np.median(steps)) if steps.size else None
        return interval

    @frame_interval.setter
    def frame_interval(self, value: float | None) -> None:
        self._set("frame_interval", value)

    dt = time_step = frame_interval

    @property
    def temperature(self) -> float | None:
        """Of the sample, K; None where it is not said. Energies are in kT, whatever it is."""
        value: float | None = self._setting("temperature")
        return value

    @temperature.setter
    def temperature(self, value: Any) -> None:
        self._set("temperature", value)

    @property
    def logger(self) -> logging.Logger:
        """That of the analyzer."""
        analyzer = None if self._collection is None else self._collection._analyzer
        return logging.getLogger("tramway.analyzer") if analyzer is None else analyzer.logger
