"""Tasks as they are written down, here or there."""

from pathlib import Path
from typing import Any

from tramway.runs import NewRun, PlannedTask, RunDirectory, WrittenTasks


def task(source: int, region: str, step_count: int = 1) -> dict[str, Any]:
    return {"source": source, "region": region, "steps": [{"do": "x"}] * step_count}


TASKS = [
    PlannedTask(task(0, "roi000"), 5),
    PlannedTask(task(0, "β", 3), 2**40),
    PlannedTask(task(0, "", 2), 0, closes=True),
    PlannedTask(task(7, "roi000"), 1),
]


def files(run: RunDirectory) -> list[bytes]:
    return [(run.path / name).read_bytes() for name in ("tasks.jsonl", "tasks.npy", "job.json")]


def test_blocks_of_any_length_are_the_same_as_one_task_after_the_other(tmp_path: Path) -> None:
    made = []
    for sizes in ([1, 1, 1, 1], [4], [0, 1, 0, 3], [2, 2]):
        with NewRun(tmp_path / "0123") as new:
            first = 0
            for size in sizes:
                block = WrittenTasks.of(new.analysis, TASKS[first : first + size])
                assert block.count == size
                new.add_tasks(block)
                first += size
            assert new.task_count == 4
            made.append(new.finish({"what": "a test"}, None))
    with NewRun(tmp_path / "0123") as new:
        numbers = [new.add_task(one.task, one.size, closes=one.closes) for one in TASKS]
        made.append(new.finish({"what": "a test"}, None))
    assert numbers == [0, 1, 2, 3]
    assert [files(run) for run in made] == [files(made[0])] * 5
    run = made[1]
    assert [run.task(number) for number in range(4)] == [one.task for one in TASKS]
    assert run.sizes.tolist() == [5, 2**40, 0, 1]
    assert run.step_counts.tolist() == [1, 3, 2, 1]
    assert run.sources.tolist() == [0, 0, 0, 7]
    assert run.closes.tolist() == [False, False, True, False]


def test_a_run_may_have_no_task(tmp_path: Path) -> None:
    with NewRun(tmp_path / "0123") as new:
        run = new.finish({}, None)
    assert run.task_count == 0
    assert run.order.tolist() == []


def test_another_analysis_has_other_hashes() -> None:
    one, other = (WrittenTasks.of(name, TASKS) for name in ("0123", "4567"))
    assert one.lines == other.lines
    assert one.index != other.index
