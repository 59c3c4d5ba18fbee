"""Several processes: the same results, whatever happens to some of them."""

import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pytest

from tramway.analyzer import environments
from tramway.errors import InvalidInputError, RunError, UnknownAttributeError
from tramway.files import read_rwa
from tramway.runs import Environment, JournalEntry, RunDirectory, RunState, worker_name

PATIENCE = 300.0  # s: a process that takes longer hangs, however busy the machine is

# Work for the processes has to be importable there: a module on the path, not this test.
WORK = """
import gc, os, signal, threading, time
from tramway import _core
from tramway.runs import Outcome
from tramway.pipeline.worker import do_steps as original

def who(run, task, ended):
    yield Outcome(0, 0.0, str(os.getpid()).encode())

def threads(run, task, ended):
    yield Outcome(0, 0.0, str(_core.thread_count()).encode())

def surroundings(run, task, ended):
    seen = f"{os.getppid()} {os.environ.get('TRAMWAY_TESTS')} {os.getcwd()}"
    yield Outcome(0, 0.0, seen.encode())

def kills_itself(run, task, ended):
    if task["region"] == "roi003":
        os.kill(os.getpid(), signal.SIGKILL)
    yield from who(run, task, ended)

def exits(run, task, ended):
    if task["region"] == "roi003":
        os._exit(0)
    yield from who(run, task, ended)

def kills_itself_or_works(run, task, ended):
    if task["region"] == "roi003":
        os.kill(os.getpid(), signal.SIGKILL)
    yield from original(run, task, ended)

def dies_once(run, task, ended):
    mark = run.path / "died"
    if task["region"] == "roi003" and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    yield Outcome(0, 0.0, b"")

def dies_after_the_first_step(run, task, ended):
    if 0 not in ended:
        yield Outcome(0, 0.0, b"first")
    mark = run.path / "died"
    if task["region"] == "roi003" and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    yield Outcome(1, 0.0, b"second")

def never_ends(run, task, ended):
    if task["region"] == "roi003":
        time.sleep(900)
    yield Outcome(0, 0.0, b"")

def is_stopped(run, task, ended):
    if task["region"] == "roi003":
        os.kill(os.getpid(), signal.SIGSTOP)
    yield Outcome(0, 0.0, b"")

def stops_all(run, task, ended):
    if task["region"] == "roi003":
        for path in run.path.glob("journal/*"):
            os.kill(int(path.stem.rpartition("-")[2]), signal.SIGSTOP)
    yield Outcome(0, 0.0, b"")

def dies_with_another(run, task, ended):
    begun, killed = run.path / "begun", run.path / "killed"
    if task["region"] == "roi000" and not killed.exists():
        begun.touch()
        time.sleep(900)  # until its process is ended together with the other one
    if task["region"] == "roi001":
        while not begun.exists():
            time.sleep(0.01)
        time.sleep(0.6 * killed.exists())
        killed.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    yield Outcome(0, 0.0, b"")

def counts_objects(run, task, ended):
    seen = f"{gc.get_freeze_count()} {len(gc.get_objects())}"
    yield Outcome(0, 0.0, seen.encode())

def leaves_a_thread(run, task, ended):
    threading.Thread(target=time.sleep, args=(900,)).start()
    yield Outcome(0, 0.0, b"")

def ends_its_process(run, task, ended):
    raise SystemExit("no")
    yield

def two_only(run, task, ended):
    for number in "12":  # whoever makes the file is let through
        try:
            (run.path / number).touch(exist_ok=False)
        except FileExistsError:
            continue
        yield from original(run, task, ended)
        return
    time.sleep(900)
"""

TWO_ONLY = """
    import tramway.pipeline.execution, work_for_tests
    tramway.pipeline.execution.do_steps = work_for_tests.two_only
"""
"""For scripts: two tasks are done, in the others their processes stay."""

