"""The `.rwa` files in folders."""

from pathlib import Path

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


def test_what_is_no_list_and_folders_without(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"`paths` is 'a\.rwa', expected a list"):
        files_in("a.rwa")
    with pytest.raises(InvalidInputError, match=r"has no \.rwa files"):
        files_in([tmp_path])
