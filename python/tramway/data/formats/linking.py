"""Linking localizations to tracks, by trackpy."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tramway.errors import InvalidInputError, MissingPackageError
from tramway.units import SPACE_COLUMNS

if TYPE_CHECKING:
    from .facts import FileFacts


@dataclass(frozen=True)
class Linking:
    """How localizations are linked; see :func:`trackpy.link`.

    Attributes
    ----------
    search_range
        Longest step between two frames, µm.
    memory
        Number of frames that a molecule may be missed in and still be the same.
    """

    search_range: float
    memory: int = 0

    def link(
        self, columns: dict[str, NDArray[Any]], source: str, facts: "FileFacts"
    ) -> dict[str, NDArray[Any]]:
        """Add track numbers ``n`` to columns ``x y [z] t``, µm and s, and ``frame``.

        Raises
        ------
        InvalidInputError
            If there are no frames, or so many candidates within the search range that trackpy
            gives up.
        MissingPackageError
            If trackpy is not installed.
        """
        trackpy = optional_package("trackpy", "formats")
        if "frame" not in columns:
            raise InvalidInputError(
                f"{source}: localizations have no frames, they cannot be linked; if there are "
                "tracks in it, name their column, from_files(…, format='csv', columns={'n': …})"
            )
        space = [name for name in SPACE_COLUMNS if name in columns]
        frame = columns["frame"].astype(np.int64)
        order = np.argsort(frame, kind="stable")
        columns = {name: values[order] for name, values in columns.items()}
        position = np.column_stack([columns[name] for name in space])
        trackpy.quiet()
        try:
            linked = list(
                trackpy.link_iter(
                    self._by_frame(frame[order], position), self.search_range, memory=self.memory
                )
            )
        except trackpy.SubnetOversizeException as error:
            raise InvalidInputError(
                f"{source}: a search_range of {self.search_range:g} µm leaves too many ways to "
                f"link ({error}): make it smaller"
            ) from None
        number = np.concatenate([np.asarray(ids, dtype=np.int64) for _, ids in linked])
        facts.tracks = int(np.unique(number).size)
        facts.notes.append(
            f"linked by trackpy {trackpy.__version__}: {facts.tracks} tracks, steps up to "
            f"{self.search_range:g} µm, memory {self.memory}"
        )
        return columns | {"n": number}

    def _by_frame(
        self, frame: NDArray[np.int64], position: NDArray[np.float64]
    ) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """Give the positions frame by frame, empty ones included: a molecule is missed there."""
        frames, begin = np.unique(frame, return_index=True)
        last = None
        for number, here in zip(frames.tolist(), np.split(position, begin[1:]), strict=True):
            # After `memory` empty frames, more of them change nothing.
            empty = 0 if last is None else min(number - last - 1, self.memory + 1)
            for missing in range(empty):
                yield number - empty + missing, here[:0]
            last = number
            yield number, here


def optional_package(name: str, extra: str) -> Any:
    """Import a package that is installed with an extra of this one.

    Raises
    ------
    MissingPackageError
        If it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingPackageError(
            f"this needs {name}, which is not installed: pip install 'tramway-rs[{extra}]'"
        ) from error
