"""Where a figure of a helper goes."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tramway.errors import InvalidInputError

from .trees import PathLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def new_axes(axes: "Axes | None", figsize: tuple[float, float] | None) -> "Axes | None":
    """Make axes of a size, if one is given, or take those that are given."""
    if axes is not None or figsize is None:
        return axes
    from matplotlib import pyplot

    return pyplot.subplots(figsize=figsize)[1]


def finish(
    axes: "Axes",
    data: Any,
    output_file: PathLike | None,
    fig_format: str | None,
    dpi: float | None,
    show: bool,
    suffix: str = "",
) -> None:
    """Save a figure, if that is asked for, and show it, if that is."""
    if fig_format is not None and output_file is None:
        if not isinstance(data, str | os.PathLike):
            raise InvalidInputError("a figure of what is in no file needs an `output_file`")
        path = Path(data).expanduser()
        output_file = path.with_name(f"{path.stem}{suffix}.{fig_format}")
    if output_file is not None:
        axes.figure.savefig(output_file, dpi="figure" if dpi is None else dpi)  # type: ignore[union-attr]
    if show:
        from matplotlib import pyplot

        pyplot.show()
