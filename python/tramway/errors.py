"""What can go wrong, as exceptions that also derive from the built-in ones they refine.

Every message names the argument or the file, what was seen, what was expected and what to do.

Examples
--------
>>> try:
...     hexagons(points, resolution=-0.3)
... except TramwayError as error:  # or InvalidInputError, or ValueError
...     print(error)
`resolution` is -0.3, expected a length in µm, above 0
"""

from tramway import _installation  # noqa: F401 - for its check


class TramwayError(Exception):
    """Base class of all errors raised on purpose by this package."""


class InvalidInputError(TramwayError, ValueError):
    """An argument has the wrong shape, a value out of its domain, or an unknown name.

    Examples
    --------
    >>> hexagons(points, resolution="fine")
    Traceback (most recent call last):
    tramway.errors.InvalidInputError: `resolution` is 'fine' (str), expected a number or None
    """


class InsufficientDataError(InvalidInputError):
    """A region has too few translocations for what was asked.

    Examples
    --------
    >>> hexagons(points[:0], resolution=0.3)
    Traceback (most recent call last):
    tramway.errors.InsufficientDataError: there are no points, at least two are needed to tessellate
    """


class FileFormatError(TramwayError, ValueError):
    """A file is not what its reader expects; the message names the file and the place.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tramway.files import read_rwa
    >>> _ = Path("notes.txt").write_text("not HDF5")
    >>> read_rwa("notes.txt")
    Traceback (most recent call last):
    tramway.errors.FileFormatError: '...notes.txt' is not a readable HDF5 file, ...
    """


class ChangedFileError(FileFormatError):
    """A file was changed by others since it was opened, before all that was asked for was read."""


class NewerFileError(FileFormatError):
    """Something in a file is of a version that this version of the package does not know."""


class UnknownAttributeError(TramwayError, AttributeError):
    """An attribute was set or read that does not exist; the message lists those that do.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.mapper.from_plugin("dv")
    >>> a.mapper.potential_priro = 1
    Traceback (most recent call last):
    tramway.errors.UnknownAttributeError: `potential_priro` cannot be set, ...
    """


class DisagreementError(InvalidInputError, AttributeError):
    """A value was asked of a collection in whose items it differs, so that there is none."""


class MissingResultError(TramwayError, LookupError):
    """A label was asked for that the analysis tree does not have.

    Examples
    --------
    >>> maps["drift"]
    Traceback (most recent call last):
    tramway.errors.MissingResultError: no feature 'drift' in these maps, only diffusivity, ...
    """


class UserFunctionError(TramwayError, RuntimeError):
    """A function of the user's raised an error; the message has its name, the error, the line."""


class RunError(TramwayError, RuntimeError):
    """At least one task of a run failed; the message lists them all.

    Attributes
    ----------
    summary
        The :class:`tramway.runs.RunSummary` of the run: every other task finished and its result
        was saved.
    """

    def __init__(self, message: str, summary: object = None) -> None:
        super().__init__(message)
        self.summary = summary


class MissingPackageError(TramwayError, ImportError):
    """Something was asked for that needs a package which is not installed."""


class DamagedRunError(TramwayError, OSError):
    """Something in a run directory is not as it was written; running again goes on without it."""


class DamagedPartError(DamagedRunError):
    """A result in a run directory is not as it was written; it has to be made again."""


class UntrustedFileError(TramwayError, PermissionError):
    """Somebody else than the user could have written what would be executed."""


class ClusterError(TramwayError, RuntimeError):
    """A cluster, or the way to it, refuses what it was asked for."""


class NoAnswerError(ClusterError):
    """A host, or its batch system, does not answer at present; later it may."""


class TramwayWarning(UserWarning):
    """Base class of all warnings issued by this package."""


class ConvergenceWarning(TramwayWarning):
    """A solver stopped before its tolerance was reached; the result is its best point."""


class MisplacedAttributeWarning(TramwayWarning):
    """An attribute was set on something else than what it belongs to, where it was put."""


class WithoutEffectWarning(TramwayWarning):
    """A setting that scripts of the original have was taken, and does nothing here."""


class EquilibriumWarning(TramwayWarning):
    """Whether molecules were taken to be in equilibrium, where that was left to the data."""


class RepeatedStageWarning(TramwayWarning):
    """A stage was appended to a pipeline that has it already."""


class DataQualityWarning(TramwayWarning):
    """The data were used, but look wrong: unsorted tracks, units that are not µm and s, …."""
