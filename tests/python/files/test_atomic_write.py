import os
import re
import stat
import threading

import pytest

from tramway.files import atomic_write
from tramway.files.atomic_write import replace_file, write_lock

posix = pytest.mark.skipif(os.name != "posix", reason="permissions and locks of POSIX systems")


def test_new_content_replaces_the_old(tmp_path):
    path = tmp_path / "a file"
    replace_file(path, b"old")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert [file.name for file in tmp_path.iterdir()] == ["a file"]


@posix
def test_the_permissions_of_the_old_file_are_kept(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@posix
def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path):
    replace_file(tmp_path / "file", b"")
    (tmp_path / "other").touch()
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, error):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(_):
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(error), match=re.escape(str(error)) or "^$"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@posix
def test_writers_wait_for_each_other(tmp_path):
    order = []

    def write_second():
        with write_lock(tmp_path / "file") as is_free:
            order.append(("second", is_free))

    second = threading.Thread(target=write_second)
    with write_lock(tmp_path / "file") as is_free:
        second.start()
        second.join(timeout=0.3)
        assert second.is_alive()
        order.append(("first", is_free))
    second.join()
    assert order == [("first", True), ("second", True)]
    assert not list(tmp_path.iterdir())


@posix
def test_a_lock_that_is_held_for_too_long_is_passed_by(tmp_path, monkeypatch):
    monkeypatch.setattr(atomic_write, "LOCK_PATIENCE", 0.0)
    with write_lock(tmp_path / "file"):
        with write_lock(tmp_path / "file") as is_free:
            assert not is_free
        with write_lock(tmp_path / "file") as is_free:
            assert not is_free  # the one before has not removed what is not its own


@posix
def test_where_there_are_no_locks_the_block_runs_without(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError("no locks available")

    monkeypatch.setattr(atomic_write.fcntl, "flock", refuse)
    with write_lock(tmp_path / "file") as is_free:
        assert is_free
    assert not list(tmp_path.iterdir())
