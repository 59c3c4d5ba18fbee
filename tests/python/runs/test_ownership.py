"""Run directories are their owner's alone, and those of others are not read."""

import os
import pickle
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tramway.errors import UntrustedFileError
from tramway.runs import Journal, JournalEntry, NewRun, RunDirectory, append, do_task
from tramway.runs.ownership import open_own

PLACES = [
    "",
    "job.json",
    "tasks.npy",
    "tasks.jsonl",
    "callables.pickle",
    "journal",
    "journal/*",
    "parts",
    "parts/*",
]


class Executed:
    """Leaves a mark where it is unpickled."""

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self.mark,)


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """Run with all that one can have in it."""
    with NewRun(tmp_path / "runs" / "run") as new:
        new.add_input(b"input")
        new.add_task({"source": 0, "region": "roi000", "steps": [{}]}, 10)
        run = new.finish({}, pickle.dumps([Executed(str(tmp_path / "executed"))]))
    journal = Journal(run)
    part = journal.store(b"result")
    journal.write([JournalEntry(0, 0, "done", journal.worker, 1.0, part=part)])
    return run


def read_all(path: Path) -> None:
    run = RunDirectory(path)
    run.task(0)
    for entry in run.entries():
        assert entry.part is not None
        run.part(entry.part)
    run.callables()


@pytest.fixture(params=[0o000, 0o002, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_nobody_else_may_look_into_it(umask: None, run: RunDirectory) -> None:
    places = [run.path.parent, run.path, *run.path.rglob("*")]
    assert len(places) == 12
    for path in places:
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


@pytest.mark.parametrize("mode", [0o002, 0o020, 0o022])
@pytest.mark.parametrize("name", PLACES)
def test_what_others_may_write_is_refused(
    run: RunDirectory, tmp_path: Path, name: str, mode: int
) -> None:
    [path] = run.path.glob(name) if name else [run.path]
    path.chmod(path.stat().st_mode | mode)
    with pytest.raises(UntrustedFileError, match=r"others may write it \(mode 0\d+\)") as caught:
        read_all(run.path)
    assert str(path) in str(caught.value)
    assert not (tmp_path / "executed").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("name", PLACES)
def test_what_belongs_to_others_is_refused(run: RunDirectory, tmp_path: Path, name: str) -> None:
    [path] = run.path.glob(name) if name else [run.path]
    os.chown(path, 4321, -1)
    with pytest.raises(UntrustedFileError, match="belongs to user 4321"):
        read_all(run.path)
    assert not (tmp_path / "executed").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_what_belongs_to_root_is_read() -> None:
    os.seteuid(4321)
    try:
        with open_own(Path("/etc/passwd")) as file:
            assert file.read(1)
    finally:
        os.seteuid(0)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo", 0o600)
    (tmp_path / "link").symlink_to("/etc/passwd")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for name in ("fifo", "link", "socket", "."):
            with pytest.raises(OSError, match=r".+"):
                open_own(tmp_path / name)


def test_links_are_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        append(tmp_path / "link", b"x")
    assert not (tmp_path / "elsewhere").exists()


def test_a_worker_does_nothing_in_a_run_of_somebody_elses(run: RunDirectory) -> None:
    run.path.chmod(0o777)

    def work(*_: object) -> Iterator[object]:
        raise AssertionError

    with pytest.raises(UntrustedFileError, match="others"):
        do_task(work, str(run.path), 0)  # type: ignore[arg-type]
