"""The two readers that the manifest names."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from tramway.arguments import checked
from tramway.errors import FileFormatError

from .layers import Layer, analysis_layers, tracks_layer

LayerReader: TypeAlias = Callable[[str], list[Layer]]


@checked
def tracks_reader(path: str | list[str]) -> LayerReader | None:
    r"""Give what reads a file of tracks as layers; napari calls this.

    Parameters
    ----------
    path
        The file, of any format that there is a reader for.

    Returns
    -------
    callable or None
        Called with the path, it gives :func:`tracks_layer` of the tracks, with the errors and
        warnings of ``a.spt_data.from_files``: that the file is damaged, has no tracks, or does not
        say its units. None if no format is recognised, or for several files, which are no stack.

    Examples
    --------
    >>> movie.to_csv("movie.txt", sep="\t", index=False)
    >>> read = tracks_reader("movie.txt")
    >>> [layer] = read("movie.txt")
    >>> layer[1]["name"], layer[2]
    ('movie', 'tracks')
    >>> tracks_reader("nothing.txt") is None
    True
    """
    from tramway.data.formats import reader_of

    if not isinstance(path, str):
        return None
    try:
        reader_of(Path(path))
    except (FileFormatError, OSError):
        return None
    return _read_tracks


@checked
def analysis_reader(path: str | list[str]) -> LayerReader | None:
    """Give what reads a ``.rwa`` file as layers; napari calls this.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    callable or None
        Called with the path, it gives :func:`analysis_layers` of what is intact in the file, with
        the errors of :func:`tramway.files.read_rwa`. None if there is no such file, its name does
        not end in ``.rwa``, or for several files.

    Examples
    --------
    >>> from tramway.files import Analysis, save_rwa
    >>> _ = save_rwa("movie.rwa", Analysis(movie))
    >>> read = analysis_reader("movie.rwa")
    >>> [layer[1]["name"] for layer in read("movie.rwa")]
    ['movie']
    """
    if not isinstance(path, str) or Path(path).suffix != ".rwa" or not Path(path).is_file():
        return None
    return _read_analysis


def _read_tracks(path: str) -> list[Layer]:
    from tramway.data.formats import read_file

    return [tracks_layer(read_file(path).trajectories, Path(path).stem)]


def _read_analysis(path: str) -> list[Layer]:
    from tramway.files import read_rwa
    from tramway.files.rwa import leave_out_damaged

    return analysis_layers(leave_out_damaged(read_rwa(path)), Path(path).stem)
