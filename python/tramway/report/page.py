"""The page: results, figures and code, in one file."""

import html
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import tramway
from tramway.arguments import checked
from tramway.errors import InvalidInputError, MissingPackageError

from .figures import PANELS, figures, palettes
from .packing import compressed, pack
from .provenance import command_of, script_of
from .region import describe
from .results import MovieResults, read_results

_CODE = ("content.js", "arrays.js", "field.js", "maps.js", "cells.js", "tables.js", "page.js")
_PIXELS = 128  # along the longer side of the picture of the localizations


@checked
def write_report(
    paths: Iterable[str | os.PathLike[str]],
    output: str | os.PathLike[str] = "report.html",
    *,
    title: str = "Maps of molecular motion",
) -> Path:
    """Write one page of all maps in ``.rwa`` files, which opens without a network.

    Parameters
    ----------
    paths
        Files, or folders of files.
    output
        The page; replaced if it exists.
    title
        Its title.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    InvalidInputError
        If there are no maps, or `output` cannot be a file.
    MissingPackageError
        If Bokeh is not installed.

    Examples
    --------
    >>> from tramway.files import Analysis, save_rwa
    >>> tree = Analysis(movie)
    >>> node = tree.add(partition, "roi000").add(maps, "dv")
    >>> _ = save_rwa("cell4.rwa", tree)
    >>> write_report(["cell4.rwa"], "report.html", title="Receptors").name
    'report.html'
    """
    path = Path(output).expanduser()
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise InvalidInputError(
            f"`output` is '{path}', expected a file in a folder that exists, as report.html"
        )
    text = render_report(read_results(paths), title=title)
    path.write_text(text, encoding="utf-8")
    return path


@checked
def render_report(
    movies: Sequence[MovieResults],
    *,
    title: str = "Maps of molecular motion",
    live: Mapping[str, Any] | None = None,
) -> str:
    """Make the text of the page.

    Parameters
    ----------
    movies
        What :func:`read_results` returned.
    title
        Title of the page.
    live
        What the page needs to ask for other maps where it is served; None: it is a file.

    Returns
    -------
    str
        HTML, complete: it asks for nothing from elsewhere.

    Raises
    ------
    MissingPackageError
        If Bokeh is not installed.

    Examples
    --------
    >>> from tramway.files import Analysis, save_rwa
    >>> from tramway.report import read_results
    >>> tree = Analysis(movie)
    >>> node = tree.add(partition, "roi000").add(maps, "dv")
    >>> _ = save_rwa("cell5.rwa", tree)
    >>> text = render_report(read_results(["cell5.rwa"]), title="Receptors")
    >>> "<title>Receptors</title>" in text
    True
    """
    library, script, places = _figures()
    content = {
        "movies": [_movie(movie) for movie in movies],
        "results": [describe(result) for movie in movies for result in movie.results],
        "palettes": palettes(),
        "panels": PANELS,
        "live": live,
    }
    here = files(__package__) / "browser"
    text = here.joinpath("page.html").read_text(encoding="utf-8")
    panels = "".join(
        f'<section class="panel" id="panel{n}" tabindex="0" hidden>'
        f'<div class="map">{places[f"map_{n}"]}</div>'
        f'<div class="values">{places[f"values_{n}"]}</div></section>'
        for n in range(PANELS)
    )
    parts = {
        "title": html.escape(title),
        "style": here.joinpath("page.css").read_text(encoding="utf-8"),
        "bokeh": library,
        "figures": script,
        "field": places["field"],
        "panels": panels,
        "content": _compressed_json(content),
        "script": html.escape(script_of(movies)),
        "command": html.escape(command_of(movies)),
        "version": html.escape(tramway.__version__),
        "code": "\n".join(
            here.joinpath(name).read_text(encoding="utf-8")
            for name in (*_CODE, *(["live.js"] if live is not None else []))
        ),
    }
    pieces = text.split("@@")
    # Every second piece is a name: what is put in is never searched for names again.
    return "".join(parts[piece] if rank % 2 else piece for rank, piece in enumerate(pieces))


@cache  # a study writes many pages
def _figures() -> tuple[str, str, dict[str, str]]:
    """Bokeh itself, compressed; the code of the empty figures; and their places in the page."""
    try:
        from bokeh.embed import components
        from bokeh.resources import Resources
    except ImportError as error:
        raise MissingPackageError(
            f"a report needs Bokeh ({error}): pip install 'tramway-rs[report]'"
        ) from error
    made = figures()
    script, places = components(
        {name.replace(" ", "_"): made[name] for name in made}, wrap_script=False
    )
    library = "\n".join(Resources(mode="inline", components=["bokeh"]).js_raw)
    return compressed(library.encode()), script, places


def _compressed_json(content: Any) -> str:
    """JSON that can stand in a page: no character of it means anything there."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return compressed(text.encode())


def _movie(movie: MovieResults) -> dict[str, Any]:
    return {
        "name": movie.movie,
        "file": str(movie.path),
        "data": movie.datafile,
        "problems": movie.problems,
        "failures": [[" / ".join(failure.labels), failure.reason] for failure in movie.failures],
        "localizations": None if movie.localizations is None else len(movie.localizations),
        "density": _density(movie.localizations),
    }


def _density(localizations: pd.DataFrame | None) -> dict[str, Any] | None:
    """Picture of where the localizations are: square roots of their numbers, 0 to 255."""
    if localizations is None or not {"x", "y"} <= set(localizations) or not len(localizations):
        return None
    points = localizations[["x", "y"]].to_numpy(np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    lower, extent = points.min(axis=0), np.ptp(points, axis=0)
    if not (extent > 0).all():
        return None
    columns, rows = np.maximum(1, np.round(extent / extent.max() * _PIXELS)).astype(int)
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=(rows, columns))
    shade = np.sqrt(counts / max(np.quantile(counts, 0.995), 1)).clip(max=1)
    return {
        "x": float(lower[0]),
        "y": float(lower[1]),
        "width": float(extent[0]),
        "height": float(extent[1]),
        "columns": int(columns),
        **pack({"shade": (shade * 255).astype(np.uint8)}),
    }
