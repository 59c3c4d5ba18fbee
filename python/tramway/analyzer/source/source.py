"""One source of trajectories: a file or a table, its settings, and what was made of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.analyzer.roi import ROI, Collections, Definition, SourceROI
from tramway.analyzer.selection import selects
from tramway.attributes import text
from tramway.errors import InvalidInputError, MissingResultError
from tramway.files import Analysis, commit_as_analysis, read_rwa, save_rwa

from .table import SourceTable

if TYPE_CHECKING:
    from tramway.analyzer.images.stack import ImageStack


class Source(SourceTable):
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
        super().__init__()
        self._name = name
        self._alias: str | None = None
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

    streaming: bool = False
    """Whether only tracks that visit regions are kept in memory, not the whole file."""

    @property
    def is_summed(self) -> bool:
        """Whether all of it is one region, of which only sums over cells are in memory."""
        return False

    # regions and images

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
            without the extension. Of one movie and one source it need not be.

        Raises
        ------
        MissingResultError
            If there is none, or there are several.
        """
        analyzer = None if self._collection is None else self._collection._analyzer
        if analyzer is None:
            raise MissingResultError(f"{self.source} belongs to no analyzer, which has the images")
        if match is None and len(analyzer.images) == len(analyzer.spt_data) == 1:
            return next(iter(analyzer.images))
        return analyzer.images.of_source(match or self.alias or Path(self._name).stem)

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
                if not self.streaming:
                    self._tree.find_data = lambda: self.dataframe
            self._tree.rwa_file = path
        self._tree.find_trajectories = self.known_trajectories
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
            hint = (
                "; declare the regions as the script did that made them, or take those of the "
                "file: a.roi.from_dedicated_rwa_records()"
            ) * bool(len(tree))
            path = self.rwa_file
            if path is not None and self._file_state is not None and not path.exists():
                hint = (
                    f"; '{path}', in which the results were, is not there any more: was it moved?"
                )
            raise MissingResultError(f"{self.source}: {error}{hint}") from None
        return found[0] if unique else found

    def add_sampling(
        self, sampling: Any, label: str | int | None = None, comment: str | None = None
    ) -> Analysis:
        """Add a sampling to the tree, under the first free number by default."""
        return commit_as_analysis(label, sampling, self, comment)

    def save(self, datafile: str | None = None) -> list[str]:
        """Write the analysis tree to the ``.rwa`` file beside the data, merging with what it holds.

        Parameters
        ----------
        datafile
            Path of the data file, as the ``.rwa`` file is to name it; that of the source by
            default.

        Returns
        -------
        list of str
            What was kept or replaced.
        """
        path = self.rwa_file
        if path is None:
            return []
        tree = self.analyses
        if not self.streaming:  # the file of data is all there is of these
            tree.data = self._annotated_data()
        if self.filepath is not None:
            tree.metadata["datafile"] = datafile or self.filepath
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
        if not self.streaming and tree.data is None:
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

    @property
    def is_untouched(self) -> bool:
        """Whether neither tree nor trajectories are in memory: they are what the files say."""
        return not self.is_loaded

    def forget_tree(self) -> None:
        """Forget the analysis tree, where it is in a file: it is read when it is asked for."""
        if self.rwa_file is not None:
            self._tree = None

    def note_saved(self) -> None:
        """Take note that another process has saved what was made: it is read when it is asked for.

        If somebody moves the file before, errors tell.
        """
        self.forget_tree()
        path = self.rwa_file
        if path is not None and path.exists():
            self._file_state = _file_state(path)

    def release(self) -> None:
        """Forget what is in files: it is read again when it is asked for."""
        self.forget_tree()

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

    def _annotated_data(self) -> pd.DataFrame | None:
        """Give the data, with what is known about them where ``.rwa`` files keep it, if any."""
        data = self.dataframe.copy(deep=False)
        for name in ("frame_interval", "localization_error"):
            value = getattr(self, name)
            if value is not None:
                data.attrs[name] = value
        return data


def _file_state(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_ino
