"""The part of MPI that needs no MPI: tests/cluster has the real launchers."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from tramway.environments.mpi import MPI
from tramway.runs import (
    Environment,
    Journal,
    JournalEntry,
    NewRun,
    Outcome,
    RunDirectory,
    RunState,
    Task,
)

MakeRun = Callable[..., RunDirectory]


def work(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Iterator[Outcome]:
    for step in range(len(task["steps"])):
        if step not in ended:
            yield Outcome(step, 0.0, task["region"].encode())


def full_disk(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Any:
    raise OSError(28, "No space left on device", "x.parts")


class Immediate(Executor):
    """Does what is submitted at once, in this very process."""

    def submit(self, function: Any, /, *arguments: Any, **options: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, **options))
        except BaseException as error:  # noqa: BLE001
            future.set_exception(error)
        return future


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this process from becoming a worker: it has other tests to do."""
    monkeypatch.setattr("tramway.environments.dealer._prepare", lambda *_: None)


@pytest.mark.parametrize("others", [0, 1, 3, 8, 100])
def test_every_task_is_done_once(make_run: MakeRun, others: int) -> None:
    run = make_run(50, 2)
    env = MPI(Immediate() if others else None, others)
    assert isinstance(env, Environment)
    state = RunState(run)
    entries = list(env.execute(run, range(50), work))
    assert sum(map(state.update, entries)) == len(entries) == 150
    assert state.over.all()
    assert not env.is_busy
    assert not env.is_running(run)


def test_the_first_process_works_among_few() -> None:
    assert [MPI(None, n).worker_count for n in (0, 1, 7, 8, 100)] == [1, 2, 8, 8, 100]


def test_a_full_disk_ends_the_run(make_run: MakeRun) -> None:
    run = make_run(3, 1)
    for others in (0, 8):
        with pytest.raises(OSError, match="No space left"):
            list(MPI(Immediate() if others else None, others).execute(run, range(3), full_disk))


def died(run: RunDirectory, *tasks: int) -> None:
    """Write down that tasks were begun, by a process that is no more."""
    journal = Journal(run)
    journal.write([JournalEntry(t, 0, "running", journal.worker, time.time()) for t in tasks])


def test_what_killed_alone_and_repeatedly_is_given_up(make_run: MakeRun) -> None:
    run = make_run(6, 2)
    died(run, 1, 2, 3)
    assert list(MPI(None, 0).execute(run, [], work)) == []
    died(run, 1, 2)  # again: one of them is to blame, it is not known which
    assert list(MPI(None, 0).execute(run, [], work)) == []
    died(run, 2)  # alone
    entries = list(MPI(None, 0).execute(RunDirectory(run.path), range(6), work))
    states = {(e.task, e.step): e.state for e in entries if e.state != "running"}
    assert states.pop((2, 0)) == "failed"
    assert states.pop((2, 1)) == "skipped"
    assert len(states) == 10
    assert set(states.values()) == {"done"}
    assert "the only one at work" in entries[0].error
    # The other suspect came last.
    assert entries[-1].task == 1


@pytest.mark.parametrize("others", [1, 8])
def test_steps_that_are_done_are_not_done_again(make_run: MakeRun, others: int) -> None:
    run = make_run(2, 2)
    journal = Journal(run)
    part = journal.store(b"roi000")
    died(run, 0)
    journal.write([JournalEntry(0, 0, "done", journal.worker, time.time(), part=part)])
    entries = list(MPI(Immediate(), others).execute(RunDirectory(run.path), [0], work))
    assert [(e.task, e.step) for e in entries if e.state == "done"] == [(0, 1)]


class Stopped(Immediate):
    """One process is stopped in the first of its tasks; it answers when it is let go on."""

    def __init__(self) -> None:
        self.held: list[Callable[[], None]] = []

    def submit(self, function: Any, /, *arguments: Any, **options: Any) -> "Future[Any]":
        path, numbers = arguments[2:4]
        if 3 not in numbers or self.held:
            return super().submit(function, *arguments, **options)
        future: Future[Any] = Future()
        died(RunDirectory(path), numbers[0])
        answer = super().submit(function, *arguments, **options)
        self.held.append(lambda: future.set_result(answer.result()))
        return future


@pytest.mark.slow
@pytest.mark.parametrize("goes_on", [False, True])
def test_a_process_that_is_stopped_costs_its_task_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, goes_on: bool
) -> None:
    # The limit is so long that no task reaches it by itself; whoever deals them out does not wait.
    monkeypatch.setattr("tramway.environments.dealer.OVERDUE", -3600.0)
    monkeypatch.setattr("tramway.environments.dealer._LOOK", 0.05)
    with NewRun(tmp_path / "run") as new:
        for number in range(20):
            new.add_task({"source": 0, "region": f"roi{number:03d}", "steps": [{}, {}]}, number)
        run = new.finish({"time_limit": 3600.0}, None)
    executor = Stopped()
    env = MPI(executor, 8)
    state = RunState(run)

    def lazily(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Any:
        yield from () if task["region"] == "roi003" else work(run, task, ended)

    for entry in env.execute(run, [3, *range(3), *range(4, 20)], lazily):
        state.update(entry)
        if goes_on and entry.state == "timed out":
            executor.held[0]()
    assert state.over.all()
    assert state.counts == {"done": 38, "timed out": 1, "skipped": 1}
    assert env.is_busy != goes_on


def test_processes_that_leave_in_a_task_are_missed() -> None:
    # The launcher has to see a code other than 0; children that were forked may end as they like.
    script = (
        "import os\n"
        "from tramway.environments import mpi\n"
        "block = mpi._exit_is_failure()\n"
        "block.__enter__()\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os._exit(0)\n"
        "print(os.waitpid(child, 0)[1], flush=True)\n"
        "os._exit(int({code}))\n"
    )
    for code, expected in [("0", 1), ("5", 5)]:
        command = [sys.executable, "-c", script.format(code=code)]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
        assert (done.stdout, done.returncode) == ("0\n", expected), done.stderr
