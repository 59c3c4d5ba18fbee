"""Analysis trees in files."""

import os
from typing import Any

from tramway.files import Analysis, read_rwa
from tramway.files import save_rwa as save_tree

__all__ = ["load_rwa", "save_rwa"]


def load_rwa(path: str | os.PathLike[str], **options: Any) -> Analysis:
    """Read a ``.rwa`` file; see :func:`tramway.files.read_rwa`. Options have no effect."""
    return read_rwa(path)


def save_rwa(path: str | os.PathLike[str], analyses: Analysis, **options: Any) -> None:
    """Save a tree, with what is in the file; see :func:`tramway.files.save_rwa`."""
    save_tree(path, analyses)
