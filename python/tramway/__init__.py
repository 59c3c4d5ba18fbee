"""Maps of diffusivity, force and potential from the tracks of single molecules."""

from pathlib import Path as _Path

# Two distributions cannot share the folder `tramway`: say so, instead of running a mixture. The
# metadata of both lie beside it; to look there is thirty times faster than `importlib.metadata`.
for _other in _Path(__file__).parent.parent.glob("tramway-[0-9]*-info"):
    raise ImportError(
        f"the distribution `tramway` is installed ({_other.name}) in the same place as "
        "`tramway-rs`, and both own the folder `tramway`: run `pip uninstall tramway`, then "
        "`pip install --force-reinstall tramway-rs`"
    )

from ._core import __version__  # noqa: E402 - not before the check

__all__ = ["__version__"]
