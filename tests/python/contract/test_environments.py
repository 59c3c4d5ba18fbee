"""What the analyzer and the commands ask of an environment; a new one is a class, and its name."""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tramway import environments
from tramway.cli.configuration import analyzer_of
from tramway.data import simulate
from tramway.environments import Executor
from tramway.environments.mpi import MPI
from tramway.runs import (
    BaseEnvironment,
    Environment,
    InProcess,
    JournalEntry,
    RunDirectory,
    Work,
    do_task,
)

ALL = [getattr(environments, name) for name in environments.__all__ if name != "Executor"]


class Toy(BaseEnvironment):
    """As CONTRIBUTING says one is added."""

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        for number in reversed(tasks):
            yield from run.journals.at(do_task(work, str(run.path), number))


@pytest.fixture(
    params=[InProcess, Toy, lambda: MPI(None, 0), lambda: Executor(ThreadPoolExecutor(1)), *ALL]
)
def env(request: pytest.FixtureRequest) -> Environment:
    made = request.param()
    assert isinstance(made, Environment)
    return made


def test_all_that_is_asked_of_it_is_there(env: Environment) -> None:
    assert (env.script, env.time_limit, env.scratch_folder) == (None, None, None)
    assert env.workers_at_hand >= 0
    env.script = "analysis.ipynb"
    assert env.script == "analysis.ipynb"


def test_whose_workers_begin_at_once() -> None:
    assert [Toy().workers_at_hand, InProcess().workers_at_hand] == [0, 0]
    assert environments.Slurm().workers_at_hand == 0  # its queue would be waited for twice
    assert environments.LocalHost(3).workers_at_hand == 3
    assert MPI(None, 300).workers_at_hand == 300
    assert Executor(ThreadPoolExecutor(2)).workers_at_hand == 2


def test_a_new_one_does_an_analysis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "Toy", Toy, raising=False)
    monkeypatch.setattr(environments, "__all__", [*environments.__all__, "Toy"])
    movie = simulate(
        track_count=60,
        track_length=15,
        frame_interval=0.02,
        lower=(0, 0),
        upper=(3, 3),
        diffusivity=0.1,
        seed=1,
    )
    movie.to_csv(tmp_path / "a.txt", sep="\t", index=False, header=False)
    a = analyzer_of(
        {
            "spt_data": {"from_ascii_files": str(tmp_path / "a.txt")},
            "tesseller": {"from_plugin": "hexagon"},
            "mapper": {"from_plugin": "d"},
            "environment": {"name": "Toy", "script": "analysis.py"},
        }
    )
    assert (type(a.env), a.script) == (Toy, "analysis.py")
    assert len(a.run().done) == 2
