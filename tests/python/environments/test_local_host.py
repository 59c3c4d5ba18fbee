"""Several processes: the same results, whatever happens to some of them."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tramway.analyzer import environments
from tramway.errors import InvalidInputError, RunError, UnknownAttributeError
from tramway.files import read_rwa
from tramway.tasks import Environment, Outcome, Task

# Work for the processes has to be importable there: a module on the path, not this test.
WORK = """
import os, signal, time
from tramway import _core
from tramway.tasks import Outcome
from tramway.analyzer.work import run_task as original

def double(context, task):
    return Outcome(task.key, 0.0, {"value": context * task.size, "pid": os.getpid()})

def threads(context, task):
    return Outcome(task.key, 0.0, {"value": _core.thread_count()})

def kills_itself(context, task):
    if task.region == "roi003":
        os.kill(os.getpid(), signal.SIGKILL)
    return double(context, task)

def kills_itself_or_works(context, task):
    if task.region == "roi003":
        os.kill(os.getpid(), signal.SIGKILL)
    return original(context, task)

def dies_once(context, task):
    if task.region == "roi003" and not os.path.exists(context):
        open(context, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return Outcome(task.key, 0.0)

class Unreadable:
    def __init__(self, *values):
        pass
    def __reduce__(self):
        return Unreadable, ("no", "such"), None, iter([1])  # has no append: fails there

class Deadly:
    def __reduce__(self):
        os.kill(os.getpid(), signal.SIGKILL)

def dies_sending(context, task):
    return Outcome(task.key, 0.0, {"value": Deadly() if task.region == "roi003" else 0})

def cannot_be_sent(context, task):
    return Outcome(task.key, 0.0, {"value": lambda: 0})

def slow(context, task):
    time.sleep(0.5)
    return original(context, task)
"""

SCRIPT = """
import logging, sys
print("the script begins", flush=True)
from tramway.analyzer import *
a = RWAnalyzer()
a.spt_data.from_ascii_files({data!r} + "/*.rpt.txt")
a.spt_data.localization_precision = 0.02
a.roi.from_squares([[x, y] for x in (0.75, 2.25) for y in (0.5, 1.5, 2.5)], 1.5)
a.tesseller = tessellers.Hexagons
a.mapper.from_plugin("stochastic.dv", diffusivity_prior=20, potential_prior=1)
a.pipeline.append_stage(stages.tessellate_and_infer())
a.env = environments.LocalHost
a.env.worker_count = 2
a.logger.setLevel(logging.DEBUG)
{more}
print(repr(a.run()))
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    (tmp_path / "work_for_tests.py").write_text(WORK)
    monkeypatch.syspath_prepend(tmp_path)
    import work_for_tests

    yield work_for_tests
    del sys.modules["work_for_tests"]


def tasks(count: int) -> list[Task]:
    return [Task(0, "file", f"roi{i:03d}", i, len) for i in range(count)]


def outcomes(work: object, name: str, context: object, count: int = 8) -> dict[str, Outcome]:
    env = environments.LocalHost(worker_count=2)
    found = list(env.execute(getattr(work, name), context, tasks(count)))
    assert len(found) == count  # each once
    return {outcome.key[2]: outcome for outcome in found}


def test_settings() -> None:
    env = environments.LocalHost()
    assert isinstance(env, Environment)
    cores = len(os.sched_getaffinity(0))
    assert env.processes(100) == min(cores, 100)
    env.worker_count = -1
    assert env.processes(100) == max(1, cores - 1)
    env.worker_count = 10
    assert env.processes(3) == 3
    env.script = Path("a.ipynb")
    assert env.script == "a.ipynb"
    for value in (0, 1.5, "4", True):
        with pytest.raises(InvalidInputError, match="`worker_count` is"):
            env.worker_count = value
    with pytest.raises(UnknownAttributeError, match="did you mean `worker_count`"):
        env.worker_cuont = 3


def test_every_task_is_done_once_elsewhere(work: object) -> None:
    found = outcomes(work, "double", 10)
    assert {key: o.results["value"] for key, o in found.items()} == {
        f"roi{i:03d}": 10 * i for i in range(8)
    }
    assert os.getpid() not in {o.results["pid"] for o in found.values()}


def test_each_process_has_one_thread(work: object) -> None:
    assert {o.results["value"] for o in outcomes(work, "threads", None).values()} == {1}


def test_a_task_that_kills_its_process_is_found_and_given_up(work: object) -> None:
    found = outcomes(work, "kills_itself", 10)
    failed = [key for key, outcome in found.items() if outcome.error]
    assert failed == ["roi003"]
    assert "was killed, twice" in (found["roi003"].error or "")
    assert found["roi004"].results["value"] == 40


def test_a_task_whose_process_dies_once_is_done(work: object, tmp_path: Path) -> None:
    found = outcomes(work, "dies_once", str(tmp_path / "died"))
    assert (tmp_path / "died").exists()
    assert not any(outcome.error for outcome in found.values())


def test_a_process_that_dies_while_it_sends(work: object) -> None:
    failed = [key for key, outcome in outcomes(work, "dies_sending", None).items() if outcome.error]
    assert failed == ["roi003"]


def test_processes_that_cannot_start(work: object, capfd: pytest.CaptureFixture[str]) -> None:
    env = environments.LocalHost(worker_count=2)
    with pytest.raises(RunError, match="end before they have begun"):
        list(env.execute(work.double, work.Unreadable(), tasks(100)))
    assert "append" in capfd.readouterr().err


def test_an_outcome_that_cannot_be_sent(work: object) -> None:
    found = outcomes(work, "cannot_be_sent", None, count=2)
    assert all("unexpected" in (outcome.error or "") for outcome in found.values())


def test_giving_up_early_ends_the_processes(work: object) -> None:
    running = environments.LocalHost(worker_count=2).execute(work.double, 1, tasks(50))
    pid = next(running).results["pid"]
    running.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    from tramway.data import simulate

    folder = tmp_path / "my data"
    folder.mkdir()
    for seed, name in enumerate("ab"):
        movie = simulate(
            track_count=80,
            track_length=15,
            frame_interval=0.02,
            lower=(0, 0),
            upper=(3, 3),
            diffusivity=0.1,
            seed=seed,
        )
        movie.to_csv(folder / f"{name}.rpt.txt", sep="\t", index=False, header=False)
    return folder


def script(data: Path, more: str = "") -> str:
    return SCRIPT.format(data=str(data), more=textwrap.dedent(more))


def start(arguments: list[str], tmp_path: Path) -> "subprocess.Popen[str]":
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )


