"""How regions are cut into cells: ``a.tesseller``."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.attributes import (
    Check,
    coordinates,
    finite,
    integer,
    non_negative,
    optional,
    positive,
    positive_integer,
)
from tramway.errors import InvalidInputError
from tramway.files import Analysis
from tramway.tessellation import (
    Partition,
    Tessellation,
    hexagons,
    kmeans,
    quad_tree,
    random,
    squares,
    voronoi,
)
from tramway.units import SPACE_COLUMNS

from .cell_mergers import ByTranslocationCount
from .plugin import PluginAttribute

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Method:
    """A way to cut a region into cells.

    Attributes
    ----------
    tessellate
        Called with origins (n, d) and displacement lengths (n,), µm, and the parameters by name.
    checks
        Check of each parameter.
    defaults
        Their defaults; None where nothing else is said.
    """

    tessellate: Callable[..., Tessellation]
    checks: Mapping[str, Check]
    defaults: Mapping[str, Any]


def _by_displacements(function: Callable[..., Tessellation]) -> Callable[..., Tessellation]:
    """Make a method of a function that derives sizes from the mean displacement."""

    def tessellate(
        origins: NDArray[np.float64], lengths: NDArray[np.float64], **parameters: Any
    ) -> Tessellation:
        return function(origins, displacement_length=float(lengths.mean()), **parameters)

    return tessellate


def _by_positions(function: Callable[..., Tessellation]) -> Callable[..., Tessellation]:
    """Make a method of a function that needs the origins only."""

    def tessellate(
        origins: NDArray[np.float64], lengths: NDArray[np.float64], **parameters: Any
    ) -> Tessellation:
        return function(origins, **parameters)

    return tessellate


def _own_centers(
    origins: NDArray[np.float64], lengths: NDArray[np.float64], centers: Any, clip: Any
) -> Tessellation:
    if centers is None:
        raise InvalidInputError(
            "`centers` is not set: a.tesseller = tessellers.Voronoi([[x, y], ...]), in µm"
        )
    return voronoi(origins, centers=centers, clip=clip)


def _points(name: str, value: Any) -> list[list[float]]:
    """Check for a list of points with two coordinates."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"`{name}` is {value!r}, expected points [[x, y], ...]") from error
    if array.ndim != 2 or array.shape[1] != 2 or not np.isfinite(array).all():
        raise InvalidInputError(
            f"`{name}` has shape {array.shape}, expected finite numbers of shape (n_cells, 2)"
        )
    return array.tolist()  # type: ignore[no-any-return]


def _counts(name: str, value: Any) -> list[int]:
    """Check for a number of cells along each of two or three axes."""
    return [positive_integer(name, number) for number in coordinates(name, value)]


def _whole(name: str, value: Any) -> int:
    """Check for a whole number, 0 or above."""
    return integer(name, non_negative(name, value))


def _clip(name: str, value: Any) -> str:
    """Check for one of the two ways to cut Voronoi cells off."""
    if value not in ("box", "hull"):
        raise InvalidInputError(f"`{name}` is {value!r}, expected 'box' or 'hull'")
    return str(value)


_SIZE: dict[str, Check] = {
    "resolution": optional(positive),
    "ref_distance": optional(positive),
    "avg_probability": optional(positive),
    "min_distance": optional(non_negative),
    "avg_distance": optional(positive),
}
_BOUNDS: dict[str, Check] = {
    "lower_bound": optional(coordinates),
    "upper_bound": optional(coordinates),
}

METHODS: dict[str, Method] = {
    "hexagon": Method(
        _by_displacements(hexagons), {**_SIZE, "tilt": finite, **_BOUNDS}, {"tilt": 0.0}
    ),
    "grid": Method(
        _by_displacements(squares), {**_SIZE, "count_per_dim": optional(_counts), **_BOUNDS}, {}
    ),
    "kmeans": Method(
        _by_displacements(kmeans),
        {**_SIZE, "tol": non_negative, "clip": _clip},
        {"tol": 1e-6, "clip": "box"},
    ),
    "kdtree": Method(
        _by_displacements(quad_tree),
        {
            "resolution": optional(positive),
            "ref_distance": optional(positive),
            "min_location_count": _whole,
            "max_location_count": optional(_whole),
        },
        {"min_location_count": 20},
    ),
    "random": Method(
        _by_positions(random),
        {
            "cell_count": optional(positive_integer),
            "avg_probability": optional(positive),
            "seed": _whole,
            "clip": _clip,
        },
        {"seed": 0, "clip": "box"},
    ),
    "voronoi": Method(_own_centers, {"centers": optional(_points), "clip": _clip}, {"clip": "box"}),
}


