import shutil

import pytest

from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError
from tramway.files import Analysis, read_rwa, save_rwa
from tramway.report import read_results


def test_results_of_a_folder_by_name(results):
    movies = read_results([results])
    assert [movie.movie for movie in movies] == ["cell1.rpt", "cell2.rpt"]
    assert [result.region for result in movies[0].results] == ["roi000", "roi001"]
    assert all(result.label == "stochastic.dv" for result in movies[0].results)
    assert len(movies[0].localizations) == 400 * 20


def test_a_file_given_twice_is_read_once(results):
    path = results / "cell1.rpt.rwa"
    assert len(read_results([path, results, path])) == 2


def test_movies_in_folders_have_names_that_differ(results, tmp_path):
    for name in ("control", "drug"):
        (tmp_path / name).mkdir()
        shutil.copy(results / "cell1.rpt.rwa", tmp_path / name)
    names = [movie.movie for movie in read_results([tmp_path])]
    assert names == ["control/cell1.rpt", "drug/cell1.rpt"]


def test_what_holds_no_maps_is_refused(tmp_path, movie):
    with pytest.raises(InvalidInputError, match=r"has no \.rwa files"):
        read_results([tmp_path])
    with pytest.raises(InvalidInputError, match="no results were given"):
        read_results([])
    save_rwa(tmp_path / "empty.rwa", Analysis(movie(1)))
    with pytest.raises(InvalidInputError, match=r"there are no maps in .*empty\.rwa"):
        read_results([tmp_path])
    (tmp_path / "empty.rwa").write_text("nonsense")
    with pytest.raises(FileFormatError, match="not a readable HDF5 file"):
        read_results([tmp_path])


def test_what_failed_and_what_has_no_maps_is_told(failed, tmp_path):
    [movie] = read_results([failed])
    assert [result.region for result in movie.results] == ["roi000", "roi001"]
    [failure] = movie.failures
    assert failure.labels == ("roi002",)
    assert "the region has no translocation" in failure.reason
    tree = read_rwa(movie.path)
    bare = Analysis(tree.data, metadata=tree.metadata)
    bare.add(tree["roi000"].data, "roi000")
    save_rwa(tmp_path / "bare.rwa", bare)
    with pytest.raises(InvalidInputError, match=r"roi002: tess.*; roi000: there are no maps of it"):
        read_results([tmp_path])


def test_damage_is_a_problem_of_the_movie_and_no_warning(results, tmp_path, recwarn):
    content = bytearray((results / "cell1.rpt.rwa").read_bytes())
    place = content.find(b"roi001")
    assert place > 0
    damaged = None
    # Somewhere in the file are numbers whose change a checksum tells of.
    for start in range(len(content) // 2, len(content) - 64, 4096):
        changed = bytearray(content)
        changed[start : start + 8] = bytes(byte ^ 0xFF for byte in changed[start : start + 8])
        path = tmp_path / "damaged.rwa"
        path.write_bytes(changed)
        try:
            [movie] = read_results([path])
        except (FileFormatError, InvalidInputError):
            continue
        if movie.problems:
            damaged = movie
            break
    assert damaged is not None
    assert not [item for item in recwarn if item.category is DataQualityWarning]
