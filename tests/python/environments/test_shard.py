"""Shares of a run: together they are all of it, once, whatever becomes of their processes."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from tramway.environments.shard import Shard
from tramway.errors import InvalidInputError
from tramway.runs import Environment, Outcome, RunDirectory, RunState, Task

MakeRun = Callable[..., RunDirectory]


def work(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Iterator[Outcome]:
    for step in range(len(task["steps"])):
        if step not in ended:
            yield Outcome(step, 0.0, task["region"].encode())


@pytest.mark.parametrize("count", [1, 3, 7, 30])
def test_shares_are_all_of_the_tasks_once(make_run: MakeRun, count: int) -> None:
    run = make_run(20)
    shares = [Shard(number, count).share(run) for number in range(1, count + 1)]
    assert sorted(task for share in shares for task in share) == list(range(20))
    assert all(share == sorted(share, reverse=True) for share in shares)  # the largest first
    sizes = [int(run.sizes[np.array(share, np.intp)].sum()) for share in shares]
    assert max(sizes) - min(sizes) <= 20  # no more than one task


@pytest.mark.parametrize(("number", "count"), [(0, 3), (4, 3), (1, 0)])
def test_a_share_that_cannot_be(number: int, count: int) -> None:
    with pytest.raises(InvalidInputError, match=f"the share is {number} of {count}"):
        Shard(number, count)


def test_each_shard_does_its_own(make_run: MakeRun) -> None:
    run = make_run(5, 2)
    assert isinstance(Shard(1, 2), Environment)
    ends = [entry for entry in Shard(2, 2).execute(run, range(5), work) if entry.is_end]
    assert {entry.task for entry in ends} == {1, 3}
    assert len(ends) == 4
    rest = list(Shard(1, 1).execute(RunDirectory(run.path), range(5), work))
    assert {entry.task for entry in rest} == {0, 2, 4}
    assert RunState(run, run.entries()).over.all()
    assert not list(Shard(1, 1).execute(RunDirectory(run.path), range(5), work))


def test_what_two_processes_died_of_is_given_up_and_comes_last(
    make_run: MakeRun, tmp_path: Path
) -> None:
    run = make_run(5, 2)
    code = """
        import os, signal, sys
        from test_shard import Shard, work
        from tramway.runs import RunDirectory
        def kills(run, task, ended):
            if task["region"] == "roi003":
                os.kill(os.getpid(), signal.SIGKILL)
            yield from work(run, task, ended)
        run = RunDirectory(sys.argv[1])
        list(Shard(1, 1).execute(run, range(5), kills))
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(run.path)]
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    done = []
    for _ in range(3):
        ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, timeout=300)
        state = RunState(run, run.entries())
        done.append((ended.returncode, int(state.over.sum())))
    # It is the second largest: one task is done before it, then all the others.
    assert done == [(-signal.SIGKILL, 1), (-signal.SIGKILL, 4), (0, 5)]
    [failed] = [entry for entry in run.entries() if entry.state == "failed"]
    assert failed.task == 3
    assert failed.error is not None
    assert "died, 2 times" in failed.error
    assert state.counts == {"done": 8, "failed": 1, "skipped": 1}
