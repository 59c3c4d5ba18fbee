"""How far a run has come."""

from collections.abc import Callable

from tramway.runs import JournalEntry, Part, RunDirectory, RunState

MakeRun = Callable[..., RunDirectory]


def entry(task: int, step: int, state: str, time: float = 1.0) -> JournalEntry:
    part = Part("parts/a", 0, 0, 0) if state == "done" else None
    return JournalEntry(task, step, state, "here-1", time, part=part)  # type: ignore[arg-type]


def test_largest_first(make_run: MakeRun) -> None:
    assert RunState(make_run(4)).unfinished() == [3, 2, 1, 0]


def test_a_task_is_over_when_each_step_ended_somehow(make_run: MakeRun) -> None:
    state = RunState(make_run(3, 2))
    state.update(entry(1, 0, "running"))
    assert list(state.running) == [1]
    state.update(entry(1, 0, "done"))
    assert not state.over[1]
    assert state.steps_left(1) == [1]
    assert list(state.ended_steps(1)) == [0]
    state.update(entry(1, 1, "failed"))
    assert state.over[1]
    assert state.running == {}
    assert state.unfinished() == [2, 0]
    assert state.counts == {"done": 1, "failed": 1}


def test_what_is_said_twice_counts_once(make_run: MakeRun) -> None:
    state = RunState(make_run(2))
    assert state.update(entry(0, 0, "running"))
    assert not state.update(entry(0, 0, "running"))
    assert state.update(entry(0, 0, "done"))
    assert not state.update(entry(0, 0, "done"))
    assert not state.update(entry(0, 0, "running"))
    assert state.counts == {"done": 1}
    assert state.interruptions.sum() == 0


def test_tasks_that_workers_died_of_come_last(make_run: MakeRun) -> None:
    state = RunState(make_run(3))
    state.update(entry(2, 0, "running"))
    state.update(entry(2, 0, "running", time=2.0))  # begun again: the first worker is no more
    state.update(entry(1, 0, "running"))
    state.interrupt([0, 1, 2])
    assert state.interruptions.tolist() == [0, 1, 2]
    assert state.unfinished() == [0, 1, 2]
    assert state.running == {}


def test_another_worker_may_say_that_one_is_no_more(make_run: MakeRun) -> None:
    state = RunState(make_run(2))
    assert state.update(entry(1, 0, "running"))
    assert state.update(entry(1, 0, "interrupted", time=2.0))
    assert not state.update(entry(1, 0, "interrupted", time=2.0))
    assert state.running == {}
    state.update(entry(1, 0, "running", time=3.0))
    assert state.interruptions.tolist() == [0, 1]
    assert state.counts.total() == 0