class Tesseller(PluginAttribute):
    """A tessellation method and its parameters.

    Every region is cut on its own: what is not set is derived from the region's own translocations,
    never from another region's.
    """

    _kind = "tesseller"
    _example = "a.tesseller = tessellers.Hexagons"
    _elsewhere: ClassVar[Mapping[str, str]] = {
        "post_processing": "set it once the tesseller is chosen, "
        "a.tesseller.post_processing = cell_mergers.ByTranslocationCount"
    }

    _post_processing: ByTranslocationCount | None = None

    @classmethod
    def plugins(cls) -> list[str]:
        """Names of the tessellation methods."""
        return list(METHODS)

    @classmethod
    def _checks(cls, plugin: str) -> Mapping[str, Check]:
        return METHODS[plugin].checks

    @classmethod
    def _defaults(cls, plugin: str) -> Mapping[str, Any]:
        method = METHODS[plugin]
        return {**dict.fromkeys(method.checks), **method.defaults}

    def __setattr__(self, name: str, value: object) -> None:
        if name == "post_processing":
            object.__setattr__(self, name, value)
        else:
            super().__setattr__(name, value)

    @property
    def post_processing(self) -> ByTranslocationCount | None:
        """What becomes of cells with few translocations; None: nothing.

        Set it to one of :mod:`tramway.analyzer.cell_mergers`, with or without parentheses.
        """
        return self._post_processing

    @post_processing.setter
    def post_processing(self, merger: object) -> None:
        if merger is ByTranslocationCount:
            merger = ByTranslocationCount()
        if not (merger is None or isinstance(merger, ByTranslocationCount)):
            raise InvalidInputError(
                f"`post_processing` is {merger!r}, expected cell_mergers.ByTranslocationCount or "
                "None"
            )
        self._post_processing = merger

    @property
    def parameters(self) -> dict[str, Any]:
        """Value of every parameter of the plugin, and how its cells are merged, if they are."""
        if self._post_processing is None:
            return super().parameters
        return {**super().parameters, "post_processing": self._post_processing.parameters}

    def settings(self) -> dict[str, Any]:
        """Everything that was set, how cells are merged included."""
        merger = self._post_processing
        return {
            **super().settings(),
            "post_processing": None if merger is None else merger.parameters,
        }

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Make the tesseller that has these settings."""
        made = super().from_settings(settings)
        merger = settings["post_processing"]
        if merger is not None:
            made.post_processing = ByTranslocationCount(
                merger["count_threshold"], merger["update_centroids"]
            )
        return made

    def _refusal(self, verb: str, name: str, valid: Collection[str]) -> str:
        return super()._refusal(verb, name, [*valid, "post_processing"])

    def tessellate(self, translocations: pd.DataFrame) -> Tessellation:
        """Cut the area of some translocations into cells.

        Parameters
        ----------
        translocations
            Table with columns ``x y [z] dx dy [dz]``, in µm; :meth:`Region.crop` gives one.

        Returns
        -------
        Tessellation
            The cells.

        Raises
        ------
        InvalidInputError
            If no method is chosen.
        InsufficientDataError
            If there are too few translocations.
        """
        space = [column for column in SPACE_COLUMNS if column in translocations]
        origins = translocations[space].to_numpy(np.float64)
        steps = translocations[[f"d{column}" for column in space]].to_numpy(np.float64)
        lengths = np.sqrt((steps**2).sum(axis=1))
        cells = METHODS[self.plugin].tessellate(origins, lengths, **super().parameters)
        if self._post_processing is None:
            return cells
        return self._post_processing.merge(cells, origins)

    @property
    def mpl(self) -> "CellPlots":
        """Pictures of cells, drawn with matplotlib."""
        return CellPlots()


class CellPlots:
    """Pictures of cells."""

    def plot(
        self, sampling: Partition | Analysis, axes: "Axes | None" = None, **options: Any
    ) -> "Axes":
        """Draw the cells of a sampling; `options` are those of :func:`tramway.plotting.plot_cells`.

        Returns
        -------
        matplotlib.axes.Axes
            The axes, in µm.
        """
        from tramway.plotting import plot_cells

        partition = sampling.data if isinstance(sampling, Analysis) else sampling
        return plot_cells(partition, axes=axes, **options)


def from_plugin(name: str, **parameters: Any) -> Tesseller:
    """Tesseller of a plugin name, to be assigned: ``a.tesseller = tesseller.from_plugin(...)``.

    See :meth:`PluginAttribute.from_plugin`.
    """
    return Tesseller(name, **parameters)
