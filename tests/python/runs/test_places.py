"""Where run directories are, and that one process uses those of an analysis at a time."""

import os
from pathlib import Path

import pytest

from tramway.errors import RunError, UntrustedFileError
from tramway.runs import (
    NewRun,
    directories_of,
    ended_in_planning,
    path_of,
    places,
    remove_hidden,
    remove_others,
    run_lock,
)


def test_one_process_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "tramway-runs" / "run"
    with run_lock(path), pytest.raises(RunError, match="going on in another"), run_lock(path):
        pass
    assert not path.parent.exists()
    with run_lock(path):
        pass


def test_who_waits_for_no_lock_does_not_get_one_that_was_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever had the lock removes its file after this process has opened it.
    path = tmp_path / "run"
    real, opened = os.open, []

    def late(*arguments: object, **options: object) -> int:
        descriptor = real(*arguments, **options)  # type: ignore[arg-type]
        opened.append(descriptor)
        if len(opened) == 1:
            (tmp_path / ".run.lock").unlink()
        return descriptor

    monkeypatch.setattr(places.os, "open", late)  # type: ignore[attr-defined]
    with run_lock(path):
        assert len(opened) == 2
        assert (tmp_path / ".run.lock").stat().st_ino == os.fstat(opened[1]).st_ino


def test_a_folder_that_another_run_removes_as_it_ends_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tramway-runs" / "run"
    real, asked = os.open, []

    def late(*arguments: object, **options: object) -> int:
        asked.append(arguments)
        if len(asked) == 1:
            path.parent.rmdir()
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(places.os, "open", late)  # type: ignore[attr-defined]
    with run_lock(path):
        assert len(asked) == 2
        assert (path.parent / ".run.lock").exists()


def test_beside_the_data_in_a_folder_of_the_users(tmp_path: Path) -> None:
    assert path_of(tmp_path, "0123") == tmp_path / "tramway-runs" / "0123"
    assert (tmp_path / "tramway-runs").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_users_who_share_data_have_a_folder_each(tmp_path: Path) -> None:
    (tmp_path / "tramway-runs").mkdir()
    os.chown(tmp_path / "tramway-runs", 1234, 1234)
    assert path_of(tmp_path, "0123").parent == tmp_path / f"tramway-runs-{os.geteuid()}"


def test_file_systems_that_keep_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As exFAT, and shares of other systems: whatever the mode, all may write.
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    make = places.make_folder

    def make_folder(path: Path) -> None:
        make(path)
        if not path.is_relative_to(tmp_path / "home"):
            raise UntrustedFileError("others may write it")

    monkeypatch.setattr(places, "make_folder", make_folder)
    assert path_of(tmp_path, "0123") == tmp_path / "home" / ".cache" / "tramway-runs" / "0123"
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_hidden_run_is_no_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "0123"
    with NewRun(path, is_hidden=True) as new:
        assert not ended_in_planning(path)  # in the making
        run = new.finish({}, None)
    assert run.path.parent == path.parent
    assert directories_of(path) == []
    assert ended_in_planning(path)
    remove_hidden(path)
    assert not run.path.exists()
    assert not ended_in_planning(path)


def test_who_replaces_a_run_removes_hidden_ones(tmp_path: Path) -> None:
    path = tmp_path / "0123"
    with NewRun(path, is_hidden=True) as new:
        hidden = new.finish({}, None)
    with NewRun(path) as new:
        run = new.finish({}, None)
    remove_others(path, run)
    assert run.path.exists()
    assert not hidden.path.exists()
