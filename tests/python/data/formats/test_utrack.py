"""u-track's events, and coordinates that it saved as sparse matrices."""

from pathlib import Path

import numpy as np
import pytest
import scipy.io
import scipy.sparse

from tramway.data.formats import read_localizations
from tramway.errors import FileFormatError

COORDINATES = np.array([[1.0, 2, 0, 1, 0.1, 0.1, 0, 0, 1.5, 2, 0, 1, 0.1, 0.1, 0, 0]])


def write(path: Path, coordinates: object, partner: float) -> Path:
    events = np.array([[1, 1, 1, partner], [2, 2, 1, partner]])
    track = np.zeros((1, 1), dtype=[("tracksCoordAmpCG", object), ("seqOfEvents", object)])
    track[0, 0] = (coordinates, events)
    scipy.io.savemat(path, {"tracksFinal": track})
    return path


@pytest.mark.parametrize(("partner", "cuts"), [(np.nan, 0), (0, 0), (1, 2)])
def test_only_a_segment_that_there_is_splits_or_merges(
    partner: float, cuts: int, tmp_path: Path
) -> None:
    facts = read_localizations(write(tmp_path / "a.mat", COORDINATES, partner))[2]
    assert facts.localizations == 2
    assert len(facts.problems) == bool(cuts)
    assert all(f"split or merge {cuts} times" in problem for problem in facts.problems)


def test_sparse_coordinates_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mat", scipy.sparse.csc_matrix(COORDINATES), np.nan)
    with pytest.raises(FileFormatError, match=r"a\.mat: tracksFinal\(1\) has no full array of"):
        read_localizations(path)
