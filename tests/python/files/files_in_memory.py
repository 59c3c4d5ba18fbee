"""Files in memory that tests look into and change."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np

from tramway.files.hdf5_tree import Group, open_image
from tramway.files.rwa_encoding import encode


@contextmanager
def stored(fill: Callable[[Group], None] = lambda _: None) -> Iterator[h5py.File]:
    """An open file with what a function stores in it."""
    group = Group()
    fill(group)
    with open_image(group.image(), writable=True) as file:
        yield file


def put(group: h5py.Group, name: str, value: Any) -> None:
    """Encode a value into an open file."""
    with stored(lambda tree: encode(tree, name, value)) as file:
        file.copy(name, group, name=name)


def set_type(item: h5py.Group, type_name: str, version: int) -> None:
    """Say what an object of an open file is."""
    item.attrs["type"] = np.bytes_(type_name)
    item.attrs["version"] = np.bytes_(str(version))
