"""The `.rwa` files in folders."""

import os
from pathlib import Path
from typing import Any

import pytest

from tramway.errors import InvalidInputError
from tramway.files.folder import files_in


def test_files_and_those_of_folders_each_once(tmp_path: Path) -> None:
    (tmp_path / "b c").mkdir()
    below, above, other = tmp_path / "b c" / "é.rwa", tmp_path / "z.rwa", tmp_path / "z.txt"
    for path in (below, above, other):
        path.touch()
    assert files_in([above, tmp_path]) == [above, below]
    assert files_in([str(other)]) == [other]  # whoever reads it says what it is
    assert files_in([]) == []


def test_a_folder_that_is_removed_meanwhile_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, listing = tmp_path / "tramway-runs", os.scandir
    run.mkdir()
    (tmp_path / "z.rwa").touch()

    def removed_meanwhile(folder: Any) -> Any:
        if str(folder) == str(run):
            run.rmdir()
        return listing(folder)

    monkeypatch.setattr(os, "scandir", removed_meanwhile)
    assert files_in([tmp_path]) == [tmp_path / "z.rwa"]
    assert not run.exists()


def test_what_is_no_list_and_folders_without(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"`paths` is 'a\.rwa', expected a list"):
        files_in("a.rwa")
    with pytest.raises(InvalidInputError, match=r"has no \.rwa files"):
        files_in([tmp_path])
