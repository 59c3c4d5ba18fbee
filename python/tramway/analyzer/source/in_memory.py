"""What is in memory as a source of trajectories: a table, or an analysis tree."""

import warnings

import numpy as np
import pandas as pd

from tramway.data import check_trajectories
from tramway.errors import DataQualityWarning, InvalidInputError
from tramway.files import Analysis

from .source import Source


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
        self._data = check_trajectories(data) if len(data) else _without_rows(data)
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


def _without_rows(data: pd.DataFrame) -> pd.DataFrame:
    """Take a table without localizations, which scripts begin with, with a warning."""
    warnings.warn(
        "the table of trajectories has no row: there is nothing to analyse in it",
        DataQualityWarning,
        stacklevel=2,
    )
    columns = ["n", *(name for name in data.columns if name not in ("n", "t")), "t"]
    return data.reindex(columns=columns).astype(np.float64).astype({"n": np.int64})


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
