"""What a collection of one source has of that source."""

import os
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.analyzer.source import Source
from tramway.errors import InvalidInputError
from tramway.files import Analysis

if TYPE_CHECKING:
    from tramway.analyzer.trajectory_plots import TrajectoryPlots


class OnlySource:
    """A collection of one source can be used like that source."""

    _sources: tuple[Source, ...]

    def _only(self, name: str) -> Source:
        if len(self._sources) != 1:
            raise InvalidInputError(
                f"`{name}` is that of a single source, here are {len(self._sources)}: use "
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
