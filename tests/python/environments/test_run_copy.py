"""A run directory and its copy, both on this computer."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tramway.environments import run_copy
from tramway.environments.host import ThisHost
from tramway.environments.run_copy import RunCopy
from tramway.errors import ClusterError, NoAnswerError
from tramway.runs import JournalEntry, NewRun, RunDirectory


def new_run(path: Path) -> RunDirectory:
    with NewRun(path) as draft:
        draft.add_task({"source": 0, "region": "roi000", "steps": [{}]}, 10)
        return draft.finish({"files": []}, None)


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return new_run(tmp_path / "here")


@pytest.fixture
def copy(run: RunDirectory, tmp_path: Path) -> RunCopy:
    return RunCopy(run, ThisHost(), str(tmp_path / "not yet there" / "it's"))


def test_the_copy_is_a_run_directory_for_its_owner_alone(run: RunDirectory, copy: RunCopy) -> None:
    assert not copy.exists()
    copy.push({"slurm.sh": "#!/bin/bash\n"}, {"/data": "/scratch/data"})
    assert copy.exists()
    there = RunDirectory(copy.path)
    assert there.task(0) == run.task(0)
    assert there.description == run.description | {"directory_mapping": {"/data": "/scratch/data"}}
    assert Path(copy.path, "slurm.sh").read_text() == "#!/bin/bash\n"
    assert Path(copy.path).stat().st_mode & 0o777 == 0o700
    assert RunDirectory(run.path).description == run.description
    modes = {path: path.stat().st_mode & 0o777 for path in Path(copy.path).rglob("*")}
    assert set(modes.values()) == {0o600, 0o700}
    copy.remove()
    assert not Path(copy.path).exists()


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["n1-7", "n2.site-7", "n1-8"]), st.integers(1, 300), st.booleans()),
    max_size=12,
)


@pytest.mark.slow
@settings(
    deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actions=ACTIONS, room=st.sampled_from([200, 1000, 1 << 20]))
def test_what_grows_there_grows_here(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    actions: list[tuple[str, int, bool]],
    room: int,
) -> None:
    monkeypatch.setattr(run_copy, "_BYTES_AT_ONCE", room)
    folder = tmp_path_factory.mktemp("pair")
    run = new_run(folder / "here")
    copy = RunCopy(run, ThisHost(), str(folder / "there"))
    copy.push({}, {})
    there = RunDirectory(copy.path)
    for worker, length, is_time_to_fetch in actions:
        with (there.path / "parts" / f"{worker}.parts").open("ab") as file:
            file.write(os.urandom(length))
        with (there.path / "journal" / f"{worker}.jsonl").open("ab") as file:
            entry = JournalEntry(0, 0, "running", worker, float(length))
            file.write(entry.as_line(run.subject(0)))
        if is_time_to_fetch:
            copy.fetch()
    copy.fetch()
    for folder_name in ("parts", "journal"):
        files = {path.name: path.read_bytes() for path in (there.path / folder_name).iterdir()}
        assert files == {
            path.name: path.read_bytes() for path in (run.path / folder_name).iterdir()
        }
    assert len(run.journals.new()) == len(actions)


def test_a_line_in_the_making_is_not_fetched(run: RunDirectory, copy: RunCopy) -> None:
    copy.push({}, {})
    journal = Path(copy.path, "journal", "n1-7.jsonl")
    journal.write_bytes(b'{"a": 1}\n{"b": ')
    copy.fetch()
    assert (run.path / "journal" / "n1-7.jsonl").read_bytes() == b'{"a": 1}\n'
    # The disk there was full: the line was taken back, and another one begun.
    journal.write_bytes(b'{"a": 1}\n{"c": 3}\n')
    copy.fetch()
    assert (run.path / "journal" / "n1-7.jsonl").read_bytes() == b'{"a": 1}\n{"c": 3}\n'


def test_what_is_finished_here_is_known_there(run: RunDirectory, copy: RunCopy) -> None:
    (run.path / "journal" / "laptop-1.jsonl").write_bytes(b"{}\n")
    copy.push({}, {})
    assert Path(copy.path, "journal", "laptop-1.jsonl").read_bytes() == b"{}\n"
    Path(copy.path, "journal", "n1-7.jsonl").write_bytes(b"{}\n{}\n")
    (run.path / "journal" / "n1-7.jsonl").write_bytes(b"{}\n")
    copy.push({}, {})  # a second job: what is there is not overwritten with less
    assert Path(copy.path, "journal", "n1-7.jsonl").read_bytes() == b"{}\n{}\n"


def test_names_that_are_not_those_of_a_run_are_left_alone(run: RunDirectory, copy: RunCopy) -> None:
    copy.push({}, {})
    for name in ("journal/a b", "journal/x\n9 parts/y", "logs/deeper/x"):
        Path(copy.path, name).parent.mkdir(parents=True, exist_ok=True)
        Path(copy.path, name).write_text("x")
    copy.fetch()
    assert not list((run.path / "journal").iterdir())


def test_a_copy_that_is_gone_is_an_error(copy: RunCopy) -> None:
    with pytest.raises(ClusterError, match="it's on this computer cannot be used"):
        copy.fetch()


def test_a_transfer_that_is_cut_short_may_be_tried_again(
    run: RunDirectory, copy: RunCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy.push({}, {})
    Path(copy.path, "parts", "n1-7.parts").write_bytes(b"x" * 100)
    with monkeypatch.context() as patch:
        patch.setattr(run_copy, "_READ_NEW", "printf '9 parts/n1-7.parts\\0xxx'")
        with pytest.raises(NoAnswerError, match="cut short"):
            copy.fetch()
    copy.fetch()
    assert (run.path / "parts" / "n1-7.parts").read_bytes() == b"x" * 100