SCRIPT = """
import logging, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells ignore it for what they put aside
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


MakeRun = Callable[..., RunDirectory]


def ended(run: RunDirectory, work: object, name: str, **settings: Any) -> dict[str, JournalEntry]:
    """What became of the tasks of a run of one step each."""
    env = environments.LocalHost(worker_count=2)
    for setting, value in settings.items():
        setattr(env, setting, value)
    found = env.execute(run, RunState(run).unfinished(), getattr(work, name))
    over = [entry for entry in found if entry.state != "running"]
    assert len(over) == run.step_counts.sum()  # each once
    return {f"roi{entry.task:03d}": entry for entry in over}


def took_too_long(entry: JournalEntry, limit: float) -> bool:
    """Whether a worker ended a task by itself, and rightly: any may take long on a busy machine."""
    return entry.state == "timed out" and entry.worker != worker_name() and entry.seconds >= limit


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
    for name, value in (("retries", -1), ("retries", 0.5), ("time_limit", 0), ("time_limit", "1")):
        with pytest.raises(InvalidInputError, match=f"`{name}` is"):
            setattr(env, name, value)


def test_every_task_is_done_once_elsewhere(make_run: MakeRun, work: object) -> None:
    run = make_run(8)
    found = ended(run, work, "who")
    assert sorted(found) == [f"roi{i:03d}" for i in range(8)]
    processes = {run.part(entry.part) for entry in found.values() if entry.part}
    assert str(os.getpid()).encode() not in processes
    assert len(list((run.path / "journal").iterdir())) == len(processes)


def test_each_process_has_one_thread(make_run: MakeRun, work: object) -> None:
    run = make_run(4)
    found = ended(run, work, "threads")
    assert {run.part(entry.part) for entry in found.values() if entry.part} == {b"1"}


def test_the_collector_of_a_process_does_not_look_through_what_is_imported(
    make_run: MakeRun, work: object
) -> None:
    run = make_run(4)
    for entry in ended(run, work, "counts_objects").values():
        assert entry.part is not None
        frozen, others = map(int, run.part(entry.part).split())
        assert frozen > 10 * others  # pandas and the like are some hundred thousand objects


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each process is begun anew")
def test_processes_are_copies_of_a_server_and_see_what_the_script_sees(
    make_run: MakeRun, work: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set()
    for value in ("first", "second"):
        monkeypatch.setenv("TRAMWAY_TESTS", value)
        monkeypatch.chdir(tmp_path)
        run = make_run(4)
        found = ended(run, work, "surroundings", worker_count=4)
        seen |= {run.part(entry.part).decode() for entry in found.values() if entry.part}
        shutil.rmtree(run.path)
    servers = {line.split()[0] for line in seen}
    assert len(servers) == 1
    assert str(os.getpid()) not in servers
    assert {line.partition(" ")[2] for line in seen} == {
        f"{value} {tmp_path}" for value in ("first", "second")
    }


@pytest.mark.parametrize("name", ["kills_itself", "exits"])
def test_a_task_that_ends_its_process_is_found_and_given_up(
    make_run: MakeRun, work: object, name: str
) -> None:
    run = make_run(8)
    found = ended(run, work, name)
    assert [key for key, entry in found.items() if entry.state != "done"] == ["roi003"]
    assert "was killed, 2 times" in (found["roi003"].error or "")
    # The journal says so too: whoever looks later knows.
    assert RunState(run, RunDirectory(run.path).journals.new()).unfinished() == []


def test_retries(make_run: MakeRun, work: object) -> None:
    found = ended(make_run(5), work, "kills_itself", retries=0)
    assert "was killed, 1 times" in (found["roi003"].error or "")


def test_a_task_whose_process_dies_once_is_done(make_run: MakeRun, work: object) -> None:
    run = make_run(8)
    found = ended(run, work, "dies_once")
    assert (run.path / "died").exists()
    assert {entry.state for entry in found.values()} == {"done"}


def test_a_finished_step_is_not_done_again(make_run: MakeRun, work: object) -> None:
    run = make_run(5, 2)
    ended(run, work, "dies_after_the_first_step")
    entries = [e for e in RunDirectory(run.path).journals.new() if e.task == 3]
    assert [e.step for e in entries if e.state == "done"] == [0, 1]
    assert len({e.worker for e in entries if e.state == "done"}) == 2


def test_a_task_that_never_ends(make_run: MakeRun, work: object) -> None:
    found = ended(make_run(5), work, "never_ends", time_limit=0.5)
    assert took_too_long(found.pop("roi003"), 0.5)
    assert all(e.state == "done" or took_too_long(e, 0.5) for e in found.values())


def test_a_task_whose_process_is_ended_with_another_one_has_not_taken_too_long(
    make_run: MakeRun, work: object
) -> None:
    # What its process died with is tried first, for longer than the limit.
    found = ended(make_run(2), work, "dies_with_another", time_limit=1.0, retries=2)
    assert found["roi001"].state != "done"
    assert found["roi000"].state == "done" or took_too_long(found["roi000"], 1.0)


@pytest.mark.parametrize("name", ["is_stopped", "stops_all"])
def test_a_process_that_is_stopped_is_noticed_and_ended_by_the_time_limit(
    make_run: MakeRun, work: object, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    found = ended(make_run(8), work, name, time_limit=0.5)
    assert found["roi003"].state == "timed out"
    given_up = {key for key, entry in found.items() if entry.worker == worker_name()}
    # Where both processes are stopped, the task that the other one was at is ended too.
    assert len(given_up) <= (2 if name == "stops_all" else 1)
    rest = [entry for key, entry in found.items() if key not in given_up]
    assert all(entry.state == "done" or took_too_long(entry, 0.5) for entry in rest)
    assert re.search(r"worker process (\d+) is stopped: `kill -CONT \1` lets it go on", caplog.text)


def test_a_process_that_is_stopped_and_goes_on_again(
    make_run: MakeRun, work: object, caplog: pytest.LogCaptureFixture
) -> None:
    # Without a time limit nobody ends it: who stopped it may let it go on.
    is_over = threading.Event()

    def release() -> None:
        while not is_over.wait(0.1):
            for process in re.findall(r"worker process (\d+) is stopped", caplog.text):
                with suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGCONT)

    releasing = threading.Thread(target=release)
    releasing.start()
    try:
        found = ended(make_run(8), work, "is_stopped")
    finally:
        is_over.set()
        releasing.join()
    assert {entry.state for entry in found.values()} == {"done"}
    stopped = found["roi003"].worker.rpartition("-")[2]
    assert caplog.text.count(f"worker process {stopped} is stopped") == 1


def test_a_thread_that_is_left_running_is_not_waited_for(make_run: MakeRun, work: object) -> None:
    started = time.monotonic()
    found = ended(make_run(8), work, "leaves_a_thread")
    assert {entry.state for entry in found.values()} == {"done"}
    assert time.monotonic() - started < PATIENCE  # the threads take 900 s


def test_giving_up_ends_processes_that_are_stopped(make_run: MakeRun, work: object) -> None:
    run = make_run(50)
    env = environments.LocalHost(worker_count=2)
    running = env.execute(run, range(50), work.who)  # type: ignore[attr-defined]
    pid = int(next(running).worker.rpartition("-")[2])
    os.kill(pid, signal.SIGSTOP)
    running.close()
    assert wait_until(lambda: not Path(f"/proc/{pid}").exists())


def test_processes_that_cannot_start(make_run: MakeRun, work: object) -> None:
    env = environments.LocalHost(worker_count=2)
    run = make_run(5)

    class Unknown:
        def __reduce__(self) -> Any:
            return __import__, ("no_such_module",)

    with pytest.raises(RunError, match="end before they have begun"):
        list(env.execute(run, [0, 1], Unknown()))  # type: ignore[arg-type]
    shutil.rmtree(run.path / "logs")
    with pytest.raises(RunError, match="end before they have begun"):
        list(env.execute(run, [0, 1], work.who))  # type: ignore[attr-defined]


def test_no_room_in_the_run_directory(make_run: MakeRun, work: object) -> None:
    run = make_run(5)
    (run.path / "journal").rmdir()
    env = environments.LocalHost(worker_count=2)
    with pytest.raises(OSError, match="journal"):
        list(env.execute(run, [0, 1], work.who))  # type: ignore[attr-defined]


def test_giving_up_early_ends_the_processes(make_run: MakeRun, work: object) -> None:
    env = environments.LocalHost(worker_count=2)
    running = env.execute(make_run(50), range(50), work.who)  # type: ignore[attr-defined]
    pid = int(next(running).worker.rpartition("-")[2])
    running.close()
    assert wait_until(lambda: not Path(f"/proc/{pid}").exists())


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


def wait_until(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
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
    out, err = start(arguments, tmp_path).communicate(
        text if how == "stdin" else None, timeout=PATIENCE
    )
    assert out.splitlines() == [
        "the script begins",  # once: no process has run it again
        "<RunSummary: 24 tasks done, 0 skipped, 0 failed>",
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
    out, err = start([str(path)], tmp_path).communicate(timeout=PATIENCE)
    assert "24 tasks done, 0 skipped" in out, err
    node = read_rwa(data / "a.rpt.rwa")["roi000"]
    counts = node["count"].data.maps["count"].to_numpy()
    assert (counts == 2 * node.data.location_count + 4).all()
    out, err = start([str(path)], tmp_path).communicate(timeout=PATIENCE)
    assert "0 tasks done, 24 skipped" in out, err
    path.write_text(path.read_text().replace("STEP = 1", "STEP = 2"))
    out, err = start([str(path)], tmp_path).communicate(timeout=PATIENCE)
    assert "12 tasks done, 12 skipped" in out, err


@pytest.mark.parametrize("kind", ["squares", "polygons"])
def test_the_maps_are_the_same_everywhere(data: Path, kind: str) -> None:
    from tramway.analyzer import RWAnalyzer, stages, tessellers

    found = {}
    for workers in (0, 1, 2):
        a = RWAnalyzer()
        a.spt_data.from_ascii_files(str(data / "*.rpt.txt"))
        a.spt_data.localization_precision = 0.02
        if kind == "squares":
            a.roi.from_squares([[1, 1], [2, 2]], 2.0)
        else:
            a.roi.from_polygons([[(0, 0), (2.9, 0.1), (0.2, 2.8)], [(3, 3), (1, 3), (3, 0.7)]])
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
    monkeypatch.setattr("tramway.pipeline.execution.do_steps", work.kills_itself_or_works)
    with pytest.raises(RunError, match="2 of 8 tasks failed") as caught:
        a.run()
    assert [record.region for record in caught.value.summary.failed] == ["roi003"] * 2
    assert [list(read_rwa(f.rwa_file)) for f in a.spt_data]


# Ctrl-C is pressed again while workers are ended, and when the script exits: it says that it does
# these things, and waits for a line.
PRESSED_AGAIN = """
    import atexit
    from tramway.environments.worker_pool import WorkerPool
    from tramway.pipeline import interrupts
    interrupts._SAME_PRESS = 3600.0  # seconds: however busy the machine is
    end = WorkerPool.__exit__
    def ask(what):
        print(what, file=sys.stderr, flush=True)
        sys.stdin.readline()
    def ends(pool, kind, *more):
        if kind is not None:
            ask("ends workers")
        end(pool, kind, *more)
    WorkerPool.__exit__ = ends
    atexit.register(ask, "exits")
