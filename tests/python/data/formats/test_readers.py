"""Each reader gives the same movie back, whatever program wrote it."""

from pathlib import Path

import numpy as np
import pytest
from tracking_samples import INTERVAL, MOVIE, SAMPLES, SIGMA, Sample

from tramway.data import PRECISION_COLUMN
from tramway.data.formats import READERS, Linking, read_file, reader_of
from tramway.data.formats.file_start import FileStart
from tramway.errors import FileFormatError, InvalidInputError

LINKING = Linking(search_range=0.6, memory=1)


@pytest.fixture(params=SAMPLES)
def name(request: pytest.FixtureRequest) -> str:
    """Name of each format; those whose packages are missing are skipped."""
    needed = {"geff": "zarr", "parquet": "pyarrow"}.get(request.param)
    if needed:
        pytest.importorskip(needed)
    return str(request.param)


@pytest.fixture
def sample(name: str) -> Sample:
    return SAMPLES[name]


def test_there_is_a_sample_of_each_format() -> None:
    assert [reader.name for reader in READERS] == list(SAMPLES)


def test_movie_is_read(name: str, sample: Sample, tmp_path: Path) -> None:
    if not sample.has_tracks:
        pytest.importorskip("trackpy")
    path = sample.write(tmp_path)
    reading = read_file(path, options=sample.options, linking=LINKING, **sample.settings)
    found = reading.trajectories
    assert reading.facts.format == name
    expected = MOVIE
    if name == "diatrack":  # does not link over gaps
        expected = MOVIE.assign(n=np.where((MOVIE.n == 2) & (MOVIE.frame > 3), 4, MOVIE.n))
    # Programs that number tracks themselves may do so in another order.
    found = found.sort_values(["x", "y"]).reset_index(drop=True)
    expected = expected.sort_values(["x", "y"]).reset_index(drop=True)
    np.testing.assert_allclose(found[["x", "y"]], expected[["x", "y"]], rtol=1e-12)
    np.testing.assert_allclose(found["t"], expected["frame"] * INTERVAL, atol=1e-12)
    pairs = set(zip(found["n"], expected["n"], strict=True))
    assert len(pairs) == expected["n"].nunique() == found["n"].nunique()
    assert (PRECISION_COLUMN in found) == sample.has_precision
    if sample.has_precision:
        np.testing.assert_allclose(found[PRECISION_COLUMN], SIGMA)
    assert reading.facts.problems == []


def test_one_reader_alone_recognises_it(name: str, sample: Sample, tmp_path: Path) -> None:
    start = FileStart(sample.write(tmp_path))
    found = {reader.name for reader in READERS if reader.recognises(start)}
    # The reader of any table is asked last.
    assert found - {"csv"} == {name} - {"csv"}


def test_it_can_be_named(name: str, sample: Sample, tmp_path: Path) -> None:
    assert reader_of(sample.write(tmp_path), name).name == name


@pytest.mark.parametrize("unit", ["pixel_size", "frame_interval"])
def test_unit_that_is_not_in_the_file_is_asked_for(
    name: str, sample: Sample, unit: str, tmp_path: Path
) -> None:
    if unit not in sample.settings:
        pytest.skip("the file says it")
    others = {key: value for key, value in sample.settings.items() if key != unit}
    with pytest.raises(InvalidInputError, match=rf"set a\.spt_data\.{unit}"):
        read_file(sample.write(tmp_path), options=sample.options, linking=LINKING, **others)


def test_tracks_are_asked_for(name: str, sample: Sample, tmp_path: Path) -> None:
    if sample.has_tracks:
        pytest.skip("the file has them")
    with pytest.raises(InvalidInputError, match=r"a\.tracker\.from_trackpy\(search_range="):
        read_file(sample.write(tmp_path), **sample.settings)


def test_unknown_names(tmp_path: Path) -> None:
    path = SAMPLES["spoton"].write(tmp_path)
    with pytest.raises(InvalidInputError, match=r"`format` is 'spot-on', expected one of .*spoton"):
        read_file(path, format="spot-on")
    with pytest.raises(InvalidInputError, match="the reader 'spoton' has no option `cells`"):
        read_file(path, options={"cells": 1})
    other = tmp_path / "cell.txt"
    other.write_text("Dear all,\nplease find the tracks attached.\n")
    with pytest.raises(FileFormatError, match="begins with 'Dear all,', which no reader knows"):
        read_file(other)
