"""One source of trajectories: a file or a table, its settings, and what was made of it."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from tramway.attributes import (
    Check,
    StrictAttributes,
    finite,
    non_negative,
    optional,
    positive,
    text,
)
from tramway.data import (
    PRECISION_COLUMN,
    check_precision,
    check_trajectories,
    read_trajectories,
)
from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis, commit_as_analysis, read_rwa, save_rwa

from .roi import ROI, Collections, Definition, SourceROI
from .selection import selects
from .source_table import SourceTable

if TYPE_CHECKING:
    from .images import ImageStack
    from .spt_data import SPTData


class Imaging(NamedTuple):
    """What the inference is told of how localizations came about.

    Attributes
    ----------
    localization_precision
        Standard deviation of one coordinate, µm; ``'column'``: each localization has its own.
    exposure_time
        Time that a localization averages over, s.
    """

    localization_precision: float | Literal["column"]
    exposure_time: float

    @classmethod
    def of(cls, localization_precision: float | str | None, exposure_time: float) -> "Imaging":
        """Take settings of the data: maybe the name of a column; what is not known is zero."""
        if isinstance(localization_precision, str):
            return cls("column", exposure_time)
        return cls(localization_precision or 0.0, exposure_time)


def column_names(name: str, value: Any) -> tuple[str, ...] | None:
    """Check names of the columns of a file; None: as its header says."""
    if value is None:
        return None
    if isinstance(value, str) or not all(isinstance(column, str) for column in value):
        raise InvalidInputError(f"`{name}` is {value!r}, expected names, as ['n', 'x', 'y', 't']")
    return tuple(value)


def named_values(name: str, value: Any) -> dict[str, Any]:
    """Check values by name."""
    if not (isinstance(value, Mapping) and all(isinstance(key, str) for key in value)):
        raise InvalidInputError(f"`{name}` is {value!r}, expected values by name")
    return dict(value)


def optional_precision(name: str, value: Any) -> float | str | None:
    """Check a localization precision, µm, or the name of a column; None: it is not known."""
    if isinstance(value, str):
        if not value or value.replace(".", "", 1).isdigit():
            raise InvalidInputError(
                f"`{name}` is the text {value!r}, expected a number, or the name of a column"
            )
        return value
    return None if value is None else non_negative(name, value)


def optional_interval(name: str, value: Any) -> float | None:
    """Check a frame interval, s; None: as the data say."""
    return None if value is None else positive(name, value)


def kelvin(name: str, value: Any) -> float:
    """Check for a temperature: a number, K, or with its unit, as ``(25, 'C')``."""
    number, unit = (value, "K") if np.isscalar(value) else value
    to_kelvin = {
        "K": lambda degrees: degrees,
        "C": lambda degrees: degrees + 273.15,
        "F": lambda degrees: (degrees - 32) / 1.8 + 273.15,
    }
    if unit not in to_kelvin:
        raise InvalidInputError(f"`{name}` is in {unit!r}, expected 'K', 'C' or 'F'")
    return positive(name, to_kelvin[unit](finite(name, number)))


SETTINGS: dict[str, Check] = {
    "localization_precision": optional_precision,
    "frame_interval": optional_interval,
    "exposure_time": optional(non_negative),
    "columns": column_names,
    "coord_scale": positive,
    "pixel_size": optional(positive),
    "format": optional(text),
    "reader_options": named_values,
    "linking": optional(named_values),
    "time_scale": positive,
    "temperature": optional(kelvin),
    "origin": optional(named_values),
}
"""Settings of a source, which can also be set for all sources at once."""


class LocalizationNoise:
    """The variance that belongs to a localization precision, for whatever has one."""

    localization_precision: float | str | None

    @property
    def localization_error(self) -> float | None:
        """Variance σ² of one localized coordinate, µm²; None where it is not known, or not one."""
        precision = self.localization_precision
        return None if precision is None or isinstance(precision, str) else precision**2

    @localization_error.setter
    def localization_error(self, value: float | None) -> None:
        self.localization_precision = precision_of_error(value)


class Source(LocalizationNoise, SourceTable, StrictAttributes):
    """Trajectories of one file or table, and the analysis tree that hangs on them.

    A setting that the source has no value of its own for is that of the whole collection.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data.from_dataframe(movie)
    >>> f = first(a.spt_data)
    >>> len(f.dataframe), f.frame_interval
    (4000, 0.02)
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._alias: str | None = None
        self._collection: SPTData | None = None
        self._own: dict[str, Any] = {}
        self._tree: Analysis | None = None
        self._file_state: tuple[int, int] | None = None
        self._roi = SourceROI(self)

    # what it is

    @property
    def source(self) -> str:
        """Path of the data file, or the name given to a table: the identity of the source."""
        return self._name

    @property
    def filepath(self) -> str | None:
        """Path of the data file; None for a table."""
        return self._name

    @property
    def alias(self) -> str | None:
        """Another name to choose the source by."""
        return self._alias

    @alias.setter
    def alias(self, value: str | None) -> None:
        self._alias = None if value is None else text("alias", value)

    @property
    def rwa_file(self) -> Path | None:
        """Where the analysis tree is saved: ``<name>.rwa`` beside the data; None for a table."""
        return Path(self._name).with_suffix(".rwa")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name}>"

    # settings

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
        if precision is None and PRECISION_COLUMN in self.dataframe:
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

        None if it is not set, and no track has two localizations.
        """
        interval: float | None = self._setting("frame_interval")
        if interval is None:
            interval = self._recorded("frame_interval")
        if interval is None:
            data = self.dataframe
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

    # data

    @property
    def dataframe(self) -> pd.DataFrame:
        """Trajectories: columns ``n x y [z] t`` and what else the file has, in µm and s.

        Raises
        ------
        FileFormatError
            If the file cannot be understood; the message names the place.
        """
        raise NotImplementedError

    @property
    def common_regions(self) -> Definition | Collections | None:
        """How regions are defined for all sources of the analyzer; None: they are not."""
        return None if self._collection is None else self._collection.common_regions

    @property
    def roi(self) -> SourceROI:
        """Regions of interest of this source."""
        return self._roi

    @roi.setter
    def roi(self, value: ROI | None) -> None:
        if not (value is None or isinstance(value, ROI)):
            raise InvalidInputError(f"`roi` is {value!r}, expected what the module `roi` makes")
        self._roi.definition = None if value is None else value.definition

    def get_image(self, match: str | None = None) -> "ImageStack":
        """Find the movie of this source among ``a.images``.

        Parameters
        ----------
        match
            What the name of its file contains; the alias of the source by default, or its own name
            without the extension.

        Raises
        ------
        MissingResultError
            If there is none, or there are several.
        """
        analyzer = None if self._collection is None else self._collection._analyzer
        if analyzer is None:
            raise MissingResultError(f"{self.source} belongs to no analyzer, which has the images")
        return analyzer.images.of_source(match or self.alias or Path(self._name).stem)

    @property
    def static_threshold(self) -> float:
        """Mean square displacement below which a translocation counts as static: σ², µm²."""
        variance = self.localization_error
        if variance is None:
            raise InvalidInputError(
                "static translocations are those that localization noise explains: set "
                "a.spt_data.localization_precision to a number first"
            )
        return variance

    # what was made of it

    @property
    def analyses(self) -> Analysis:
        """Analysis tree: read from the ``.rwa`` file beside the data if there is one, else new.

        Raises
        ------
        FileFormatError
            If there is such a file but it cannot be read.
        """
        if self._tree is None:
            path = self.rwa_file
            if path is not None and path.exists():
                self._file_state = _file_state(path)
                self._tree = read_rwa(path)
            else:
                self._tree = Analysis()
            self._tree.rwa_file = path
        return self._tree

    @analyses.setter
    def analyses(self, tree: Analysis) -> None:
        self._tree = tree

    @property
    def subtree(self) -> Analysis:
        """Same as `analyses`."""
        return self.analyses

    def get_sampling(self, label: Any = None, unique: bool = True) -> Any:
        """Node of the tree that holds a sampling; the only one where no label is given.

        Parameters
        ----------
        label
            Its label; several of which one is there, or a function that is true for it.
        unique
            Whether it has to be one; else a list of them is returned.

        Raises
        ------
        MissingResultError
            If there is none; the message lists the labels there are.
        """
        tree = self.analyses
        labels = [label]
        if callable(label) or not (label is None or isinstance(label, str | int)):
            labels = [known for known in tree if selects(label, known)]
            if unique and len(labels) != 1:
                raise MissingResultError(
                    f"{self.source}: {len(labels)} samplings are selected of {tree.labels}, "
                    "expected one"
                )
        try:
            found = [tree.get_child(one) for one in labels]
        except MissingResultError as error:
            raise MissingResultError(f"{self.source}: {error}") from None
        return found[0] if unique else found

    def add_sampling(
        self, sampling: Any, label: str | int | None = None, comment: str | None = None
    ) -> Analysis:
        """Add a sampling to the tree, under the first free number by default."""
        return commit_as_analysis(label, sampling, self, comment)

    def save(self) -> list[str]:
        """Write the analysis tree to the ``.rwa`` file beside the data, merging with what it holds.

        Returns
        -------
        list of str
            What was kept or replaced.
        """
        path = self.rwa_file
        if path is None:
            return []
        tree = self.analyses
        tree.data = self._annotated_data()
        if self.filepath is not None:
            tree.metadata["datafile"] = self.filepath
        notes = save_rwa(path, tree)
        self._file_state = _file_state(path)
        return notes

    @contextmanager
    def autosaving(self, overwrite: bool = True) -> Iterator[Analysis]:
        """Context that gives the analysis tree and saves it in the end, also after an error.

        Parameters
        ----------
        overwrite
            Accepted for existing scripts: what is in the file already is kept in any case.
        """
        tree = self.analyses
        tree.autosave = True
        if tree.data is None:
            tree.data = self.dataframe
        try:
            yield tree
        finally:
            tree.autosave = False
            self.save()

    @property
    def is_loaded(self) -> bool:
        """Whether the analysis tree is in memory, where it can have been changed."""
        return self._tree is not None

    def release(self) -> None:
        """Forget what is in files: it is read again when it is asked for."""
        if self.rwa_file is not None:
            self._tree = None

    def reload(self) -> bool:
        """Read the tree again if its file was changed by others since it was last read or written.

        Returns
        -------
        bool
            Whether there is a file.
        """
        path = self.rwa_file
        if path is None or not path.exists():
            return False
        if self._file_state != _file_state(path):
            self._tree = None
        return True

    def _annotated_data(self) -> pd.DataFrame:
        """Give the data, with what is known about them where ``.rwa`` files keep it."""
        data = self.dataframe.copy(deep=False)
        for name in ("frame_interval", "localization_error"):
            value = getattr(self, name)
            if value is not None:
                data.attrs[name] = value
        return data


class SPTAsciiFile(Source):
    """Text file of trajectories, read when its data are first needed."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._loaded: tuple[tuple[Any, ...], pd.DataFrame] | None = None

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Names of the columns of the file; None: as its header says, or ``n x y t``."""
        names: tuple[str, ...] | None = self._setting("columns")
        return names

    @columns.setter
    def columns(self, value: list[str] | None) -> None:
        self._set("columns", value)

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

    def release(self) -> None:
        """Forget what is in files: it is read again when it is asked for."""
        super().release()
        self._loaded = None

    @property
    def dataframe(self) -> pd.DataFrame:
        """Trajectories of the file."""
        how = (self.columns, self.coord_scale, self._precision_column, self.time_scale)
        if self._loaded is None or self._loaded[0] != how:
            self._loaded = (how, read_trajectories(self._name, *how))
        return self._moved(self._loaded[1])


class SourceInMemory(Source):
    """Source without a file: nothing is written for it, what is made of it is in ``analyses``."""

    @property
    def filepath(self) -> None:
        """None: there is no file."""
        return None

    @property
    def rwa_file(self) -> None:
        """None: there is no file."""
        return None


class SPTDataFrame(SourceInMemory):
    """Table of trajectories."""

    def __init__(self, data: pd.DataFrame, name: str) -> None:
        super().__init__(name)
        self._data = check_trajectories(data)
        self._checked: tuple[str, pd.DataFrame] | None = None

    @property
    def dataframe(self) -> pd.DataFrame:
        """The table, ordered by track and time."""
        column = self._precision_column
        if column is None:
            return self._moved(self._data)
        if self._checked is None or self._checked[0] != column:
            self._checked = (column, check_trajectories(self._data, self.source, column))
        return self._moved(self._checked[1])


class RWAnalyses(SourceInMemory):
    """Analysis tree in memory, with the trajectories at its root."""

    def __init__(self, tree: object, name: str = "analysis tree") -> None:
        super().__init__(name)
        if not (isinstance(tree, Analysis) and isinstance(tree.data, pd.DataFrame)):
            raise InvalidInputError(
                f"`tree` is {tree!r:.80}, expected an Analysis with localizations at its root"
            )
        self._tree = tree

    @property
    def dataframe(self) -> pd.DataFrame:
        """Trajectories at the root of the tree."""
        return self._moved(check_trajectories(self.analyses.data, self.source))


class RWAFile(Source):
    """Analysis tree in a ``.rwa`` file, with the trajectories at its root."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._checked: tuple[pd.DataFrame, str | None, pd.DataFrame] | None = None

    @property
    def rwa_file(self) -> Path:
        """The file itself."""
        return Path(self._name)

    @property
    def dataframe(self) -> pd.DataFrame:
        """Trajectories at the root of the tree."""
        data: pd.DataFrame | None = self.analyses.data
        if data is None:
            raise MissingResultError(f"{self.source}: the file holds no localizations at its root")
        column = self._precision_column
        if self._checked is None or self._checked[0] is not data or self._checked[1] != column:
            checked = check_trajectories(data, self.source, column)
            self._checked = (data, column, checked)
        return self._moved(self._checked[2])

    def _recorded(self, name: str) -> Any:
        return None if self.analyses.data is None else self.analyses.data.attrs.get(name)


def precision_of_error(variance: Any) -> float | None:
    """Localization precision σ, µm, of a variance σ², µm²."""
    if variance is None:
        return None
    return float(np.sqrt(non_negative("localization_error", variance)))


def _file_state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_ino
