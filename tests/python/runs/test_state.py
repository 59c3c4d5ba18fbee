"""How far a run has come."""

from collections.abc import Callable
from itertools import chain, permutations
from pathlib import Path

from tramway.runs import JournalEntry, NewRun, Part, RunDirectory, RunState

MakeRun = Callable[..., RunDirectory]


def entry(task: int, step: int, state: str, time: float = 1.0) -> JournalEntry:
    part = Part("parts/a", 0, 0, 0) if state == "done" else None
    return JournalEntry(task, step, state, "here-1", time, part=part)  # type: ignore[arg-type]


def test_largest_first(make_run: MakeRun) -> None:
    assert RunState(make_run(4)).unfinished() == [3, 2, 1, 0]


def test_source_by_source_the_one_of_the_largest_task_first(tmp_path: Path) -> None:
    with NewRun(tmp_path / "run") as new:
        for source, size in [(0, 3), (0, 5), (1, 9), (1, 1), (2, 5), (2, 5)]:
            new.add_task({"source": source, "region": "", "steps": [{}]}, size)
        run = new.finish({}, None)
    state = RunState(run)
    assert state.unfinished() == [2, 3, 1, 0, 4, 5]
    state.update(entry(2, 0, "running"))
    state.interrupt([2])
    assert state.unfinished() == [3, 1, 0, 4, 5, 2]


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
    assert state.update(entry(1, 0, "interrupted"))
    assert not state.update(entry(1, 0, "interrupted"))
    assert state.running == {}
    state.update(entry(1, 0, "running", time=3.0))
    assert state.interruptions.tolist() == [0, 1]
    assert state.counts.total() == 0


def test_that_a_worker_is_no_more_is_not_taken_for_the_next_one(make_run: MakeRun) -> None:
    # The journal of a rank that died in the task is seen before that of the first rank of the same
    # job, which says that the rank of an earlier job had died in it.
    state = RunState(make_run(2))
    state.update(entry(1, 0, "running", time=1.0))
    state.interrupt([1])
    state.update(entry(1, 0, "running", time=2.0))
    state.update(entry(1, 0, "interrupted", time=1.0))
    assert list(state.running) == [1]
    assert state.interruptions.tolist() == [0, 1]


def test_journals_may_be_seen_in_any_order(make_run: MakeRun) -> None:
    run = make_run(2, 2)
    said = [
        [entry(0, 0, "running", time=1.0), entry(0, 0, "done", time=1.5)],
        [entry(0, 1, "interrupted", time=1.0)],
        [entry(0, 1, "running", time=2.0)],
        [entry(1, 0, "running", time=3.0)],
        [entry(1, 0, "interrupted", time=3.0), entry(0, 0, "interrupted", time=2.0)],
        [entry(0, 1, "running", time=4.0)],
    ]
    for order in permutations(said):
        state = RunState(run, chain.from_iterable(order))
        assert {task: begun.time for task, begun in state.running.items()} == {0: 4.0}
        assert state.interruptions.tolist() == [2, 1]
        assert state.steps_left(0) == [1]
