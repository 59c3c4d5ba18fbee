"""Plans, made by the process that submits or by its workers: the same run directory to the byte."""

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor as FuturesExecutor
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, stages
from tramway.environments import Executor
from tramway.errors import RunError
from tramway.pipeline import planner
from tramway.pipeline.execution import Run
from tramway.runs import BaseEnvironment, JournalEntry, RunDirectory, Work

Declare = Callable[..., RWAnalyzer]

FILES = ("tasks.jsonl", "tasks.npy", "job.json", "inputs.parts", "callables.pickle")


class Plans(BaseEnvironment):
    """Has an executor plan, and leaves when the run is there.

    Attributes
    ----------
    planned
        Numbers of the sources that its workers were asked to plan.
    written
        What is in the files of the run.
    """

    saves = True

    def __init__(self, executor: FuturesExecutor | None, worker_count: int = 2) -> None:
        self._executor, self._worker_count = executor, worker_count
        self._planned: list[int] = []
        self._written: dict[str, bytes] = {}

    @property
    def planned(self) -> list[int]:
        return sorted(self._planned)

    @property
    def written(self) -> dict[str, bytes]:
        return self._written

    @property
    def workers_at_hand(self) -> int:
        return self._worker_count if self._executor is not None else 0

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Generator[JournalEntry, None, None]:
        if not run.path.name.startswith("."):
            paths = (run.path / name for name in FILES)
            self._written = {path.name: path.read_bytes() for path in paths if path.exists()}
            raise SystemExit(0)
        self._planned += run.sources[tasks].tolist()
        assert self._executor is not None
        yield from Executor(self._executor, self._worker_count).execute(run, tasks, work)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture(autouse=True)
