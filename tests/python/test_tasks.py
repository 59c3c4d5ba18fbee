"""Records of work, and the environment that is always there."""

import pickle

import pytest

from tramway.errors import InvalidInputError, UnknownAttributeError
from tramway.tasks import Environment, InProcess, Outcome, RunSummary, Task, TaskRecord


def double(context: int, task: Task) -> Outcome:
    return Outcome(task.key, 0.0, {"value": context * task.size})


def task(size: int) -> Task:
    return Task(0, "file", f"roi{size:03d}", size, len)


def test_in_process_does_the_tasks_in_order() -> None:
    outcomes = list(InProcess().execute(double, 10, [task(2), task(1)]))
    assert [outcome.results["value"] for outcome in outcomes] == [20, 10]
    assert [outcome.key for outcome in outcomes] == [(0, "file", "roi002"), (0, "file", "roi001")]


def test_in_process_is_an_environment_without_workers() -> None:
    env = InProcess()
    assert isinstance(env, Environment)
    env.script = "notebook.ipynb"
    assert env.script == "notebook.ipynb"
    with pytest.raises(UnknownAttributeError, match=r"a\.env = environments\.LocalHost"):
        env.worker_count = 3
    with pytest.raises(InvalidInputError, match="`script`"):
        env.script = ""


def test_tasks_can_be_sent() -> None:
    assert pickle.loads(pickle.dumps(task(3))) == task(3)


@pytest.fixture
def summary() -> RunSummary:
    return RunSummary(
        [
            TaskRecord("infer", "a.txt", "roi000", "done", 0.5, notes=("not converged",)),
            TaskRecord("infer", "a.txt", "roi001", "failed", message="<too few>"),
            TaskRecord("infer", "b.txt", "", "skipped", message="no file of regions"),
        ],
        ["a.txt: 2 tracks go back in time"],
    )


def test_summary_tells_what_failed_and_why(summary: RunSummary) -> None:
    assert str(summary).splitlines() == [
        "1 tasks done, 1 skipped, 1 failed",
        "failed: infer: a.txt, roi001: <too few>",
        "note: a.txt: 2 tracks go back in time",
        "note: a.txt, roi000: not converged",
    ]


def test_summary_as_a_table_escapes_texts(summary: RunSummary) -> None:
    table = summary._repr_html_()
    assert "&lt;too few&gt;" in table
    assert table.count("<tr>") == 4
