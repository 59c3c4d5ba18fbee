"""What a worker does with one task."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tramway.errors import InvalidInputError, UnknownAttributeError
from tramway.runs import (
    Environment,
    InProcess,
    Journal,
    JournalEntry,
    Outcome,
    RunDirectory,
    RunState,
    Span,
    Task,
    do_task,
)

MakeRun = Callable[..., RunDirectory]


def work(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Iterator[Outcome]:
    for number, _ in enumerate(task["steps"]):
        if number not in ended:
            yield Outcome(number, 0.1, f"{task['region']} {number}".encode(), ("a note",))


def fails(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Iterator[Outcome]:
    yield Outcome(0, 0.1, error="oh", traceback="in fails")
    yield Outcome(1, 0.0, error="oh", is_skipped=True)


def sleeps(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Iterator[Outcome]:
    yield Outcome(0, 0.1, b"first")
    time.sleep(60)


def test_steps_are_written_down(make_run: MakeRun) -> None:
    run = make_run(3, 2)
    entries = run.journals.at(do_task(work, str(run.path), 1))
    assert [(e.task, e.step, e.state) for e in entries] == [
        (1, 0, "running"),
        (1, 0, "done"),
        (1, 1, "done"),
    ]
    assert [run.part(e.part) for e in entries if e.part] == [b"roi001 0", b"roi001 1"]
    assert entries[1].notes == ("a note",)
    assert entries[1].worker.endswith(str(os.getpid()))
    assert entries[1].peak_memory > 1_000_000
    assert abs(entries[1].time - time.time()) < 10


def test_steps_that_another_worker_ended_are_not_done_again(make_run: MakeRun) -> None:
    run = make_run(1, 3)
    state = RunState(run, run.journals.at(do_task(work, str(run.path), 0))[:2])
    entries = run.journals.at(do_task(work, str(run.path), 0, state.ended_steps(0)))
    assert [e.step for e in entries if e.state == "done"] == [1, 2]


def test_damaged_results_are_made_again(make_run: MakeRun) -> None:
    run = make_run(1, 2)
    state = RunState(run, run.journals.at(do_task(work, str(run.path), 0))[:2])
    for path in (run.path / "parts").iterdir():
        os.truncate(path, 2)
    entries = run.journals.at(do_task(work, str(run.path), 0, state.ended_steps(0)))
    assert [e.step for e in entries if e.state == "done"] == [0, 1]


def test_failures_are_told(make_run: MakeRun) -> None:
    run = make_run(1, 2)
    entries = run.journals.at(do_task(fails, str(run.path), 0))
    assert [(e.state, e.error) for e in entries[1:]] == [("failed", "oh"), ("skipped", "oh")]
    assert entries[1].traceback == "in fails"


def test_tasks_that_take_too_long_end(make_run: MakeRun) -> None:
    run = make_run(1, 3)
    entries = run.journals.at(do_task(sleeps, str(run.path), 0, time_limit=0.2))
    assert [(e.step, e.state) for e in entries[1:]] == [
        (0, "done"),
        (1, "timed out"),
        (2, "skipped"),
    ]
    assert "time limit of 0.2 s" in (entries[2].error or "")
    assert 0 < entries[2].seconds < 30  # the step takes 60 s


@pytest.mark.parametrize("last", [0, 1])
def test_a_limit_that_is_reached_while_a_step_is_written_down_is_that_of_the_next_step(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    run = make_run(1, 2)
    write = Journal.write

    def slowly(journal: Journal, entries: Sequence[JournalEntry]) -> Span:
        span = write(journal, entries)
        if (entries[0].step, entries[0].state) == (last, "done"):
            signal.raise_signal(signal.SIGALRM)  # as the clock does in the end
        return span

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "write", slowly)
        entries = run.journals.at(do_task(work, str(run.path), 0, time_limit=3600))
    assert [entry.step for entry in entries if entry.state == "done"] == list(range(last + 1))
    # The first step is not said to have ended in two ways; there is none after the second.
    assert [e.step for e in entries if e.state == "timed out"] == ([1] if last == 0 else [])
    assert all(entry.state != "skipped" for entry in entries)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.slow
def test_tasks_that_heed_no_signal_cost_their_process_the_life(make_run: MakeRun) -> None:
    run = make_run(1)
    script = """
        import signal, sys, time
        from tramway.runs import worker
        def deaf(run, task, ended):
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            time.sleep(600)
            yield
        worker.GRACE = 0.5
        worker.become_worker(sys.argv[1])
        worker.do_task(deaf, sys.argv[1], 0, time_limit=0.2)
    """
    arguments = [sys.executable, "-c", textwrap.dedent(script), str(run.path)]
    path = os.pathsep.join(filter(None, sys.path))
    ended = subprocess.run(
        arguments, env={**os.environ, "PYTHONPATH": path}, capture_output=True, timeout=300
    )
    assert ended.returncode == 1
    assert b"deaf" in ended.stderr  # where it was
    assert [e.state for e in run.journals.new()] == ["running"]
    [log] = (run.path / "logs").iterdir()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_run_of_the_same_path_is_another_run(make_run: MakeRun, tmp_path: Path) -> None:
    for count in (1, 2):
        run = make_run(count, count)
        entries = run.journals.at(do_task(work, str(run.path), count - 1))
        assert len(entries) == count + 1


def test_in_process_does_the_tasks_in_order(make_run: MakeRun) -> None:
    run = make_run(3)
    entries = list(InProcess().execute(run, [2, 0], work))
    assert [(e.task, e.state) for e in entries] == [
        (2, "running"),
        (2, "done"),
        (0, "running"),
        (0, "done"),
    ]
    assert all(isinstance(e, JournalEntry) for e in entries)


def test_in_process_is_an_environment_without_workers() -> None:
    env = InProcess()
    assert isinstance(env, Environment)
    env.script = "notebook.ipynb"
    assert env.script == "notebook.ipynb"
    with pytest.raises(UnknownAttributeError, match=r"a\.env = environments\.LocalHost"):
        env.worker_count = 3
    with pytest.raises(InvalidInputError, match="`script`"):
        env.script = ""
