"""Steps of tasks: what run directories say of them, and what a worker does with those left."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tramway.analyzer import RWAnalyzer
from tramway.pipeline import do_steps, execution, step_of
from tramway.pipeline.steps import CallStep, InferStep, PlanStep, Step, TessellateStep
from tramway.runs import RunDirectory, Task

PART = {"journal": "a-1", "start": 0, "end": 9}

# As lines of `tasks.jsonl` have been since there are such files: they have to stay readable.
STEPS: list[tuple[dict[str, Any], Step, str]] = [
    (
        {"do": "tessellate", "sampling": "roi000", "discarded_below": None},
        TessellateStep(sampling="roi000", discarded_below=None),
        "tessellate",
    ),
    (
        {
            "do": "infer",
            "sampling": "roi000",
            "maps": "dv",
            "input": PART,
            "localization_precision": "column",
            "exposure_time": 0.0,
        },
        InferStep(
            sampling="roi000",
            maps="dv",
            input=PART,
            localization_precision="column",
            exposure_time=0.0,
        ),
        "infer",
    ),
    (
        {"do": "call", "name": "my_stage", "sampling": "", "input": PART},
        CallStep(name="my_stage", sampling="", input=PART),
        "my_stage",
    ),
    (
        {"do": "plan", "datafile": "a.txt", "lost": ["roi001"], "workers_save": True},
        PlanStep(datafile="a.txt", lost=["roi001"], workers_save=True),
        "plan",
    ),
]


@pytest.mark.parametrize(("plain", "step", "title"), STEPS, ids=[title for _, _, title in STEPS])
def test_steps_as_run_directories_say_them(plain: dict[str, Any], step: Step, title: str) -> None:
    task = {"source": 0, "region": "roi000", "steps": [plain]}
    assert step_of(task, 0) == step
    assert step_of({"steps": [step.as_plain()]}, 0) == step
    assert step.as_plain().items() >= plain.items()
    assert step.title == title


def test_after_a_sampling_that_failed_before_there_is_nothing_to_infer(
    declare: Callable[..., RWAnalyzer], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {}

    def without_result(run: RunDirectory, task: Task, ended: dict[int, bytes | None]) -> Any:
        # Its worker died after it had said that the first step failed.
        said[task["region"]] = list(do_steps(run, task, {0: None}))
        yield from do_steps(run, task, ended)

    monkeypatch.setattr(execution, "do_steps", without_result)
    declare("a.rpt.txt").run()
    assert sorted(said) == ["roi000", "roi001"]
    for region, [outcome] in said.items():
        assert (outcome.step, outcome.is_skipped) == (1, True)
        assert outcome.error == f"there is no sampling {region!r}"
