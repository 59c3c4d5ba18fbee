"""A collection of sources of trajectories."""

import glob
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from tramway.analyzer.attribute import AnalyzerAttribute
from tramway.analyzer.roi import Collections, Definition
from tramway.analyzer.selection import Selection, in_order, selects
from tramway.analyzer.source import (
    SETTINGS,
    LocalizationNoise,
    RWAFile,
    RWAnalyses,
    Source,
    SPTAsciiFile,
    SPTDataFrame,
)
from tramway.analyzer.source.tracking_file import SPTFile, is_zarr, source_of
from tramway.data import check_precision
from tramway.display import html_table
from tramway.errors import DisagreementError, InvalidInputError, MissingResultError
from tramway.files import Analysis

if TYPE_CHECKING:
    from tramway.analyzer.check import Checks
    from tramway.analyzer.trajectory_plots import TrajectoryPlots

Patterns: TypeAlias = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""Path or pattern (``*``, ``?``, ``[...]``, ``**``), or several; ``~`` is the home folder."""


_SHOWN, _SHOWN_AS_TABLE = 3, 20
"""Numbers of sources that displays name."""


class SPTData(LocalizationNoise, AnalyzerAttribute):
    """A collection of sources of trajectories, in the order of their paths.

    A setting of the collection is that of every source; a source can then be given its own.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data.from_dataframe(movie)
    >>> a.spt_data.localization_precision = 0.01  # µm
    >>> a.spt_data.frame_interval
    0.02
    >>> len(a.spt_data)
    1
    """

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self._common: dict[str, Any] = {}
        self._alias: Callable[[str], str] | None = None
        self._filepattern: Patterns | None = None
        self._adopt(sources)

    def _adopt(self, sources: Iterable[Source]) -> None:
        self._sources = tuple(sources)
        for source in self._sources:
            source.join(self)
            if self._alias is not None:
                source.alias = self._alias(source.source)

    # initialisers

    def from_ascii_file(self, path: str | os.PathLike[str]) -> None:
        """Take the trajectories of one text file.

        See :meth:`from_ascii_files`, which takes several.
        """
        self._adopt([SPTAsciiFile(_existing_file(path))])
        self._filepattern = path

    def from_ascii_files(self, filepattern: Patterns) -> None:
        """Take the trajectories of text files: columns ``n x y t``, or as a header line says.

        Parameters
        ----------
        filepattern
            Path or pattern (``data/*.txt``; ``data/**/*.txt`` for sub-folders), or a list of them.
            The files are listed at once, and read when their data are first needed.

        Raises
        ------
        InvalidInputError
            If a pattern matches no file.
        """
        self._adopt(SPTAsciiFile(path) for path in _matching_files(filepattern))
        self._filepattern = filepattern

    def from_files(self, filepattern: Patterns, format: str | None = None, **options: Any) -> None:
        """Take the trajectories of files of any tracking program that there is a reader for.

        Their units have to be known: where the files do not say them, `pixel_size` and
        `frame_interval`, or `coord_scale`. What was understood is told by :meth:`check`.

        Parameters
        ----------
        filepattern
            Path or pattern, or a list of them, as for :meth:`from_ascii_files`.
        format
            Name of the reader, as ``'trackmate'``; None: each file as its content says.
        options
            Options of that reader, as ``columns={"n": "molecule"}`` of ``'csv'``.

        Raises
        ------
        InvalidInputError
            If a pattern matches no file.
        """
        paths = _matching_files(filepattern, is_wanted=lambda path: path.is_file() or is_zarr(path))
        self._adopt([source_of(path, format, options) for path in paths])
        self._filepattern = filepattern

    def from_dataframe(self, df: pd.DataFrame) -> None:
        """Take the trajectories of one table: columns ``n x y [z] t``, in µm and s."""
        self.from_dataframes([df])

    def from_dataframes(self, dfs: Sequence[pd.DataFrame]) -> None:
        """Take the trajectories of several tables, named ``dataframe 0``, ``dataframe 1``, ….

        Raises
        ------
        InvalidInputError
            If they are not tables of trajectories, or differ in their columns.
        """
        if not all(isinstance(df, pd.DataFrame) for df in dfs):
            raise InvalidInputError("`dfs` is not a list of DataFrames")
        if len({tuple(df.columns) for df in dfs}) > 1:
            columns = "; ".join(" ".join(map(str, df.columns)) for df in dfs)
            raise InvalidInputError(f"the tables differ in their columns: {columns}")
        self._adopt(SPTDataFrame(df, f"dataframe {rank}") for rank, df in enumerate(dfs))

    def from_rwa_file(self, path: str | os.PathLike[str]) -> None:
        """Take the trajectories and analyses of one ``.rwa`` file."""
        self._adopt([RWAFile(_existing_file(path))])
        self._filepattern = path

    def from_rwa_files(self, filepattern: Patterns) -> None:
        """Take the trajectories and analyses of ``.rwa`` files; see :meth:`from_ascii_files`."""
        self._adopt(RWAFile(path) for path in _matching_files(filepattern))
        self._filepattern = filepattern

    def from_mat_files(self, filepattern: Patterns) -> None:
        """Take the trajectories of MATLAB files; see :meth:`from_files`."""
        self.from_files(filepattern)

    from_mat_file = from_mat_files

    def from_analysis_tree(self, tree: Analysis, copy: bool = False) -> None:
        """Take the trajectories at the root of an analysis tree, and what is below it.

        Parameters
        ----------
        tree
            The tree.
        copy
            Whether what is made is added to a copy of it.
        """
        self._adopt([RWAnalyses(deepcopy(tree) if copy else tree)])

    def add_tracked_data(self, trajectories: pd.DataFrame, filepath: str | None = None) -> None:
        """Add a table of trajectories, as ``a.tracker.track(…, register=True)`` does.

        Parameters
        ----------
        trajectories
            Columns ``n x y [z] t``, in µm and s.
        filepath
            Name of the source; ``dataframe 0``, … by default.
        """
        name = f"dataframe {len(self)}" if filepath is None else os.fspath(filepath)
        if name in (source.source for source in self):
            raise InvalidInputError(f"there is a source '{name}' already: give another name")
        self._adopt([*self._sources, SPTDataFrame(trajectories, name)])

    # the collection

    @property
    def common_regions(self) -> Definition | Collections | None:
        """How regions are defined for all sources; None: they are not."""
        return None if self._analyzer is None else self._analyzer.roi.definition

    @property
    def initialized(self) -> bool:
        """Whether there is any source."""
        return bool(self._sources)

    reified = initialized

    def __iter__(self) -> Iterator[Source]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, index: int) -> Source:
        return self._sources[index]

    @property
    def files(self) -> list[Source]:
        """The sources, as a list."""
        return list(self._sources)

    @property
    def filepaths(self) -> list[str]:
        """Paths of the data files."""
        return [source.filepath for source in self if source.filepath is not None]

    @property
    def dataframes(self) -> list[pd.DataFrame]:
        """Trajectories of every source."""
        return [source.dataframe for source in self]

    def as_dataframes(
        self, source: Selection[str] | None = None, return_index: bool = False
    ) -> Iterator[Any]:
        """Iterate over the trajectories of sources.

        Parameters
        ----------
        source
            Which; all by default, see :meth:`filter_by_source`.
        return_index
            Whether to give (number, table) pairs.
        """
        wanted = list(self) if source is None else self.filter_by_source(source)
        for number, item in enumerate(self):
            if item in wanted:
                yield (number, item.dataframe) if return_index else item.dataframe

    @property
    def filepattern(self) -> Patterns | None:
        """Path or pattern that the files were listed by; None where there are no files."""
        return self._filepattern

    @property
    def bounds(self) -> pd.DataFrame:
        """Rows ``min`` and ``max`` of each column over all sources: track numbers, µm, s."""
        return pd.concat([source.bounds for source in self]).agg(["min", "max"])

    @property
    def logger(self) -> logging.Logger:
        """That of the analyzer."""
        if self._analyzer is None:
            return logging.getLogger("tramway.analyzer")
        return self._analyzer.logger

    def reset_origin(self, columns: Sequence[str] | None = None, same_origin: bool = False) -> None:
        """Let coordinates begin at zero.

        Parameters
        ----------
        columns
            Which; those of space by default.
        same_origin
            Whether it is one zero for all sources; each has its own otherwise.
        """
        for source in self:
            source.reset_origin(columns)
        if same_origin:
            origins = [source.origin or {} for source in self]
            for source in self:
                source.origin = {
                    name: min(origin[name] for origin in origins) for name in origins[0]
                }

    def set_precision(self, precision: Any) -> None:
        """Accept a precision of numbers; see :meth:`Source.set_precision`."""
        for source in self:
            source.set_precision(precision)

    def discard_static_trajectories(
        self, dataframe: pd.DataFrame | None = None, min_msd: float | None = None
    ) -> pd.DataFrame:
        """Leave out translocations shorter than noise; see :class:`Source`."""
        source = self._only("discard_static_trajectories()") if dataframe is None else self[0]
        return source.discard_static_trajectories(dataframe, min_msd)

    @property
    def aliases(self) -> list[str | None]:
        """Alias of every source."""
        return [source.alias for source in self]

    def filter_by_source(self, source: Selection[str]) -> list[Source]:
        """Choose sources by path or alias: one, several, or those for which a function is true.

        Several come in the order of the collection, if it has one.
        """
        chosen = [item for one in in_order(source) for item in self if matches_source(item, one)]
        if isinstance(source, str) and not chosen:
            raise MissingResultError(
                f"no source {source!r} among {', '.join(item.source for item in self) or 'none'}"
            )
        return chosen

    def check(self) -> "Checks":
        """Read every source and tell what it is like: counts, units, noise, what cells suit it.

        Returns
        -------
        Checks
            A list with one :class:`~tramway.analyzer.check.SourceCheck` per source, which prints as
            text; what cannot be read is said there, not raised.
        """
        from tramway.analyzer.check import Checks, check_source

        return Checks(check_source(source) for source in self)

    def reload_from_rwa_files(self, skip_missing: bool = False) -> None:
        """Read the ``.rwa`` files beside the data again, where they were changed by others.

        Raises
        ------
        MissingResultError
            If a source has none, unless `skip_missing`.
        """
        missing = [source.source for source in self if not source.reload()]
        if missing and not skip_missing:
            raise MissingResultError(
                f"no .rwa file beside {', '.join(missing)}: run the pipeline first, or reload with "
                "skip_missing=True"
            )

    # a collection of one source can be used like that source

    def _only(self, name: str) -> Source:
        if len(self) != 1:
            raise InvalidInputError(
                f"`{name}` is that of a single source, here are {len(self)}: use "
                f"[f.{name} for f in a.spt_data]"
            )
        return self._sources[0]

    @property
    def source(self) -> str:
        """Identity of the only source."""
        return self._only("source").source

    @property
    def filepath(self) -> str | None:
        """Path of the only source."""
        return self._only("filepath").filepath

    @property
    def dataframe(self) -> pd.DataFrame:
        """Trajectories of the only source."""
        return self._only("dataframe").dataframe

    @property
    def analyses(self) -> Analysis:
        """Analysis tree of the only source."""
        return self._only("analyses").analyses

    def get_sampling(self, label: str | int | None = None) -> Analysis:
        """Give a sampling of the only source; see :meth:`Source.get_sampling`."""
        found: Analysis = self._only("get_sampling()").get_sampling(label)
        return found

    def autosaving(self, overwrite: bool = True) -> AbstractContextManager[Analysis]:
        """Context that gives the tree of the only source, and saves it in the end."""
        return self._only("autosaving()").autosaving(overwrite)

    def to_ascii_file(self, filepath: str | os.PathLike[str], **options: Any) -> None:
        """Write the trajectories of the only source as text; see :meth:`Source.to_ascii_file`."""
        self._only("to_ascii_file()").to_ascii_file(filepath, **options)

    @property
    def mpl(self) -> "TrajectoryPlots":
        """Pictures of the trajectories of the only source."""
        return self._only("mpl").mpl

    # settings of all sources

    @property
    def common_settings(self) -> Mapping[str, Any]:
        """Settings that were made for all sources at once, and how the analyzer links tracks."""
        tracker = None if self._analyzer is None else self._analyzer.tracker
        if tracker is None or tracker.linking is None:
            return self._common
        return {**self._common, "linking": tracker.linking}

    def _broadcast(self, name: str, value: Any) -> None:
        self._common[name] = SETTINGS[name](name, value)
        for source in self:
            source.unset(name)

    def _shared(self, name: str) -> Any:
        """Value of a setting that all sources agree on."""
        if not self._sources:
            return self._common.get(name)
        values = {source: getattr(source, name) for source in self}
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
        self._require_text_files("columns")
        names: tuple[str, ...] | None = self._shared("columns")
        return names

    @columns.setter
    def columns(self, value: Sequence[str] | None) -> None:
        self._require_text_files("columns")
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
        if not all(isinstance(source, (SPTAsciiFile, *others)) for source in self):
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
        if not all(isinstance(source, SPTFile | RWAFile) for source in self):
            raise InvalidInputError(
                "only files of `from_files` have `pixel_size`: for text files, set `coord_scale`"
            )
        self._broadcast("pixel_size", value)

    @property
    def linking(self) -> Mapping[str, Any] | None:
        """How localizations without tracks are linked; set it with ``a.tracker``."""
        return self.common_settings.get("linking")

    @linking.setter
    def linking(self, value: Mapping[str, Any] | None) -> None:
        self._broadcast("linking", value)

    @property
    def alias(self) -> Callable[[str], str] | None:
        """Function that makes an alias of each path; see `aliases` for what it makes."""
        return self._alias

    @alias.setter
    def alias(self, value: Callable[[str], str]) -> None:
        if not callable(value):
            raise InvalidInputError(
                f"`alias` is {value!r}, expected a function that makes an alias of a path"
            )
        self._alias = value
        self._adopt(self._sources)

    def __repr__(self) -> str:
        shown = [source.source for source in self._sources[:_SHOWN]]
        more = len(self) - len(shown)
        names = ", ".join([*shown, f"and {more} more"] if more else shown)
        settings = "".join(f"; {name}={value!r}" for name, value in self._common.items())
        return f"<SPTData: {names or 'no source'}{settings}>"

    def _repr_html_(self) -> str:
        if not self._sources:
            return "<p>no data: <code>a.spt_data.from_ascii_files('*.txt')</code></p>"
        settings = html_table((name, repr(value)) for name, value in self._common.items())
        rows = [
            (rank, source.source, source.alias or "", dict(source.own_settings) or "")
            for rank, source in enumerate(self._sources[:_SHOWN_AS_TABLE])
        ]
        more = len(self) - len(rows)
        rest = f"<p>and {more} more</p>" if more else ""
        table = html_table(rows, ("", "source", "alias", "settings of its own"))
        return f"<p>{len(self)} sources</p>{settings if self._common else ''}{table}{rest}"


def matches_source(item: Source, source: Selection[str]) -> bool:
    """Whether a source is selected by its path or by its alias."""
    if isinstance(source, str):
        source = os.path.normpath(Path(source).expanduser())
    names = [item.source] if item.alias is None else [item.alias, item.source]
    return any(selects(source, name) for name in names)


def _existing_file(path: str | os.PathLike[str]) -> str:
    expanded = Path(path).expanduser()
    if not expanded.is_file():
        raise InvalidInputError(f"no such file: {expanded} (working directory {Path.cwd()})")
    return str(expanded)


def _matching_files(
    patterns: Patterns, is_wanted: Callable[[Path], bool] = Path.is_file
) -> list[str]:
    """Files that the patterns match, each once, in alphabetical order."""
    if isinstance(patterns, str | os.PathLike):
        patterns = [patterns]
    found: set[str] = set()
    for pattern in patterns:
        expanded = Path(pattern).expanduser()
        # A name with brackets in it is a name before it is a pattern.
        is_name = is_wanted(expanded)
        names = [str(expanded)] if is_name else glob.glob(str(expanded), recursive=True)  # noqa: PTH207
        matching = [name for name in names if is_wanted(Path(name))]
        if not matching:
            raise InvalidInputError(
                f"no file matches '{os.fspath(pattern)}' (working directory {Path.cwd()})"
            )
        found.update(map(os.path.normpath, matching))
    if not found:
        raise InvalidInputError("`filepattern` is empty, expected a path, a pattern or a list")
    return sorted(found)
