"""What a run tells of itself in the end."""

import pytest

from tramway.runs import RunSummary, TaskRecord


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


def test_tasks_that_took_too_long_are_among_the_failed(summary: RunSummary) -> None:
    summary.records.append(TaskRecord("infer", "c.txt", "roi000", "timed out", message="too long"))
    assert [record.source for record in summary.failed] == ["a.txt", "c.txt"]


def test_remarks_that_differ_in_numbers_only_are_said_once() -> None:
    summary = RunSummary(
        [
            TaskRecord("infer", "a.txt", f"roi{i:03d}", "done", notes=(f"σ² is 0.{i} D Δt",))
            for i in range(1, 4)
        ]
    )
    assert summary.grouped_notes() == ["a.txt, roi001: σ² is 0.1 D Δt (2 more like it)"]
    assert len(summary.all_notes()) == 3


def test_a_table_of_many_tasks_ends() -> None:
    records = [TaskRecord("infer", "a.txt", f"roi{i}", "done") for i in range(1000)]
    table = RunSummary(records)._repr_html_()
    assert table.count("<tr>") == 101
    assert "and 900 more" in table