def _asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have workers asked as soon as there are two sources for them."""
    monkeypatch.setattr(planner, "WORTH_ASKING", 0.0)


def plan(a: RWAnalyzer, env: Plans) -> dict[str, Any]:
    """What is in the run directory, what the summary says, and what is told of failures."""
    a.env = env
    run = Run(a)
    with suppress(SystemExit, RunError):
        run.execute(list(a.pipeline._stages))
    summary = run._book.summary
    said = {"records": summary.records, "notes": summary.notes, "untold": run._book.untold}
    return {**env.written, **said}


def both_ways(
    make: Callable[[], RWAnalyzer], threads: FuturesExecutor
) -> tuple[dict[str, Any], list[int]]:
    """Plan it by workers, and expect what this process plans; tell whom workers were asked for."""
    here = plan(make(), Plans(None))
    env = Plans(threads)
    there = plan(make(), env)
    assert sorted(there) == sorted(here)
    for name, content in here.items():
        assert there[name] == content, name
    return there, env.planned


def test_text(movies: Path, declare: Declare, threads: ThreadPoolExecutor) -> None:
    found, asked = both_ways(declare, threads)
    assert found["tasks.jsonl"].count(b"\n") == 5 * (2 + 1)  # two regions, and saving
    assert asked == [1, 2, 3, 4]
    assert not list((movies / "tramway-runs").glob(".*-*"))


def test_paths_are_those_of_the_script(
    movies: Path, declare: Declare, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(movies)
    (movies / "c.rpt.txt").write_text("1\t0\t0\t0\n1\t1\t1\tx\n")  # damaged
    (movies / "d.rpt-roi.txt").unlink()
    table = pd.read_csv("e.rpt.txt", sep="\t", header=None)
    table[[1, 2]] *= 1000  # nm, which is told

    def make() -> RWAnalyzer:
        a = declare()
        a.spt_data.from_ascii_files("*.rpt.txt")
        a.spt_data.localization_precision = None
        return a

    table.to_csv("e.rpt.txt", sep="\t", header=False, index=False)
    found, asked = both_ways(make, threads)
    assert asked == [1, 2, 3, 4]
    assert b'"datafile":"b.rpt.txt"' in found["tasks.jsonl"]
    failed = [record for record in found["records"] if record.status == "failed"]
    assert {record.source for record in failed if not record.region} == {"c.rpt.txt", "d.rpt.txt"}
    assert not any(str(movies) in record.message for record in failed)
    assert any(note.startswith("e.rpt.txt: e.rpt.txt: ") for note in found["notes"])
    assert any("precision is not set" in note for note in found["notes"])


@pytest.mark.parametrize("kind", ["boxes", "file", "overlapping", "polygons"])
def test_regions(
    movies: Path,
    declare: Declare,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    monkeypatch.chdir(movies)

    def make() -> RWAnalyzer:
        a = declare()
        if kind == "boxes":  # a third is not a decimal number
            a.roi.from_squares([[1, 1], [2, 1.5]], 4 / 3)
        elif kind == "file":
            for item in a.spt_data:
                item.roi.from_ascii_file("a.rpt-roi.txt")
        elif kind == "overlapping":
            a.roi.from_squares([[1, 1], [1.5, 1.5], [2.8, 2.8]], 1, group_overlapping_roi=True)
        else:
            a.roi.from_polygons([[[0, 0], [2, 0.1], [1, 1.9]], [[1, 1], [3, 1], [3, 3]]])
        return a

    found, asked = both_ways(make, threads)
    assert asked == [1, 2, 3, 4]
    assert found["tasks.jsonl"].count(b"\n") == 5 * 3


def test_other_files(movies: Path, declare: Declare, threads: ThreadPoolExecutor) -> None:
    for path in movies.glob("*.rpt.txt"):
        table = pd.read_csv(path, sep="\t", names=["track", "x", "y", "t"])
        table.to_csv(path.with_suffix(".csv"), index=False)

    def make() -> RWAnalyzer:
        a = declare()
        columns = {"n": "track", "x": "x", "y": "y", "t": "t"}
        pattern = str(movies / "*.csv")
        a.spt_data.from_files(pattern, format="csv", columns=columns, time_unit="s")
        a.spt_data.coord_scale = 1.0
        return a

    found, asked = both_ways(make, threads)
    assert asked == [1, 2, 3, 4]
    assert found["tasks.jsonl"].count(b"\n") == 5 * 2  # saved by the process that has the tables
    assert len(found["inputs.parts"]) > 5 * 60 * 15 * 8  # localizations


def test_streamed(movies: Path, declare: Declare, threads: ThreadPoolExecutor) -> None:
    def make() -> RWAnalyzer:
        a = declare()
        a.spt_data.streaming = True
        return a

    found, asked = both_ways(make, threads)
    assert asked == [1, 2, 3, 4]
    assert found["inputs.parts"]


@pytest.mark.parametrize("of_rwa", [False, True])
def test_some_of_it_is_there(
    movies: Path, declare: Declare, threads: ThreadPoolExecutor, of_rwa: bool
) -> None:
    a = declare("[abc].rpt.txt")
    a.pipeline.reset()
    a.pipeline.append_stage(stages.tessellate())
    a.run()
    declare("a.rpt.txt").run()

    def make() -> RWAnalyzer:
        a = declare()
        if of_rwa:
            a.spt_data.from_rwa_files(str(movies / "*.rwa"))
            a.spt_data.localization_precision = 0.02
        return a

    found, asked = both_ways(make, threads)
    assert asked == ([1, 2] if of_rwa else [1, 2, 3, 4])
    skipped = [record for record in found["records"] if record.status == "skipped"]
    assert len(skipped) == 2 * 2 + 2 * 2  # both steps of one movie, and cells of two
    assert len(found["inputs.parts"]) > 0  # cells that maps start from


def test_what_failed_before(movies: Path, declare: Declare, threads: ThreadPoolExecutor) -> None:
    a = declare()
    a.mapper.from_plugin(_fails)
    with pytest.raises(RunError, match="a bug"):
        a.run()

    def make() -> RWAnalyzer:
        a = declare()
        a.mapper.from_plugin(_fails)
        a.pipeline.reset()
        a.pipeline.append_stage(stages.tessellate())
        return a

    both_ways(make, threads)


def _fails(partition: Any) -> Any:
    raise ValueError("a bug")


def test_labels_by_functions(movies: Path, declare: Declare, threads: ThreadPoolExecutor) -> None:
    suffix = " of the nucleus"

    def make() -> RWAnalyzer:
        a = declare()
        a.pipeline.reset()
        a.pipeline.append_stage(stages.tessellate(label=lambda region: region + suffix))
        a.pipeline.append_stage(
            stages.infer(sampling_label=lambda region: region + suffix, map_label="D and V")
        )
        return a

    found, asked = both_ways(make, threads)
    assert asked == [1, 2, 3, 4]
    assert found["tasks.jsonl"].count(b"roi001 of the nucleus") == 5 * 2


def test_regions_without_cells_are_left_out(
    movies: Path, declare: Declare, threads: ThreadPoolExecutor
) -> None:
    found = []
    for executor in (None, threads):
        a = declare()
        a.env = env = Plans(executor)
        run = Run(a)
        sources = [item.source for item in a.spt_data]
        run._book.without_result |= {(sources[1], "roi000"), (sources[2], "")}
        with suppress(SystemExit):
            run.execute(list(a.pipeline._stages))
        found.append(env.written)
    assert found[0] == found[1]
    assert found[0]["tasks.jsonl"].count(b"\n") == 3 * 3 + 2


def test_what_the_script_has_in_memory_is_planned_here(
    movies: Path, declare: Declare, threads: ThreadPoolExecutor
) -> None:
    a, env = declare(), Plans(threads)
    a.spt_data[2].analyses.metadata["who"] = "me"
    assert len(a.spt_data[3].dataframe)
    plan(a, env)
    assert env.planned == [1, 4]


def test_tables_are_planned_here(
    declare: Declare, movie: Callable[..., pd.DataFrame], threads: ThreadPoolExecutor
) -> None:
    a, env = declare(), Plans(threads)
    a.spt_data.from_dataframes([movie(seed) for seed in range(4)])
    a.roi.from_squares([[1, 1]], 1.0)
    assert plan(a, env)["tasks.jsonl"].count(b"\n") == 4
    assert env.planned == []


def test_functions_are_planned_here(
    movies: Path, declare: Declare, threads: ThreadPoolExecutor
) -> None:
    a, env = declare(), Plans(threads)
    a.pipeline.reset()
    a.pipeline.append_stage(_fails, granularity="source")
    assert plan(a, env)["tasks.jsonl"].count(b"\n") == 5
    assert env.planned == []


def test_few_are_planned_here(declare: Declare, threads: ThreadPoolExecutor) -> None:
    env = Plans(threads)
    plan(declare(), env)  # the second of two would take workers as long
    assert env.planned == []


def test_one_worker_is_not_asked(
    movies: Path, declare: Declare, threads: ThreadPoolExecutor
) -> None:
    env = Plans(threads, 1)
    plan(declare(), env)
    assert env.planned == []


def test_short_plans_are_made_here(
    movies: Path, declare: Declare, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "WORTH_ASKING", 600.0)
    env = Plans(threads)
    plan(declare(), env)
    assert env.planned == []
