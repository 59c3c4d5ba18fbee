"""What tests of several rooms use."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the repository."""
    path = Path(__file__).parents[3] / "shared"
    if not path.is_dir():
        pytest.skip(f"no real data: {path} is absent")
    return path
