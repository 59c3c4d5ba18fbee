"""What tests of several rooms use."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tramway.runs import NewRun, RunDirectory

# How long an example takes is the business of benches: machines that run tests are busy.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the repository."""
    path = Path(__file__).parents[3] / "shared"
    if not path.is_dir():
        pytest.skip(f"no real data: {path} is absent")
    return path


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., RunDirectory]:
    """Make a run directory of tasks named ``roi000``, … whose sizes are their numbers."""

    def make(task_count: int, step_count: int = 1, name: str = "run") -> RunDirectory:
        with NewRun(tmp_path / name) as new:
            for number in range(task_count):
                steps = [{"do": f"step {step}"} for step in range(step_count)]
                new.add_task({"region": f"roi{number:03d}", "steps": steps}, number)
            return new.finish({"what": "a test"}, None)

    return make
