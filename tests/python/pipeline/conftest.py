"""Movies that several tests of the pipeline analyse."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest


@pytest.fixture
def movies(data: Path, movie: Callable[..., pd.DataFrame]) -> Path:
    """Folder with five movies of two regions each."""
    for seed, name in enumerate("cde", 2):
        movie(seed).to_csv(data / f"{name}.rpt.txt", sep="\t", index=False, header=False)
        (data / f"{name}.rpt-roi.txt").write_text((data / "a.rpt-roi.txt").read_text())
    return data
