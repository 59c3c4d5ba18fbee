"""Declare an analysis, run it anywhere: ``from tramway.analyzer import *``."""

from typing import Any

from tramway.errors import TramwayWarning
from tramway.files import Analysis, commit_as_analysis

from . import (
    cell_mergers,
    images,
    mapper,
    models,
    roi,
    sampler,
    spt_data,
    stages,
    tesseller,
    tessellers,
    time,
    tracker,
)
from .analyzer import BasicLogger, RWAnalyzer
from .iteration import first, single

__all__ = [
    "Analysis",
    "BasicLogger",
    "RWAnalyzer",
    "SideEffectWarning",
    "cell_mergers",
    "commit_as_analysis",
    "environments",
    "first",
    "images",
    "mapper",
    "models",
    "roi",
    "sampler",
    "single",
    "spt_data",
    "stages",
    "tesseller",
    "tessellers",
    "time",
    "tracker",
]


class SideEffectWarning(TramwayWarning):
    """Never issued: attributes can be set again. Existing scripts name it in warning filters.

    Examples
    --------
    >>> import warnings
    >>> warnings.simplefilter("ignore", SideEffectWarning)
    """


def __getattr__(name: str) -> Any:
    # The analyzer knows no environment; only this package hands them out, because users' scripts
    # find them here.
    if name == "environments":
        import tramway.environments

        return tramway.environments
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
