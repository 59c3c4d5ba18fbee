"""Tasks that close a source are due when all others of it are over, and know what these made."""

from pathlib import Path

import pytest

from tramway.runs import (
    Closing,
    Journal,
    JournalEntry,
    NewRun,
    RunDirectory,
    RunState,
    made_before,
)


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """Two sources of two regions each, and a task that closes each; one source without."""
    with NewRun(tmp_path / "run") as new:
        for source in (0, 1):
            for size in (5, 3):
                new.add_task({"source": source, "region": str(size), "steps": [{}, {}]}, size)
            new.add_task({"source": source, "region": "", "steps": [{}, {}]}, 0, closes=True)
        new.add_task({"source": 2, "region": "alone", "steps": [{}, {}]}, 0)
        return new.finish({}, None)


def done(run: RunDirectory, task: int, *, failed: bool = False) -> list[JournalEntry]:
    """Write what a worker would, who did a task."""
    journal = Journal(run)
    entries = []
    for step in (0, 1):
        part = None if failed else journal.store(f"{task}.{step}".encode())
        state = "failed" if failed else "done"
        entries.append(JournalEntry(task, step, state, journal.worker, 1.0, part=part))  # type: ignore[arg-type]
    journal.write(entries)
    return entries


def test_they_come_last_of_their_source(run: RunDirectory) -> None:
    assert run.closes.tolist() == [False, False, True, False, False, True, False]
    assert run.order.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert run.regions.tolist() == [0, 1, 3, 4, 6]


def test_due_when_all_others_are_over(run: RunDirectory) -> None:
    state = RunState(run)
    closing = Closing(run, state, range(run.task_count))
    assert not list(closing.due())
    for task, failed, due in ((3, False, None), (0, False, None), (1, True, 2), (4, False, 5)):
        for entry in done(run, task, failed=failed):
            state.update(entry)
        begun = closing.after(task)
        assert (None if begun is None else begun.task) == due
        assert closing.after(task) is None  # once
        if begun is not None and begun.part is not None:
            made = made_before(run.part(begun.part))
            # What failed has made nothing; all the others are written.
            numbers = [0] if task == 1 else [3, 4]
            assert [(n, step) for n, step, _ in made] == [(n, s) for n in numbers for s in (0, 1)]
            assert [run.part(part) for n, step, part in made] == [
                f"{n}.{step}".encode() for n in numbers for step in (0, 1)
            ]
            assert state.steps_left(begun.task) == [1]
    assert state.closing_of(6) is None


def test_what_was_begun_before_is_found_in_the_journals(run: RunDirectory) -> None:
    state = RunState(run, [entry for task in (0, 1) for entry in done(run, task)])
    [first] = Closing(run, state, [2]).due()
    again = RunState(run, run.entries())  # in whatever order these come
    [second] = Closing(run, again, [2]).due()
    assert second.part == first.part
    assert not again.update(second)
    assert not list(Closing(run, again, []).due())  # it is nobody's to do here
    for entry in done(run, 2):
        again.update(entry)
    assert again.over[2]
    assert not list(Closing(run, again, [2]).due())


def test_the_state_does_not_depend_on_the_order_of_entries(run: RunDirectory) -> None:
    entries = [entry for task in (0, 1, 2) for entry in done(run, task)]
    for order in (entries, entries[::-1], entries[3:] + entries[:3]):
        state = RunState(run, order)
        assert state.over.tolist() == [True] * 3 + [False] * 4
        assert state.closing_of(0) is None
