"""Sources are saved by workers, as the last of their tasks, and nothing finished is ever lost."""

import json
import os
import pkgutil
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tramway.analyzer import RWAnalyzer, environments, stages
from tramway.cli.plan_only import PlanOnly
from tramway.cli.progress import Progress
from tramway.errors import MissingResultError, RunError
from tramway.files import read_rwa, save_rwa
from tramway.files.atomic_write import write_lock
from tramway.pipeline.worker import Worker
from tramway.runs import RunDirectory, RunState

Declare = Callable[..., RWAnalyzer]
PATIENCE = 300.0
SAVED_BY = "tramway.analyzer.source.source.save_rwa"


@pytest.fixture
def threads() -> Iterator[environments.Executor]:
    """Workers in this process, where tests can get at them."""
    with ThreadPoolExecutor(2) as executor:
        yield environments.Executor(executor)


def there(folder: Path) -> dict[tuple[str, str], bytes]:
    """Maps in all files of a folder, to the last bit."""
    found = {}
    for path in folder.glob("*.rwa"):
        tree = read_rwa(path)
        for label in tree:
            for name in tree[label]:
                maps = tree[label][name].data.maps
                found[path.name, f"{label} {name}"] = maps.to_numpy().tobytes()
    return found


def run_directory(data: Path) -> RunDirectory:
    [path] = data.glob("tramway-runs/[0-9a-f]*")
    return RunDirectory(path)


def test_workers_save_what_this_process_would(
    declare: Declare, data: Path, threads: object
) -> None:
    declare().run()
    expected = there(data)
    assert len(expected) == 4
    for path in data.glob("*.rwa"):
        path.unlink()
    a = declare()
    a.env = threads
    saved_by: list[str] = []
    original = Worker.save

    def save(self: Worker, *arguments: Any) -> Any:
        saved_by.append(threading.current_thread().name)
        return original(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Worker, "save", save)
        summary = a.run()
    assert len(saved_by) == 2
    assert threading.current_thread().name not in saved_by
    assert len(summary.records) == len(summary.done) == 8  # steps of regions, nothing else
    assert there(data) == expected
    assert not list(data.glob("tramway-runs"))
    # What the script sees is read from the files, when it is asked for.
    assert not any(f.is_loaded for f in a.spt_data)
    for f in a.spt_data:
        for region in f.roi:
            maps = region.get_sampling().get_child("stochastic.dv").data.maps
            key = f.rwa_file.name, f"{region.label} stochastic.dv"
            assert maps.to_numpy().tobytes() == expected[key]
    assert len(a.run().skipped) == 8


def test_a_file_that_was_moved_is_told(declare: Declare, data: Path, threads: object) -> None:
    a = declare("a.rpt.txt")
    a.env = threads
    a.run()
    kept = a.spt_data[0].get_sampling("roi000").data
    (data / "a.rpt.rwa").rename(data / "elsewhere.rwa")
    assert kept.entry_count > 0  # what was read stays
    with pytest.raises(FileNotFoundError, match=r"a\.rpt\.rwa"):
        a.spt_data[0].get_sampling("roi001").data  # noqa: B018
    a.spt_data[0].forget_tree()
    with pytest.raises(
        MissingResultError, match=r"a\.rpt\.rwa', in which the results were, is not"
    ):
        a.spt_data[0].get_sampling("roi000")
    assert len(a.run().done) == 4  # made again, as always


