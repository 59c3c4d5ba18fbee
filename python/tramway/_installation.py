"""Refuses to run a mixture of two distributions; every module of this one imports it, or what does.

The original TRamWAy is the distribution `tramway`, and owns the folder `tramway` like this one. pip
puts one over the other without a word, and removes files of both with either.
"""

import sys
from pathlib import Path

_MEND = (
    "run `pip uninstall tramway`, then `pip install --force-reinstall tramway-rs`; keep the "
    "original in an environment of its own"
)


def problem(package_file: str | None, distribution: str | None) -> str | None:
    """Say what is wrong with the package as it was imported.

    Parameters
    ----------
    package_file
        Path of its ``__init__.py``; None if there is none.
    distribution
        The distribution that this file says to belong to.

    Returns
    -------
    str or None
        A sentence on what was found and what to do; None if all is well.
    """
    folder = Path(__file__).parent
    # The metadata of both lie beside the folder; to look there takes a thirtieth of the time of
    # `importlib.metadata`.
    for other in folder.parent.glob("tramway-[0-9]*-info"):
        return (
            f"the distribution `tramway` is installed ({other.name}) in the same place as "
            f"`tramway-rs`, and both own the folder '{folder}': {_MEND}"
        )
    if distribution != "tramway-rs":
        return (
            f"'{folder}' has files of `tramway-rs`, but the package `tramway` is that of "
            f"{package_file or 'no __init__.py'}: {_MEND}"
        )
    return None


def _check() -> None:
    package = sys.modules["tramway"]
    found = problem(getattr(package, "__file__", None), getattr(package, "__distribution__", None))
    if found is not None:
        raise ImportError(found)


_check()
