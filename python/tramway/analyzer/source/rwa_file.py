"""A ``.rwa`` file as a source of trajectories."""

from pathlib import Path
from typing import Any

import pandas as pd

from tramway.data import check_trajectories
from tramway.errors import MissingResultError

from .source import Source


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

    def _annotated_data(self) -> pd.DataFrame | None:
        return None if self.analyses.data is None else super()._annotated_data()

    def _recorded(self, name: str) -> Any:
        return None if self.analyses.data is None else self.analyses.data.attrs.get(name)
