"""What a file says of what could not be made."""

from pathlib import Path

from tramway.files import Analysis, Failure, failures_of, read_rwa, save_rwa
from tramway.files.failures import note_failure


def test_failures_are_in_the_file_until_they_are_mended(tmp_path: Path) -> None:
    path = tmp_path / "a.rwa"
    tree = Analysis()
    note_failure(tree, ("roi/0", "dv"), "infer: too few")
    note_failure(tree, ("roi1",), "tessellate: none")
    note_failure(tree, ("roi2",), "")  # nothing to mend
    save_rwa(path, tree)
    assert failures_of(read_rwa(path)) == [
        Failure(("roi/0", "dv"), "infer: too few"),
        Failure(("roi1",), "tessellate: none"),
    ]
    assert not [name for name in tree.metadata if "roi2" in name]
    other = Analysis()  # of a process that has not read the file
    note_failure(other, ("roi3",), "infer: late")
    save_rwa(path, other)
    tree = read_rwa(path)
    assert len(failures_of(tree)) == 3
    note_failure(tree, ("roi1",), "")
    save_rwa(path, tree)
    assert [failure.labels[0] for failure in failures_of(read_rwa(path))] == ["roi/0", "roi3"]


def test_labels_come_back_as_they_were(tmp_path: Path) -> None:
    labels = ('cell 3, upper "left"', "d, 50 %", "π[0]")
    tree = Analysis()
    note_failure(tree, labels, "infer: too few")
    save_rwa(tmp_path / "a.rwa", tree)
    assert failures_of(read_rwa(tmp_path / "a.rwa")) == [Failure(labels, "infer: too few")]
