"""What can be done with the table of trajectories of a source."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from tramway.attributes import warn_without_effect
from tramway.data import discard_static
from tramway.data.text_columns import write_text_columns
from tramway.errors import InvalidInputError
from tramway.units import SPACE_COLUMNS

from .described_data import DescribedData

if TYPE_CHECKING:
    from tramway.analyzer.trajectory_plots import TrajectoryPlots

_PRECISIONS = ("half", "single", "double")


class SourceTable(DescribedData):
    """Trajectories that can be moved, thinned out, written and drawn."""

    _placed: tuple[pd.DataFrame, Any, pd.DataFrame] | None = None

    @property
    def initialized(self) -> bool:
        """True: a source has data."""
        return True

    reified = initialized

    @property
    def bounds(self) -> pd.DataFrame:
        """Rows ``min`` and ``max`` of each column: track numbers, µm, s."""
        return self.dataframe.agg(["min", "max"])

    @property
    def origin(self) -> dict[str, float] | None:
        """What is subtracted from columns, by name, µm and s; see :meth:`reset_origin`."""
        origin: dict[str, float] | None = self._setting("origin")
        return origin

    @origin.setter
    def origin(self, value: dict[str, float] | None) -> None:
        self._set("origin", value)

    def reset_origin(self, columns: Sequence[str] | None = None) -> None:
        """Let coordinates begin at zero.

        Parameters
        ----------
        columns
            Which; those of space and time by default.
        """
        table = self.bounds
        every = [name for name in (*SPACE_COLUMNS, "t") if name in table]
        names = every if columns is None else columns
        unknown = [name for name in names if name not in table]
        if unknown:
            raise InvalidInputError(
                f"`columns` has {unknown[0]!r}, expected some of {' '.join(map(str, table))}"
            )
        before = self.origin or {}
        low = {name: before.get(name, 0.0) + float(table[name].min()) for name in names}
        self.origin = {**before, **low}

    def _moved(self, table: pd.DataFrame) -> pd.DataFrame:
        """Subtract the origin."""
        origin = self.origin
        if not origin:
            return table
        if self._placed is None or self._placed[0] is not table or self._placed[1] != origin:
            moved = table.assign(**{name: table[name] - low for name, low in origin.items()})
            self._placed = (table, origin, moved)
        return self._placed[2]

    def set_precision(self, precision: Any) -> None:
        """Accept a precision of numbers for existing scripts: they have 64 bits in any case."""
        names = precision.values() if isinstance(precision, dict) else [precision]
        for name in names:
            if name not in _PRECISIONS:
                raise InvalidInputError(
                    f"`precision` is {precision!r}, expected {', '.join(_PRECISIONS)}"
                )
        warn_without_effect("set_precision", "numbers have 64 bits")

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

    def discard_static_trajectories(
        self,
        dataframe: pd.DataFrame | None = None,
        min_msd: float | None = None,
        *,
        full_trajectory: bool = False,
    ) -> pd.DataFrame:
        """Leave out translocations shorter than noise; see :func:`tramway.data.discard_static`.

        Parameters
        ----------
        dataframe
            Translocations, or trajectories; those of the source by default.
        min_msd
            Least mean squared displacement per coordinate, µm²; σ² by default.
        full_trajectory
            Whether a short translocation takes all others of its track with it.

        Raises
        ------
        InvalidInputError
            If neither `min_msd` nor the localization precision is known.
        """
        table = self.dataframe if dataframe is None else dataframe
        if min_msd is None:
            min_msd = self.static_threshold
        return discard_static(table, min_msd, full_trajectory)

    def to_ascii_file(
        self,
        filepath: str | os.PathLike[str],
        columns: Sequence[str] | None = None,
        header: bool = True,
        float_format: str | None = "%.4f",
        **options: Any,
    ) -> None:
        """Write the trajectories as text, in columns that are separated by tabs.

        Parameters
        ----------
        filepath
            The file; it is replaced.
        columns
            Which; all by default.
        header
            Whether the first line has their names.
        float_format
            How numbers are written, by default to 0.1 nm.
        options
            More of :meth:`pandas.DataFrame.to_csv`; ``sep`` and ``index`` have no effect.

        Raises
        ------
        InvalidInputError
            If a column is missing, or an option unknown or wrong.
        """
        table = self.dataframe
        options["columns"] = list(table.columns if columns is None else columns)
        write_text_columns(table, filepath, options, header=header, float_format=float_format)

    @property
    def mpl(self) -> "TrajectoryPlots":
        """Pictures of the trajectories, drawn with matplotlib."""
        from tramway.analyzer.trajectory_plots import TrajectoryPlots

        return TrajectoryPlots(self)