def test_a_tree_that_was_looked_at_is_saved_here(
    declare: Declare, threads: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It may have what its file does not have.
    a = declare()
    a.env = threads
    mine = a.spt_data[0].analyses
    mine.metadata["note"] = "mine"
    saved: list[int] = []
    original = Worker.save

    def save(self: Worker, source: int, *arguments: Any) -> Any:
        saved.append(source)
        return original(self, source, *arguments)

    monkeypatch.setattr(Worker, "save", save)
    a.run()
    assert saved == [1]
    assert list(mine) == ["roi000", "roi001"]
    assert read_rwa(a.spt_data[0].rwa_file).metadata["note"] == "mine"


@pytest.mark.parametrize("times", [2, 100])
def test_no_room_for_a_file(
    declare: Declare,
    data: Path,
    threads: object,
    monkeypatch: pytest.MonkeyPatch,
    times: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls: list[str] = []

    def full(path: Path, *what: Any) -> Any:
        calls.append(path.name)
        if len(calls) <= times:
            raise OSError(28, "No space left on device", str(path))
        return save_rwa(path, *what)

    a = declare()
    a.env = threads
    with monkeypatch.context() as patch:
        patch.setattr(SAVED_BY, full)
        if times == 2:  # no worker finds room, and whoever takes in what is left does
            assert len(a.run().done) == 8
            assert "no worker could save it: " in caplog.text
            assert len(there(data)) == 4
            return
        with pytest.raises(RunError, match=r"2 of 10 tasks failed(?s:.)*No space left") as caught:
            a.run()
    assert [record.stage for record in caught.value.summary.failed] == ["save", "save"]
    assert "what became of each task stays in" in caplog.text
    run = run_directory(data)
    progress = Progress(run)
    progress.read()
    said = progress.report()
    assert "4 regions: 4 done, 0 failed" in said
    assert f"not saved: {data / 'a.rpt.txt'}: " in said
    assert "No space left on device" in said
    b = declare()
    b.env = threads
    assert len(b.run().skipped) == 8  # nothing is made again
    assert len(there(data)) == 4
    assert not list(data.glob("tramway-runs"))


@pytest.mark.parametrize("what", [SAVED_BY, "tramway.pipeline.results.put_into_tree"])
def test_who_interrupts_while_results_are_saved_finds_them_saved(
    declare: Declare,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    what: str,
) -> None:
    original, calls = pkgutil.resolve_name(what), []

    def pressed(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(what, pressed)
        with pytest.raises(KeyboardInterrupt):
            declare().run()
    assert "interrupted: 4 of 8 steps finished and saved" in caplog.text
    assert len(there(data)) == 2
    summary = declare().run()
    assert (len(summary.done), len(summary.skipped)) == (4, 4)


def test_what_cannot_be_written_beside_the_data_is_found_again(
    declare: Declare, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(path: Path, *what: Any) -> Any:
        raise OSError(30, "Read-only file system", str(path))

    elsewhere = tmp_path / "temporary"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != data)  # root may write there
    with monkeypatch.context() as patch:
        patch.setattr(SAVED_BY, read_only)
        with pytest.raises(RunError, match="Read-only file system"):
            declare().run()
    assert not list(data.glob("tramway-runs"))
    monkeypatch.setattr("os.getpid", lambda: 1)  # another process
    assert len(declare().run().skipped) == 8  # nothing is made again
    assert len(there(data)) == 4
    assert not list(elsewhere.iterdir())


def test_what_others_have_put_into_the_file_meanwhile_stays(
    declare: Declare, data: Path, threads: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    b = declare("a.rpt.txt")
    b.mapper.from_plugin("d")
    b.run()
    others = (data / "a.rpt.rwa").rename(data / "others")

    def others_first(path: Path, *what: Any) -> Any:
        save_rwa(path, read_rwa(others))
        return save_rwa(path, *what)

    a = declare("a.rpt.txt")
    a.env = threads
    monkeypatch.setattr(SAVED_BY, others_first)
    a.run()
    assert {name for _, name in there(data)} == {
        f"roi00{number} {mapper}" for number in (0, 1) for mapper in ("stochastic.dv", "d")
    }


def test_a_sampling_that_was_replaced_meanwhile_is_told(
    declare: Declare, data: Path, threads: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = data / "a.rpt.rwa"
    b = declare("a.rpt.txt")
    b.tesseller.resolution = 0.3
    b.pipeline.reset()
    b.pipeline.append_stage(stages.tessellate())
    b.run()
    others = file.rename(data / "others")
    a = declare("a.rpt.txt")
    a.env = threads
    a.pipeline.reset()
    a.pipeline.append_stage(stages.tessellate())
    a.run()
    a.pipeline.reset()
    a.pipeline.append_stage(stages.infer())
    original = Worker.save

    def others_first(self: Worker, *arguments: Any) -> Any:
        shutil.copy(others, file)
        return original(self, *arguments)

    monkeypatch.setattr(Worker, "save", others_first)
    with pytest.raises(RunError, match="2 of 2 tasks failed") as caught:
        a.run()
    assert "is not what it was when this was planned; run again" in str(caught.value)
    assert there(data) == {}


def test_a_damaged_result_is_told_and_made_again(
    declare: Declare, data: Path, threads: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Worker.save

    def damaged(self: Worker, source: int, made: Any, datafile: str) -> Any:
        *kept, (task, step, part) = list(made)
        if source == 0:
            path = run_directory(data).path / part.file
            content = bytearray(path.read_bytes())
            content[part.offset + part.length // 2] ^= 1
            path.write_bytes(content)
        return original(self, source, [*kept, (task, step, part)], datafile)

    a = declare()
    a.env = threads
    with monkeypatch.context() as patch:
        patch.setattr(Worker, "save", damaged)
        with pytest.raises(RunError, match=r"1 of 8 tasks failed(?s:.)*is damaged"):
            a.run()
    assert len(there(data)) == 3
    b = declare()
    b.env = threads
    summary = b.run()
    assert (len(summary.done), len(summary.skipped)) == (1, 7)
    assert len(there(data)) == 4


def test_a_failed_region_does_not_keep_the_others_from_the_file(
    declare: Declare, data: Path, threads: object
) -> None:
    with (data / "a.rpt-roi.txt").open("a") as file:
        file.write("100\t101\t100\t101\n")  # nothing is there
    a = declare()
    a.env = threads
    with pytest.raises(RunError, match="failed"):
        a.run()
    assert len(there(data)) == 4


# real processes, killed


def begun_save(data: Path) -> tuple[int, Path]:
    """Wait for a worker to be about to write; return its process, and the file."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for path in data.glob("tramway-runs/[0-9a-f]*"):
            run = RunDirectory(path)
            for task, entry in RunState(run, run.entries()).running.items():
                if run.closes[task]:
                    name = run.description["spt_data"]["sources"][int(run.sources[task])]["name"]
                    return int(entry.worker.rpartition("-")[2]), Path(name).with_suffix(".rwa")
        time.sleep(0.02)
    raise AssertionError("no worker came to save")


@contextmanager
def locked(*paths: Path) -> Iterator[None]:
    """Have whoever writes these files wait, right before."""
    if not paths:
        yield
        return
    with write_lock(paths[0]), locked(*paths[1:]):
        yield


@pytest.mark.slow
@pytest.mark.parametrize("retries", [1, 0])
def test_a_worker_that_is_killed_while_it_saves(declare: Declare, data: Path, retries: int) -> None:
    declare("a.rpt.txt").run()
    expected = there(data)
    for path in data.glob("*.rwa"):
        path.unlink()
    a = declare("a.rpt.txt")
    a.env = environments.LocalHost(worker_count=2)
    a.env.retries = retries
    files = [f.rwa_file for f in a.spt_data]

    locks = ExitStack()
    locks.enter_context(locked(*files))  # before anything is there to be saved

    def kill() -> None:
        with locks:
            process, _ = begun_save(data)
            os.kill(process, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    summary = a.run()
    killer.join()
    assert len(summary.done) == 4
    assert there(data) == expected
    assert not list(data.glob("tramway-runs"))
    assert sorted(path.name for path in data.iterdir() if path.suffix not in (".txt", ".rwa")) == []


@contextmanager
def small_disk(place: Path) -> Iterator[Callable[[int], None]]:
    """Mount a small file system; give a function that leaves no more than so many bytes there."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", place]
    mount = subprocess.run(command, capture_output=True)
    if mount.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mount.stderr.decode()}")

    def fill(left: int) -> None:
        (place / "filling").write_bytes(bytes(shutil.disk_usage(place).free - left))

    try:
        yield fill
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
@pytest.mark.parametrize("left", [32_768, 0])
def test_a_disk_that_is_full_when_a_worker_saves(
    declare: Declare, data: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, left: int
) -> None:
    declare("a.rpt.txt").run()
    expected = there(data)
    assert (data / "a.rpt.rwa").stat().st_size > 2 * left
    with small_disk(place := tmp_path / "small disk") as fill:
        for path in data.glob("a.rpt*.txt"):
            shutil.copy(path, place)
        a = declare(str(place / "a.rpt.txt"))
        a.env = environments.LocalHost(worker_count=2)
        locks = ExitStack()
        locks.enter_context(locked(place / "a.rpt.rwa"))

        def fill_disk() -> None:
            with locks:
                begun_save(place)
                fill(left)

        filling = threading.Thread(target=fill_disk)
        filling.start()
        with pytest.raises(RunError, match="No space left on device") as caught:
            a.run()
        filling.join()
        assert f"{place / 'a.rpt.rwa'}: No space left on device: make room there" in str(
            caught.value
        )
        assert str(caught.value).endswith("is kept in the run directory: run again to save it")
        assert "Traceback" not in caplog.text
        assert not list(place.glob("*.rwa"))
        (place / "filling").unlink()
        b = declare(str(place / "a.rpt.txt"))
        b.env = environments.LocalHost(worker_count=2)
        summary = b.run()
        assert (len(summary.done), len(summary.skipped)) == (0, 4)
        assert there(place) == expected
        assert not list(place.glob("tramway-runs"))


@pytest.mark.slow
def test_a_region_that_was_given_up_does_not_keep_the_others_from_the_file(
    declare: Declare, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadly_for_tests.py").write_text(
        "import os, signal\n"
        "from tramway.pipeline.worker import do_steps\n"
        "def work(run, task, ended):\n"
        "    if task['region'] == 'roi001' and task['source'] == 0:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    yield from do_steps(run, task, ended)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import deadly_for_tests

    monkeypatch.setattr("tramway.pipeline.execution.do_steps", deadly_for_tests.work)
    here = "tramway.pipeline.results.Results.take_in"
    monkeypatch.setattr(here, lambda *_: pytest.fail("a worker has to save it"))
    a = declare()
    a.env = environments.LocalHost(worker_count=2)
    with pytest.raises(RunError, match="1 of 7 tasks failed"):
        a.run()
    assert len(there(data)) == 3


SCRIPT = """
import sys
from tramway.analyzer import *
a = RWAnalyzer()
a.spt_data.from_ascii_files(sys.argv[1] + "/*.rpt.txt")
a.spt_data.localization_precision = 0.02
a.roi.from_ascii_files(suffix="roi")
a.tesseller = tessellers.Hexagons
a.mapper.from_plugin("stochastic.dv", diffusivity_prior=20)
a.mapper.potential_prior = 1
for stage in (stages.tessellate(), stages.reload(), stages.infer()):
    a.pipeline.append_stage(stage)
a.env = environments.LocalHost(worker_count=2)
print(a.run())
"""


@pytest.mark.slow
def test_a_script_that_is_killed_while_a_worker_saves(declare: Declare, data: Path) -> None:
    files = [data / "a.rpt.rwa", data / "b.rpt.rwa"]
    command = [sys.executable, "-c", SCRIPT, str(data)]
    with locked(*files):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        begun_save(data)
        process.kill()
        process.wait()
    run = run_directory(data)
    finished = sum(entry.state == "done" and entry.task in run.regions for entry in run.entries())
    said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    counts = re.search(r"(\d+) tasks done, (\d+) skipped, 0 failed", said.stdout)
    assert counts is not None, said.stdout
    done, skipped = map(int, counts.groups())
    # Two steps of four regions; the other worker may finish one before it misses the script.
    assert done + skipped == 8
    assert skipped >= finished >= 4
    found = there(data)
    for path in files:
        path.unlink()
    declare().run()
    assert found == there(data)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["shards", "resumed"])
def test_a_run_directory_is_saved_by_whoever_does_its_last_tasks(
    declare: Declare, data: Path, what: str
) -> None:
    a = declare()
    a.run()
    expected = there(data)
    for path in data.glob("*.rwa"):
        path.unlink()
    planned = data / "planned.py"
    planned.write_text(SCRIPT)

    def tramway(*arguments: object) -> str:
        command = [sys.executable, "-m", "tramway", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    path = tramway("plan", planned, data)
    tramway("work", path, "--shard", "2/2")
    if what == "resumed":
        tramway("resume", path)
        assert there(data) == expected
        return
    tramway("work", path, "--shard", "1/2")
    assert there(data) == expected  # the share that ended last has saved all
    said = tramway("status", path)
    assert "4 regions: 4 done, 0 failed, 0 under way, 0 waiting" in said
    assert "2 of 2 .rwa files are saved" in said
    written = [path.stat().st_ino for path in sorted(data.glob("*.rwa"))]
    assert "0 tasks done, 8 skipped, 0 failed" in tramway("resume", path)
    # A file that is written again is another one; its time may be the same, by a coarse clock.
    assert [path.stat().st_ino for path in sorted(data.glob("*.rwa"))] == written


@pytest.mark.slow
@pytest.mark.parametrize("before", ["nothing", "others"])
def test_a_job_that_was_left_over_does_not_replace_what_a_later_script_has_made(
    declare: Declare, data: Path, before: str
) -> None:
    def script(prior: float) -> RWAnalyzer:
        a = declare("a.rpt.txt")
        a.mapper.diffusivity_prior = prior
        return a

    if before == "others":
        script(5).run()
    left_over, plan_only = script(10), PlanOnly()
    left_over.env = plan_only
    with pytest.raises(SystemExit):
        left_over.run()
    script(20).run()
    made = there(data)
    command = [sys.executable, "-m", "tramway", "work", str(plan_only.path), "--shard", "1/1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert "another analysis has made roi000, stochastic.dv" in done.stderr + done.stdout
    assert there(data) == made
    script(10).run()  # who wants its results gets them
    assert there(data) != made


def test_what_a_run_directory_says_of_it(declare: Declare, data: Path, threads: object) -> None:
    a = declare()
    a.env = threads
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(data.parent)
        patch.setattr(RunDirectory, "remove", lambda _: None)
        a = RWAnalyzer()
        a.spt_data.from_ascii_files(f"{data.name}/a.rpt.txt")
        a.roi.from_ascii_files(suffix="roi")
        a.tesseller.from_plugin("hexagon")
        a.mapper.from_plugin("d")
        a.env = threads
        a.pipeline.append_stage(stages.tessellate_and_infer())
        a.run()
    run = run_directory(data)
    [line] = [run.task(number) for number in range(run.task_count) if run.closes[number]]
    assert line["steps"][1]["datafile"] == f"{data.name}/a.rpt.txt"
    assert json.dumps(line)
    # The file names its source as the script does, not as the worker had to.
    assert read_rwa(data / "a.rpt.rwa").metadata["datafile"] == f"{data.name}/a.rpt.txt"