def session(leader: int) -> set[int]:
    """Living processes of a session."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] not in "ZX":
            found.add(int(status.parent.name))
    return found


def wait_until(condition: Callable[[], object], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(condition())


@pytest.mark.parametrize("how", ["file", "command", "stdin"])
def test_scripts_need_no_guard(data: Path, tmp_path: Path, how: str) -> None:
    text = script(data)
    path = tmp_path / "my script.py"
    path.write_text(text)
    arguments = {"file": [str(path)], "command": ["-c", text], "stdin": ["-"]}[how]
    out, err = start(arguments, tmp_path).communicate(text if how == "stdin" else None, timeout=60)
    assert out.splitlines() == [
        "the script begins",  # once: no process has run it again
        "<RunSummary: 12 tasks done, 0 skipped, 0 failed>",
    ], err


def test_a_function_of_the_script_as_mapper(data: Path, tmp_path: Path) -> None:
    # The workers do not run the script, and its folder is not among their modules.
    more = """
        import numpy as np
        from my_models import double
        STEP = 1
        def count(partition, offset=0):
            return {"count": double(partition.location_count) + STEP + offset}
        a.mapper = mapper.MapperPlugin(count, offset=3)
    """
    (tmp_path / "my_models.py").write_text("def double(x): return 2 * x")
    path = tmp_path / "script.py"
    path.write_text(script(data, more))
    out, err = start([str(path)], tmp_path).communicate(timeout=60)
    assert "12 tasks done, 0 skipped" in out, err
    node = read_rwa(data / "a.rpt.rwa")["roi000"]
    counts = node["count"].data.maps["count"].to_numpy()
    assert (counts == 2 * node.data.location_count + 4).all()
    out, err = start([str(path)], tmp_path).communicate(timeout=60)
    assert "0 tasks done, 12 skipped" in out, err


def test_the_maps_are_the_same_everywhere(data: Path) -> None:
    from tramway.analyzer import RWAnalyzer, stages, tessellers

    found = {}
    for workers in (0, 1, 2):
        a = RWAnalyzer()
        a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
        a.spt_data.localization_precision = 0.02
        a.roi.from_squares([[1, 1], [2, 2]], 2.0)
        a.tesseller = tessellers.Hexagons
        a.mapper.from_plugin("stochastic.dv", diffusivity_prior=20, potential_prior=1)
        a.pipeline.append_stage(stages.tessellate())
        a.pipeline.append_stage(stages.reload())
        a.pipeline.append_stage(stages.infer())
        if workers:
            a.env = environments.LocalHost(worker_count=workers)
        a.run()
        found[workers] = [
            region.get_sampling().get_child().data.maps.to_numpy().tobytes() for region in a.roi
        ]
        for f in a.spt_data:
            f.rwa_file.unlink()
    assert found[0] == found[1] == found[2]


def test_a_killed_worker_in_a_run(
    data: Path, work: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tramway.analyzer import RWAnalyzer, stages, tessellers

    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
    a.roi.from_squares([[x, 1.5] for x in (0.5, 1.0, 1.5, 2.0)], 1.0)
    a.tesseller = tessellers.Hexagons
    a.pipeline.append_stage(stages.tessellate())
    a.env = environments.LocalHost(worker_count=2)
    monkeypatch.setattr("tramway.analyzer.run.run_task", work.kills_itself_or_works)
    with pytest.raises(RunError, match="2 of 8 tasks failed") as caught:
        a.run()
    assert [record.region for record in caught.value.summary.failed] == ["roi003"] * 2
    assert [list(read_rwa(f.rwa_file)) for f in a.spt_data]


def test_interrupting_a_script(data: Path, tmp_path: Path) -> None:
    (tmp_path / "work_for_tests.py").write_text(WORK)
    slow = """
        import tramway.analyzer.run, work_for_tests
        tramway.analyzer.run.run_task = work_for_tests.slow
    """
    process = start(["-c", script(data, slow)], tmp_path)
    assert process.stderr is not None
    for line in process.stderr:
        if line.rstrip().endswith(": done"):
            break
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: to the workers too
    _, err = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert "of 12 tasks finished and saved; run again to continue" in err
    assert err.count("KeyboardInterrupt") == 1  # no word of the workers
    assert wait_until(lambda: not session(process.pid))
    saved = sum(len(read_rwa(path)) for path in data.glob("*.rwa"))
    assert 1 <= saved < 12

    out, _ = start(["-c", script(data)], tmp_path).communicate(timeout=60)
    assert f"{12 - saved} tasks done, {saved} skipped" in out


def test_workers_do_not_outlive_the_script(data: Path, tmp_path: Path) -> None:
    (tmp_path / "work_for_tests.py").write_text(WORK)
    slow = """
        import tramway.analyzer.run, work_for_tests
        tramway.analyzer.run.run_task = work_for_tests.slow
    """
    process = start(["-c", script(data, slow)], tmp_path)
    assert process.stderr is not None
    for line in process.stderr:
        if line.rstrip().endswith(": done"):
            break
    process.kill()
    process.communicate(timeout=30)
    assert wait_until(lambda: not session(process.pid))