"""


def read_until(stream: IO[str] | None, end: str) -> list[str]:
    """Lines of a stream up to one that ends so."""
    assert stream is not None
    lines = []
    for line in stream:
        lines.append(line)
        if line.rstrip().endswith(end):
            return lines
    raise AssertionError(f"no line ends in {end!r}:\n{''.join(lines)}")


@pytest.mark.parametrize("times", [1, 3])
def test_interrupting_a_script(data: Path, tmp_path: Path, times: int) -> None:
    (tmp_path / "work_for_tests.py").write_text(WORK)
    more = TWO_ONLY + (PRESSED_AGAIN if times > 1 else "")
    process = start(["-c", script(data, more)], tmp_path)
    read_until(process.stderr, ": done")
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: to the workers too
    said = []
    for what in ("ends workers", "exits")[: times - 1]:
        said += read_until(process.stderr, what)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdin is not None
        process.stdin.write("go on\n")
        process.stdin.flush()
    _, err = process.communicate(timeout=PATIENCE)
    err = "".join(said) + err
    assert process.returncode == -signal.SIGINT
    assert "of 24 steps finished and saved; run again to continue" in err
    assert err.count("KeyboardInterrupt") == err.count("Traceback") == 1  # none of the workers'
    assert wait_until(lambda: not session(process.pid))
    saved = sum(len(read_rwa(path)) for path in data.glob("*.rwa"))
    assert 1 <= saved <= 2

    out, _ = start(["-c", script(data)], tmp_path).communicate(timeout=PATIENCE)
    found = re.search(r"(\d+) tasks done, (\d+) skipped, 0 failed", out)
    assert found is not None
    done, skipped = map(int, found.groups())
    assert done + skipped == 24
    assert skipped >= 2 * saved  # what was under way may have ended meanwhile
    assert not list(data.glob("tramway-runs"))


def test_a_script_that_is_killed_loses_nothing_that_was_finished(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "work_for_tests.py").write_text(WORK)
    process = start(["-c", script(data, TWO_ONLY)], tmp_path)
    read_until(process.stderr, ": done")
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert wait_until(lambda: not session(process.pid))  # workers do not outlive it

    [path] = data.glob("tramway-runs/[0-9a-f]*")
    finished = RunState(run := RunDirectory(path), run.journals.new()).counts["done"]
    assert 2 <= finished <= 4
    out, err = start(["-c", script(data)], tmp_path).communicate(timeout=PATIENCE)
    assert f"{finished} steps were finished" in err
    assert f"{24 - finished} tasks done, {finished} skipped, 0 failed" in out
    assert not list(data.glob("tramway-runs"))
    interrupted = [read_rwa(file) for file in sorted(data.glob("*.rwa"))]
    for file in data.glob("*.rwa"):
        file.unlink()
    start(["-c", script(data)], tmp_path).communicate(timeout=PATIENCE)
    undisturbed = [read_rwa(file) for file in sorted(data.glob("*.rwa"))]
    for one, other in zip(interrupted, undisturbed, strict=True):
        assert list(one) == list(other)
        for label in one:
            maps, expected = (tree[label].get_child().data.maps for tree in (one, other))
            assert maps.to_numpy().tobytes() == expected.to_numpy().tobytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_full_disk_stops_the_run_and_more_room_continues_it(data: Path, tmp_path: Path) -> None:
    start(["-c", script(data)], tmp_path).communicate(timeout=PATIENCE)
    expected = {file.name: read_rwa(file) for file in data.glob("*.rwa")}
    place = tmp_path / "small disk"
    place.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", place], capture_output=True
    )
    if mount.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mount.stderr.decode()}")
    try:
        for file in data.glob("*.txt"):
            shutil.copy(file, place)
        process = start(["-c", script(place)], tmp_path)
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert "RunError" in err
        assert f"{place}/tramway-runs/" in err
        assert (
            "No space left on device: make room there; what is finished is kept, run again" in err
        )
        assert err.count("Traceback") == 1  # that of the script: none of its workers'
        [path] = place.glob("tramway-runs/[0-9a-f]*")
        run = RunDirectory(path)
        # Steps of regions; what it takes to save a source is none of them.
        finished = sum(e.state == "done" and not run.closes[e.task] for e in run.journals.new())
        assert finished > 0

        subprocess.run(["mount", "-o", "remount,size=20m", place], check=True)
        out, err = start(["-c", script(place)], tmp_path).communicate(timeout=PATIENCE)
        assert f"{24 - finished} tasks done, {finished} skipped, 0 failed" in out, err
        assert not list(place.glob("tramway-runs"))
        for name, tree in expected.items():
            found = read_rwa(place / name)
            assert list(found) == list(tree)
            for label in tree:
                maps, other = (t[label].get_child().data.maps for t in (found, tree))
                assert maps.to_numpy().tobytes() == other.to_numpy().tobytes()
    finally:
        subprocess.run(["umount", place], check=True)
