"""Data that are, or are not, where the cluster is to find them; here on one computer."""

from pathlib import Path

import pytest

from tramway.environments.host import ThisHost
from tramway.environments.staging import SourceFile, check_data, copy_data, mapped
from tramway.errors import ClusterError

HOST = ThisHost()


@pytest.fixture
def files(tmp_path: Path) -> list[SourceFile]:
    made = []
    for name in ("a.txt", "it's b=1, 2.txt"):
        path = tmp_path / "here" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"contents of {name}")
        made.append(SourceFile.at(str(path)))
    return made


@pytest.fixture
def there(tmp_path: Path, files: list[SourceFile]) -> Path:
    folder = tmp_path / "there"
    folder.mkdir()
    for file in files:
        (folder / Path(file.path).name).write_bytes(Path(file.path).read_bytes())
    return folder


def test_the_hash_is_that_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "abc").write_text("abc")
    file = SourceFile.at(str(tmp_path / "abc"))
    assert file.size == 3
    # The test vector of FIPS 180-2, appendix B.1.
    assert file.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/jane/x.txt", "/home/jdoe/x.txt"),
        ("/home/jane/data/x.txt", "/d/x.txt"),
        ("/home/jane/data2/x.txt", "/home/jdoe/data2/x.txt"),
        ("/home/janet/x.txt", "/home/janet/x.txt"),
        ("/home/jane/data/one.txt", "/elsewhere/one"),
        ("/other/x.txt", "/other/x.txt"),
    ],
)
def test_the_longest_folder_decides(path: str, expected: str) -> None:
    mapping = {
        "/home/jane": "/home/jdoe",
        "/home/jane/data": "/d",
        "/home/jane/data/one.txt": "/elsewhere/one",
    }
    assert mapped(path, mapping) == expected
    assert mapped(path, dict(reversed(mapping.items()))) == expected


def test_data_that_are_there_are_in_order(
    tmp_path: Path, files: list[SourceFile], there: Path
) -> None:
    check_data(HOST, files, {})
    check_data(HOST, files, {str(tmp_path / "here"): str(there)})
    check_data(HOST, [], {})


def test_each_file_that_is_not_as_it_is_here_is_listed(
    tmp_path: Path, files: list[SourceFile], there: Path
) -> None:
    (there / "a.txt").unlink()
    (there / "it's b=1, 2.txt").write_text("something else")
    with pytest.raises(ClusterError, match="nothing was submitted") as caught:
        check_data(HOST, files, {str(tmp_path / "here"): str(there)})
    said = str(caught.value)
    assert f"- {there}/a.txt: missing" in said
    assert f"- {there}/it's b=1, 2.txt: another file, of 14 bytes instead of 27" in said
    assert "stage_data = True" in said
    assert "directory_mapping" in said


def test_a_file_of_the_same_size_is_another_one(
    tmp_path: Path, files: list[SourceFile], there: Path
) -> None:
    (there / "a.txt").write_text("Contents of a.txt")
    with pytest.raises(ClusterError, match=r"1 files.*\n- .*a.txt: another file, of the same size"):
        check_data(HOST, files, {str(tmp_path / "here"): str(there)})


def test_a_long_list_is_cut(tmp_path: Path, files: list[SourceFile]) -> None:
    many = [SourceFile(f"/nowhere/{number}", 1, "0") for number in range(50)]
    with pytest.raises(ClusterError, match="50 files") as caught:
        check_data(HOST, many, {})
    assert "and 40 more" in str(caught.value)


def test_what_is_missing_is_copied_and_nothing_overwritten(
    tmp_path: Path, files: list[SourceFile], there: Path
) -> None:
    (there / "it's b=1, 2.txt").write_text("something of the user's")
    mapping = {str(tmp_path / "here"): str(there)}
    scratch = tmp_path / "scratch"
    found = copy_data(HOST, files, mapping, str(scratch))
    first, second = files
    assert mapped(first.path, found) == str(there / "a.txt")
    copied = Path(mapped(second.path, found))
    assert copied.is_relative_to(scratch)
    assert copied.read_bytes() == Path(second.path).read_bytes()
    assert (there / "it's b=1, 2.txt").read_text() == "something of the user's"
    # A later run finds the copy, without copying again.
    copied.chmod(0o400)
    before = copied.stat()
    assert copy_data(HOST, files, mapping, str(scratch)) == found
    after = copied.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, files: list[SourceFile]) -> None:
    (tmp_path / "scratch").write_text("a file")
    mapping = {str(tmp_path / "here"): str(tmp_path / "there")}
    with pytest.raises(ClusterError, match=r"cannot be copied to this computer.*scratch"):
        copy_data(HOST, files, mapping, str(tmp_path / "scratch"))
