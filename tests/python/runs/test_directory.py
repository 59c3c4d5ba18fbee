"""Run directories: made at once, found whole, read by everyone."""

import json
import pickle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tramway.errors import DamagedRunError, InvalidInputError, RunError
from tramway.runs import NewRun, RunDirectory, directories_of, remove_others

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


def test_inputs(tmp_path: Path) -> None:
    with NewRun(tmp_path / "run") as new:
        parts = [new.add_input(content) for content in (b"one", b"two")]
        run = new.finish({}, None)
    assert [run.part(part) for part in parts] == [b"one", b"two"]


def test_what_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError, match="by zero"),
        NewRun(tmp_path / "runs" / "run") as new,
    ):
        new.add_task({"source": 0, "steps": []}, 1 // 0)
    assert list((tmp_path / "runs").iterdir()) == []


def test_no_two_runs_have_the_same_path(make_run: MakeRun, tmp_path: Path) -> None:
    before, after = make_run(3), make_run(3)
    assert before.path != after.path
    assert directories_of(tmp_path / "run") == sorted([before.path, after.path])
    (tmp_path / ".run-draft").mkdir()
    (tmp_path / "runner").mkdir()
    remove_others(tmp_path / "run", after)
    assert sorted(tmp_path.iterdir()) == [after.path, tmp_path / "runner"]


def test_what_a_result_is_of_is_the_task_and_all_settings(make_run: MakeRun) -> None:
    one, same, longer, other = make_run(3), make_run(2), make_run(2, 2), make_run(2, name="other")
    assert one.subject(1) == same.subject(1)
    assert len({run.subject(1) for run in (one, longer, other)} | {one.subject(0)}) == 4


@pytest.mark.parametrize("spoil", ["nothing there", "no tasks", "not JSON", "a list"])
def test_other_directories_are_refused(make_run: MakeRun, tmp_path: Path, spoil: str) -> None:
    path = make_run(1).path
    if spoil == "nothing there":
        path = tmp_path
    elif spoil == "no tasks":
        (path / "tasks.npy").unlink()
    else:
        (path / "job.json").write_text("{" if spoil == "not JSON" else "[1]")
    with pytest.raises(InvalidInputError, match="is not a run directory, or a damaged one"):
        RunDirectory(path)


@pytest.mark.parametrize("name", ["job.json", "tasks.npy", "tasks.jsonl", "callables.pickle"])
def test_a_flipped_bit_is_noticed(tmp_path: Path, name: str) -> None:
    with NewRun(tmp_path / "run") as new:
        new.add_task({"source": 0, "region": "roi000", "steps": [{}]}, 10)
        path = new.finish({"what": "a test"}, pickle.dumps([len])).path
    content = (path / name).read_bytes()
    places = range(8 * len(content)) if len(content) < 100 else range(0, 8 * len(content), 53)
    for bit in places:
        spoiled = bytearray(content)
        spoiled[bit // 8] ^= 1 << bit % 8
        (path / name).write_bytes(spoiled)
        # A bit of the blanks between words changes nothing that is read.
        with suppress(InvalidInputError, DamagedRunError):
            run = RunDirectory(path)
            assert run.description["what"] == "a test"
            assert run.task(0) == {"source": 0, "region": "roi000", "steps": [{}]}
            assert run.callables() == [len]
            assert name == "job.json"
    (path / name).write_bytes(content[:-1])
    with pytest.raises((InvalidInputError, DamagedRunError), match="damaged"):
        RunDirectory(path).task(0), RunDirectory(path).callables()


@pytest.mark.parametrize("name", ["tasks.jsonl", "callables.pickle"])
def test_what_is_gone_is_told(tmp_path: Path, name: str) -> None:
    with NewRun(tmp_path / "run") as new:
        new.add_task({"source": 0, "region": "roi000", "steps": [{}]}, 10)
        run = new.finish({}, pickle.dumps([len]))
    (run.path / name).unlink()
    with pytest.raises(DamagedRunError, match=f"{name} is missing"):
        run.task(0), run.callables()


def test_functions_that_need_what_is_not_here_are_told(tmp_path: Path) -> None:
    with NewRun(tmp_path / "run") as new:
        run = new.finish({}, b"cno_such_module\nf\n.")
    with pytest.raises(RunError, match="cannot be used here: ModuleNotFoundError"):
        run.callables()


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
