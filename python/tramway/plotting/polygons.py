"""Polygons in few colours, written once for each: the only file that loads matplotlib at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.path import Path
from matplotlib.quiver import Quiver
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.backend_bases import RendererBase

_MANY = 2_000
_SHADES = 24  # of red, green and blue, of many cells: nobody tells more apart
_DIGITS, _DIGITS_OF_MANY = 2, 1  # of corners, in pixels, 72 of them an inch in vector files


class Polygons(PolyCollection):
    """Polygons that are drawn as one path for each colour.

    A colour map has 256 of them, and a picture thousands of cells: a vector file of paths by colour
    is a third as large as one of paths by cell, and written several times faster. Neighbours of one
    colour are one outline, unless lines of another colour are between them.
    """

    _covered: NDArray[np.bool_] | None = None

    def cover(self, which: NDArray[np.bool_]) -> None:
        """Leave out some, (n,), over which something opaque is drawn: nobody sees them."""
        self._covered = which if self._covered is None else self._covered | which

    def draw(self, renderer: "RendererBase") -> None:
        """Draw them all."""
        self.update_scalarmappable()
        if _is_idle(renderer):
            return
        faces = np.asarray(self.get_facecolor())
        paths = self.get_paths()
        edges = np.asarray(self.get_edgecolor())
        faces = np.tile(faces, (len(paths), 1)) if len(faces) == 1 else faces
        is_plain = np.ndim(self.get_linewidth()) <= 1 and len(edges) in (0, 1, len(paths))
        if not self.get_visible() or len(faces) != len(paths) or not is_plain:
            super().draw(renderer)
            return
        if len(paths) > _MANY:
            faces, edges = (np.round(colors * _SHADES) / _SHADES for colors in (faces, edges))
        is_edged = len(edges) > 0
        if len(edges) != len(faces):
            edges = np.tile(edges[0] if is_edged else np.zeros(4), (len(faces), 1))
        colors, group = np.unique(np.hstack([faces, edges]), axis=0, return_inverse=True)
        order = np.argsort(group.ravel(), kind="stable")
        if self._covered is not None:
            order = order[~self._covered[order]]
        bounds = np.searchsorted(group.ravel()[order], np.arange(len(colors) + 1))
        corners = self._corners(renderer)
        has_lines = is_edged and np.any(self.get_linewidth()) and not np.array_equal(faces, edges)
        compound = []
        for first, end in pairwise(bounds):
            outlines = [corners[number] for number in order[first:end]]
            compound.append(_compound(outlines if has_lines else _united(outlines)))
        drawn = PathCollection(
            compound,
            facecolors=colors[:, :4],
            edgecolors=colors[:, 4:] if is_edged else "none",
            linewidths=self.get_linewidth(),
            linestyles=self.get_linestyle(),
            antialiaseds=self.get_antialiased(),
            hatch=self.get_hatch(),
            transform=IdentityTransform(),
        )
        if self.axes is not None:
            drawn.set_figure(self.axes.figure)
        drawn.axes = self.axes
        drawn.set_clip_box(self.get_clip_box())
        drawn.set_clip_path(self.get_clip_path())
        drawn.set_rasterized(self.get_rasterized())
        with _steps_in_svg(renderer, self._digits()):
            drawn.draw(renderer)
        self.stale = False

    def _digits(self) -> int:
        return _DIGITS_OF_MANY if len(self.get_paths()) > _MANY else _DIGITS

    def _corners(self, renderer: "RendererBase") -> list[NDArray[np.float64]]:
        """Corners of all, in pixels with as few digits as can be seen."""
        paths, transform = self.get_paths(), self.get_transform()
        if not paths:
            return []
        at = self.get_offset_transform().transform(self.get_offsets())
        at = np.broadcast_to(at, (len(paths), 2))
        digits = self._digits()
        # Where y points down, as in SVG, it is the number written that has to be short.
        height = renderer.get_canvas_width_height()[1] if renderer.flipy() else 0.0
        origin = np.array([0.0, height])
        vertices = [np.asarray(path.vertices) for path in paths]
        lengths = [len(each) for each in vertices]
        every = transform.transform(np.concatenate(vertices))
        every = (every + np.repeat(at, lengths, axis=0) - origin).round(digits) + origin
        return np.split(every, np.cumsum(lengths)[:-1])


class Arrows(Quiver, Polygons):
    """Arrows that are drawn as one path for each colour; the arguments are those of `Quiver`."""


def _writer(renderer: "RendererBase") -> Any:
    """Give what writes a vector file, where the renderer is but its front."""
    from matplotlib.backends.backend_mixed import MixedModeRenderer

    return renderer._renderer if isinstance(renderer, MixedModeRenderer) else renderer


def _is_idle(renderer: "RendererBase") -> bool:
    """Whether nothing is drawn: figures with a layout are gone through twice, first for places.

    matplotlib puts methods that do nothing before those of the renderer.
    """
    return "draw_path" in getattr(_writer(renderer), "__dict__", ())


@contextmanager
def _steps_in_svg(renderer: "RendererBase", digits: int) -> Iterator[None]:
    """Let an SVG tell outlines by steps from corner to corner, in half of the bytes.

    matplotlib writes each corner by its place, and has no option for this; where a version of it
    does so elsewhere than in the method that is shadowed here, files are larger and look the same.
    """
    from matplotlib.backends.backend_svg import RendererSVG

    writer = _writer(renderer)
    if not isinstance(writer, RendererSVG) or not hasattr(writer, "_convert_path"):
        yield
        return
    vars(writer)["_convert_path"] = lambda path, transform, **_: _steps(path, transform, digits)
    try:
        yield
    finally:
        del vars(writer)["_convert_path"]


def _steps(path: Path, transform: Any, digits: int) -> str:
    """Write closed outlines as SVG does relative ones: ``m``, steps, ``z``."""
    vertices = np.asarray(path.vertices)
    if not len(vertices):
        return ""
    corners = np.rint(transform.transform(vertices) * 10**digits).astype(np.int64)
    is_start, is_end = path.codes == Path.MOVETO, path.codes == Path.CLOSEPOLY
    before = np.roll(corners, 1, axis=0)
    starts = corners[is_start]
    before[is_start] = np.roll(starts, 1, axis=0)  # after z, one is where the outline began
    before[:1] = 0
    found, which = np.unique(corners - before, return_inverse=True)
    numbers = [_short(number, digits) for number in found.tolist()]
    texts = np.array(numbers, dtype=object)[which.reshape(corners.shape)]
    texts[is_start, 0] = "m" + texts[is_start, 0]
    texts[is_end] = ["z", ""]
    return "".join(texts.ravel().tolist())


def _short(number: int, digits: int) -> str:
    """Write a number of so many decimals in as few characters as SVG needs, the one before it too.

    >>> _short(-50, 2), _short(1020, 2), _short(0, 2)
    ('-.5', ' 10.2', ' 0')
    """
    whole, part = divmod(abs(number), 10**digits)
    decimals = f".{part:0{digits}}".rstrip("0") if part else ""
    text = f"{whole or ''}{decimals}" or "0"
    return f"-{text}" if number < 0 else f" {text}"


def _united(outlines: list[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Leave out the sides that two of some outlines have in common, in opposite directions."""
    if len(outlines) < 2:
        return outlines
    lengths = [len(outline) for outline in outlines]
    corners, number = np.unique(np.concatenate(outlines) @ [1, 1j], return_inverse=True)
    is_side = np.ones(len(number), dtype=np.bool_)
    is_side[np.cumsum(lengths) - 1] = False  # from the end of an outline to the next one
    owner = np.repeat(np.arange(len(outlines)), lengths)[is_side]
    start, end = number[is_side], np.roll(number, -1)[is_side]
    is_shared = np.isin(start * len(corners) + end, end * len(corners) + start)
    is_neighbour = np.bincount(owner, is_shared, len(outlines)) > 0
    is_left = is_neighbour[owner] & ~is_shared
    following: dict[int, list[int]] = {}
    for one, other in zip(start[is_left].tolist(), end[is_left].tolist(), strict=True):
        following.setdefault(one, []).append(other)
    lines = [outlines[alone] for alone in np.flatnonzero(~is_neighbour)]
    while following:
        line = [next(iter(following))]
        while line[-1] in following:
            ways = following[line[-1]]
            line.append(ways.pop())
            if not ways:
                del following[line[-2]]
        lines.append(np.stack([corners[line].real, corners[line].imag], axis=1))
    return lines


def _compound(outlines: list[NDArray[np.float64]]) -> Path:
    """Make one path of closed outlines, whose last corner closes them."""
    if not outlines:
        return Path(np.empty((0, 2)))
    codes = np.concatenate([_codes(len(outline)) for outline in outlines])
    return Path(np.concatenate(outlines), codes)


def _codes(count: int) -> NDArray[np.uint8]:
    codes = np.full(count, Path.LINETO, dtype=Path.code_type)
    codes[0], codes[-1] = Path.MOVETO, Path.CLOSEPOLY
    return codes
