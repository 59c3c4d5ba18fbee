"""Journals and parts: what one process writes, others read, whatever happens to the writer."""

import errno
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tramway.errors import DamagedPartError
from tramway.runs import Journal, JournalEntry, Part, RunDirectory, append

MakeRun = Callable[..., RunDirectory]

texts = st.text(max_size=20)
parts = st.builds(
    Part, st.just("parts/a.parts"), st.integers(0), st.integers(0), st.integers(0, 2**32 - 1)
)
entries = st.builds(
    JournalEntry,
    task=st.integers(0, 10**6),
    step=st.integers(0, 5),
    state=st.sampled_from(["running", "done", "failed", "timed out", "skipped"]),
    worker=texts,
    time=st.floats(0, 2e9),
    seconds=st.floats(0, 1e6),
    peak_memory=st.integers(0, 2**40),
    notes=st.lists(texts, max_size=3).map(tuple),
    error=st.none() | texts.filter(bool),
    traceback=st.none() | texts.filter(bool),
    part=st.none() | parts,
    rank=st.none() | st.integers(0, 10_000),
)


@given(entries)
def test_an_entry_is_one_line(entry: JournalEntry) -> None:
    line = entry.as_line("0123")
    assert line.count(b"\n") == 1
    assert json.loads(line)["of"] == "0123"
    assert JournalEntry.from_line(line) == (entry, "0123")


@given(entries, st.data())
def test_a_line_that_is_not_as_it_was_written_is_no_entry(
    entry: JournalEntry, data: st.DataObject
) -> None:
    line = bytearray(entry.as_line("0123"))
    line[data.draw(st.integers(0, len(line) - 2))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((ValueError, TypeError)):
        JournalEntry.from_line(bytes(line))


def entry(task: int) -> JournalEntry:
    return JournalEntry(task, 0, "done", "here", 1.0, 0.5)


def test_readers_follow_writers(make_run: MakeRun) -> None:
    run = make_run(5)
    journal, reader = Journal(run), RunDirectory(run.path).journals
    assert reader.new() == []
    journal.write([entry(0), entry(1)])
    assert [e.task for e in reader.new()] == [0, 1]
    assert reader.new() == []
    span = journal.write([entry(2)])
    assert [e.task for e in reader.at(span)] == [2]
    journal.write([entry(3)])
    assert [e.task for e in reader.new()] == [3]


def test_a_line_that_its_writer_was_killed_in_is_no_entry(make_run: MakeRun) -> None:
    run = make_run(5)
    path = run.path / "journal" / "other-1.jsonl"
    lines = [entry(task).as_line(run.subject(task)) for task in range(4)]
    whole, half = lines[0], lines[1][:20]
    path.write_bytes(whole + half)
    reader = RunDirectory(run.path).journals
    assert [e.task for e in reader.new()] == [0]
    # A new process of that name goes on in the same file: only the line that was cut is lost.
    append(path, lines[2] + lines[3])
    assert [e.task for e in reader.new()] == [3]


def test_what_is_about_other_tasks_is_not_taken_for_these(
    make_run: MakeRun, caplog: pytest.LogCaptureFixture
) -> None:
    # Two plans of one analysis: what is task 0 in one is task 1 in the other.
    old, new = make_run(3), make_run(2)
    other = Journal(make_run(3, 2))
    Journal(old).write([entry(0), entry(1), entry(2)])
    other.write([entry(0)])
    for run in (old, other._run):
        for path in (run.path / "journal").iterdir():
            append(new.path / "journal" / path.name, path.read_bytes())
    # The first two are the same regions with the same steps; there is no third; other steps.
    assert [e.task for e in RunDirectory(new.path).journals.new()] == [0, 1]
    assert caplog.text.count("a line is not about this run") == 2


def test_parts(make_run: MakeRun) -> None:
    run = make_run(1)
    journal = Journal(run)
    contents = [b"", b"some bytes", bytes(100_000)]
    stored = [journal.store(content) for content in contents]
    assert [run.part(part) for part in stored] == contents


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: os.truncate(path, 5),
        lambda path: path.write_bytes(b"some bits!"),
        lambda path: path.unlink(),
    ],
    ids=["truncated", "changed", "removed"],
)
def test_damaged_parts_are_refused(make_run: MakeRun, damage: Callable[[Path], None]) -> None:
    run = make_run(1)
    part = Journal(run).store(b"some bytes")
    damage(run.path / part.file)
    with pytest.raises(DamagedPartError, match="has to be made again"):
        run.part(part)


def test_a_full_disk_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    append(path, b"before")
    write = os.write

    def full(descriptor: int, content: bytes) -> int:
        if len(content) > 3:
            return write(descriptor, content[:3])  # the disk takes some of it
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left") as caught:
            append(path, b"123456")
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"before"


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
def test_a_really_full_disk(tmp_path: Path) -> None:
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path], capture_output=True
    )
    if mount.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mount.stderr.decode()}")
    try:
        path = tmp_path / "file"
        append(path, bytes(40_000))
        with pytest.raises(OSError, match="No space left"):
            append(path, bytes(40_000))
        assert path.stat().st_size == 40_000
        append(path, bytes(10_000))
    finally:
        subprocess.run(["umount", tmp_path], check=True)
