"""Run directories: made at once, found whole, read by everyone."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tramway.errors import InvalidInputError, RunError
from tramway.runs import NewRun, RunDirectory, run_lock

MakeRun = Callable[..., RunDirectory]


def test_tasks_are_read_by_number(make_run: MakeRun) -> None:
    made = make_run(40_000, 2)  # more than are kept in memory
    run = RunDirectory(made.path)
    assert run.task_count == 40_000
    assert [run.task(number)["region"] for number in (0, 1, 39_999)] == [
        "roi000",
        "roi001",
        "roi39999",
    ]
    assert run.sizes[39_999] == 39_999
    assert set(run.step_counts) == {2}
    assert run.description["what"] == "a test"


def test_nobody_else_may_look_into_it(make_run: MakeRun) -> None:
    path = make_run(1).path
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert {stat.S_IMODE(f.stat().st_mode) & 0o077 for f in path.iterdir() if f.is_dir()} == {0}


def test_inputs(tmp_path: Path) -> None:
    with NewRun(tmp_path / "run") as new:
        parts = [new.add_input(content) for content in (b"one", b"two")]
        run = new.finish({}, None)
    assert [run.part(part) for part in parts] == [b"one", b"two"]


def test_what_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), NewRun(tmp_path / "runs" / "run") as new:
        new.add_task({"steps": []}, 1 // 0)
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_new_run_replaces_another_of_that_path(make_run: MakeRun) -> None:
    before, after = make_run(3), make_run(4)
    assert before.path == after.path
    assert before.task_count == 3
    assert RunDirectory(after.path).task_count == 4


@pytest.mark.parametrize("spoil", ["nothing there", "no tasks", "not JSON"])
def test_other_directories_are_refused(make_run: MakeRun, tmp_path: Path, spoil: str) -> None:
    path = make_run(1).path
    if spoil == "nothing there":
        path = tmp_path
    elif spoil == "no tasks":
        (path / "tasks.npy").unlink()
    else:
        (path / "job.json").write_text("{")
    with pytest.raises(InvalidInputError, match="is not a run directory, or a damaged one"):
        RunDirectory(path)


def test_other_formats_are_refused(make_run: MakeRun) -> None:
    path = make_run(1).path
    (path / "job.json").write_text(json.dumps({"format": 99, "tramway": "9.9"}))
    with pytest.raises(InvalidInputError, match=r"made by tramway 9\.9"):
        RunDirectory(path)


def test_functions_of_another_python_are_refused(tmp_path: Path) -> None:
    import cloudpickle

    with NewRun(tmp_path / "run") as new:
        run = new.finish({}, cloudpickle.dumps([lambda x: x + 1]))
    assert run.callables()[0](1) == 2
    run.description["python"] = "3.99"
    with pytest.raises(RunError, match=r"Python 3\.99 wrote"):
        run.callables()


def test_one_process_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "tramway-runs" / "run"
    with run_lock(path), pytest.raises(RunError, match="going on in another"), run_lock(path):
        pass
    assert not path.parent.exists()
    with run_lock(path):
        pass
