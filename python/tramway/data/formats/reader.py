"""What a reader is: how it knows its files, and what it makes of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from .file_start import FileStart

NO_TRACK = -(2**63)
"""Track number of a localization that belongs to no track; no program gives it to a molecule."""


@dataclass
class Localizations:
    """What a file says, in its own units, before anything is dropped, sorted or converted.

    Attributes
    ----------
    columns
        Arrays of one length: ``x``, ``y`` and maybe ``z``; ``n``, integers, where the file has
        tracks (:data:`NO_TRACK`: the localization has none); ``frame``, ``t``, or both;
        ``localization_precision``, the σ of a coordinate, if the file has it.
    length_unit
        Of positions and precision: ``'µm'``, ``'nm'``, ``'m'``, ``'px'``; None: the file does not
        say.
    other_units
        Of ``y``, ``z`` or ``localization_precision``, where it is another one than that of ``x``,
        by the name of the column.
    time_unit
        Of ``t``, if there is that column: ``'s'``, ``'ms'``, ``'frame'``; None: the file does not
        say.
    pixel_size
        µm, where the file says it.
    units_per_pixel
        What a pixel measures in positions that are said to be in pixels; 1 but where somebody gave
        an image a width of pixels, and no unit.
    frame_interval
        s, where the file says it.
    first_frame
        Number that the program gives the first frame of a movie.
    unit_source
        Where a unit would have been found, for the message that it is not known.
    notes
        What is worth knowing of how the file was understood.
    problems
        What was done about things that ought not to be in a file; they become a warning.
    """

    columns: dict[str, NDArray[Any]]
    length_unit: str | None = None
    other_units: dict[str, str] = field(default_factory=dict)
    time_unit: str | None = None
    pixel_size: float | None = None
    units_per_pixel: float = 1.0
    frame_interval: float | None = None
    first_frame: int = 0
    unit_source: str = ""
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Reader:
    """One format of files.

    Attributes
    ----------
    name
        What users call it: ``format='trackmate'``.
    title
        The program that writes it, and which of its files.
    recognises
        Tells from the beginning of a file whether it is one of these.
    read
        Called with the path and with options of this reader's own, by name.
    pieces
        Called in the same way, gives what `read` returns some 60,000 rows at a time; None where
        files of the format cannot be read so.
    """

    name: str
    title: str
    recognises: Callable[[FileStart], bool]
    read: Callable[..., Localizations]
    pieces: Callable[..., Iterator[Localizations]] | None = None
