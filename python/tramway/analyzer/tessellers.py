"""Tessellation methods by name, to be assigned: ``a.tesseller = tessellers.Hexagons``."""

from typing import Any

from numpy.typing import ArrayLike

from .tesseller import Tesseller

__all__ = ["GWR", "Hexagons", "KMeans", "Nesting", "QuadTree", "Random", "Squares", "Voronoi"]


class Hexagons(Tesseller):
    """Hexagons of equal size: the plugin ``hexagon``.

    Parameters
    ----------
    parameters
        Those of :func:`tramway.tessellation.hexagons`; `resolution`, the distance between
        neighbouring centres in µm, is the one that most users set.
    """

    def __init__(self, **parameters: Any) -> None:
        super().__init__("hexagon", **parameters)


class Squares(Tesseller):
    """Squares, or cubes, of equal size: the plugin ``grid``.

    Parameters
    ----------
    parameters
        Those of :func:`tramway.tessellation.squares`; `resolution` is the side in µm.
    """

    def __init__(self, **parameters: Any) -> None:
        super().__init__("grid", **parameters)


class KMeans(Tesseller):
    """Cells that are small where there are many translocations: the plugin ``kmeans``.

    Parameters
    ----------
    parameters
        Those of :func:`tramway.tessellation.kmeans`; `resolution` is the side in µm of the squares
        whose centres it begins with.
    """

    def __init__(self, **parameters: Any) -> None:
        super().__init__("kmeans", **parameters)


class GWR(Tesseller):
    """Cells of about as many translocations, that grow when required: the plugin ``gwr``.

    Parameters
    ----------
    parameters
        Those of :func:`tramway.tessellation.gwr`; `resolution` is the distance in µm between
        neighbouring centres where there are many translocations.
    """

    def __init__(self, **parameters: Any) -> None:
        super().__init__("gwr", **parameters)


class Nesting(Tesseller):
    """Cells of one kind within cells of another: the plugin ``nesting``.

    Parameters
    ----------
    outer
        Tesseller of the cells to refine.
    inner
        Tesseller that refines each of them, made of its translocations alone.
    parameters
        The other ones of :func:`tramway.tessellation.nesting`.
    """

    def __init__(
        self,
        outer: Tesseller | type[Tesseller],
        inner: Tesseller | type[Tesseller],
        **parameters: Any,
    ) -> None:
        super().__init__("nesting", outer=outer, inner=inner, **parameters)


class QuadTree(Tesseller):
    """Squares, or cubes, halved where there are many translocations: the plugin ``kdtree``.

    Parameters
    ----------
    parameters
        Those of :func:`tramway.tessellation.quad_tree`; `resolution` is the side in µm of the
        smallest.
    """

    def __init__(self, **parameters: Any) -> None:
        super().__init__("kdtree", **parameters)


class Random(Tesseller):
    """Voronoi cells of random centres: the plugin ``random``.

    Parameters
    ----------
    parameters
        Those of :func:`tramway.tessellation.random`; `cell_count` and `seed` above all.
    """

    def __init__(self, **parameters: Any) -> None:
        super().__init__("random", **parameters)


class Voronoi(Tesseller):
    """Voronoi cells of centres of your own: the plugin ``voronoi``.

    Parameters
    ----------
    centers
        Cell centres, (n_cells, 2) or (n_cells, 3), µm, the same for every region.
    parameters
        The other ones of :func:`tramway.tessellation.voronoi`.
    """

    def __init__(self, centers: ArrayLike, **parameters: Any) -> None:
        super().__init__("voronoi", centers=centers, **parameters)
