"""A run that is planned anew remembers which tasks workers died of."""

import time
from collections.abc import Callable
from pathlib import Path

from tramway.runs import Journal, JournalEntry, NewRun, RunDirectory, RunState, inherit, unended


def make(path: Path, regions: list[int]) -> RunDirectory:
    """Run of some regions of one source."""
    with NewRun(path) as new:
        for region in regions:
            steps = [{"do": "one"}, {"do": "two"}]
            new.add_task({"source": 0, "region": f"roi{region}", "steps": steps}, 1)
        return new.finish({}, None)


def writer(run: RunDirectory) -> Callable[..., float]:
    journal = Journal(run)

    def write(task: int, step: int, state: str, begun: float | None = None) -> float:
        part = journal.store(b"x") if state == "done" else None
        now = begun or time.time()
        entry = JournalEntry(task, step, state, "a-1", now, part=part)  # type: ignore[arg-type]
        journal.write([entry])
        return now

    return write


def test_deaths_are_inherited(tmp_path: Path) -> None:
    old = make(tmp_path / "old", [0, 1, 2, 3])
    write = writer(old)
    write(0, 0, "running")
    write(0, 0, "done")
    write(0, 1, "done")  # over
    begun = write(1, 0, "running")
    write(1, 0, "done")  # died in the second step
    write(1, 0, "interrupted", begun)
    write(1, 1, "running")  # and again
    write(3, 0, "running")
    before = RunState(old, old.entries())

    new = make(tmp_path / "new", [3, 2, 1])  # in another order
    inherit(new, unended([old]))
    state = RunState(new, new.entries())
    assert state.interruptions.tolist() == [0, 0, 1]
    assert list(state.running) == [2, 0]
    assert before.interruptions.tolist() == [0, 1, 0, 0]
    assert set(before.running) == {1, 3}
    assert state.unfinished() == [0, 1, 2]  # the one that a worker died of comes last
    assert not state.over.any()


def test_there_may_be_nothing_to_inherit(tmp_path: Path) -> None:
    assert unended([]) == []
    run = make(tmp_path / "run", [0])
    inherit(run, unended([run]))
    assert run.entries() == []
    writer(run)(0, 0, "running")
    other = make(tmp_path / "other", [5])
    inherit(other, unended([run]))  # a task that there is no more
    assert other.entries() == []
