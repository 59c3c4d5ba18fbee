"""A collection of sources of trajectories."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.analyzer.roi import Collections, Definition
from tramway.analyzer.selection import Selection, in_order, selects
from tramway.analyzer.source import RWAFile, RWAnalyses, Source, SPTAsciiFile, SPTDataFrame
from tramway.analyzer.source.tracking_file import is_zarr, source_of
from tramway.display import html_table
from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis

from .common_settings import CommonSettings
from .file_patterns import Patterns, existing_file, matching_files
from .only_source import OnlySource

if TYPE_CHECKING:
    from tramway.analyzer.check import Checks


_SHOWN, _SHOWN_AS_TABLE = 3, 20
"""Numbers of sources that displays name."""


class SPTData(OnlySource, CommonSettings):
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
        super().__init__()
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
        self._adopt([SPTAsciiFile(existing_file(path))])
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
        self._adopt(SPTAsciiFile(path) for path in matching_files(filepattern))
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
        paths = matching_files(filepattern, is_wanted=lambda path: path.is_file() or is_zarr(path))
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
        self._adopt([RWAFile(existing_file(path))])
        self._filepattern = path

    def from_rwa_files(self, filepattern: Patterns) -> None:
        """Take the trajectories and analyses of ``.rwa`` files; see :meth:`from_ascii_files`."""
        self._adopt(RWAFile(path) for path in matching_files(filepattern))
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
            Which; those of space and time by default.
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
