"""Real files of each program: the facts were counted without this package.

They are in the README of the folder: rows, tracks, frames and units, by pandas, SciPy, h5py, or
the program itself; what is left to the reader, as which spots count, is said beside the number.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from tramway.data.formats import Linking, read_file, read_localizations
from tramway.errors import FileFormatError
from tramway.files import read_rwa


class Fact(NamedTuple):
    format: str
    localizations: int
    tracks: int
    length: str | None
    time: str | None
    frames: tuple[int, int] | None = None
    gaps: int | None = 0
    without_track: int = 0


FACTS = {
    "btrack-csv/btrack_test_data.csv": Fact("btrack", 1399, 4, None, "frame", (0, 499), 16),
    "decode-h5/locan_decode.h5": Fact(
        "decode", 96, 0, "px", "frame", (294, 19552), without_track=96
    ),
    # Positions that no link leads to are no track: 12211 less those of tracks of two or more.
    "diatrack-mat/sojourner_HSF-Halo_3_diatrack_session.mat": Fact(
        "diatrack", 12211, 1881, "px", "frame", (1, 10002), without_track=12211 - 7374 - 1881
    ),
    # The README's 23 lines are these and the description of the image below them.
    "elyra/locan_Elyra.txt": Fact("elyra", 15, 0, "nm", "frame", (1, 1), without_track=15),
    "evalspt/spoton_evalSPT_tracks_1-2500.txt": Fact(
        "evalspt", 11852, 2500, "px", "frame", (1, 300)
    ),
    "geff/laptrack_gap_closing.geff": Fact("geff", 133, 5, "px", "s", gaps=1),
    "icy-xml/stracking_FakeTracks_Icy.xml": Fact("icy", 237, 16, "px", "frame", (0, 49)),
    "isbi-xml/stracking_FakeTracks_ISBI.xml": Fact("isbi", 156, 6, "px", "frame", (0, 49), 1),
    "minflux/pyminflux_Fig1a_Tom70.mat": Fact("minflux", 41132, 1876, "nm", "s", gaps=None),
    "mosaic/biotracks_mosaic_tracks.csv": Fact("mosaic", 181, 6, "px", "frame", (0, 49), 3),
    "mosaic/spoton_MOSAIC.csv": Fact("mosaic", 1957, 643, "px", "frame", (0, 999), 785),
    "napari-tracks/stracking_two_tracks.csv": Fact("napari", 29, 2, None, "frame", (9, 26)),
    "oni-nanoimager/locan_Nanoimager.csv": Fact(
        "oni", 14, 0, "nm", "frame", (0, 4377), without_track=14
    ),
    "picasso/testdata_locs.hdf5": Fact(
        "picasso", 564, 0, "px", "frame", (11, 990), without_track=564
    ),
    "quot-csv/saspt_u2os_nls_region_4_7ms_trajs.csv": Fact(
        "saspt", 4173, 1997, "px", "frame", (0, 29871)
    ),
    "rapidstorm/locan_rapidSTORM.txt": Fact(
        "rapidstorm", 14, 0, "nm", "frame", (0, 0), without_track=14
    ),
    "saspt-csv/saspt_sample_tracks_2.csv": Fact("saspt", 496, 100, "px", "frame", (0, 299)),
    "saspt-csv/saspt_small_tracks_0.csv": Fact("saspt", 240, 46, "px", "frame", (0, 26)),
    "slimfast-trackedPar-mat/spoton_trackedPar_mESC-Sox2_7.5ms.mat": Fact(
        "trackedpar", 9102, 4221, "µm", "s", (1, 29965)
    ),
    "smap-mat73/locan_smap_v7.3.mat": Fact(
        "smap", 4884, 0, "nm", "frame", (1, 1001), without_track=4884
    ),
    "smlm/locan_SMLM.smlm": Fact("smlm", 10, 0, "nm", "frame", (0, 0), without_track=10),
    "spoton-csv/spoton_standard.csv": Fact("spoton", 9383, 3151, "µm", "s", (4, 20000)),
    "swift/Fab_CS5_cell02_frames_1-400.tracked.csv": Fact(
        "swift", 6011, 1526, "nm", "frame", (1, 400)
    ),
    "thunderstorm/locan_Thunderstorm_quoted_header.csv": Fact(
        "thunderstorm", 19, 0, "nm", "frame", (2001, 2001), without_track=19
    ),
    "thunderstorm/sptanalyser_Fab_CS2_cell01_localizations.csv": Fact(
        "thunderstorm", 21933, 0, "nm", "frame", (1, 1000), without_track=21933
    ),
    "trackmate-csv/cellsegtracker_v7_4headers_first800.csv": Fact(
        "trackmate-csv", 800, 75, "px", "frame", (0, 10), 1
    ),
    "trackmate-csv/spoton_TrackMate_v3.csv": Fact(
        "trackmate-csv", 272, 22, None, None, (0, 984), 17, without_track=57
    ),
    # The image was not calibrated: 1 pixel, and ImageJ's 1 sec.
    "trackmate-xml-model/laptrack_gap_closing_v6.0.3.xml": Fact(
        "trackmate", 134, 5, "px", "frame", (0, 49), 1, without_track=1
    ),
    # Of 68 spots, 12 are visible, all in tracks.
    "trackmate-xml-model/pytrackmate_FakeTracks_v3.7.xml": Fact(
        "trackmate", 12, 2, "px", "frame", (0, 5)
    ),
    "trackmate-xml-tracks/spoton_TrackMate.xml": Fact(
        "trackmate-tracks", 215, 22, "µm", "frame", (15, 936), 17
    ),
    "trackpy/fab_cs2_cell01.csv": Fact("trackpy", 4082, 367, "px", "frame", (0, 149), 270),
    "trackpy/fab_cs2_cell01.parquet": Fact("parquet", 4082, 367, "px", "frame", (0, 149), 270),
    "trackpy/fab_cs2_cell01_store.h5": Fact("trackpy-store", 243, 49, "px", "frame", (0, 7), 6),
    "trackpy/fab_cs2_cell01_storebig.h5": Fact(
        "trackpy-store", 4082, 367, "px", "frame", (0, 149), 270
    ),
    "trxyt/nastic_synthetic_col1.trxyt": Fact("text", 19072, 1000, "µm", "s"),
    "trxyt/tramway_trajectories_leading_index.txt": Fact("text", 2358, 400, "µm", "s"),
    "utrack-mat/spoton_utrack.mat": Fact("utrack", 35, 16, "px", "frame", (1, 28)),
}

REFUSED = {
    "minflux/pyminflux_fluo_ids.npz": r"expected_fluo_ids, fluo_ids, tids, expected tid, tim, and",
    "picasso/testdata_locs.yaml": "describes a movie of Picasso's: read the .hdf5 beside it",
    "inferencemap/dev_kmeans.cluster": "begins with 'ZONE: 1', which no reader knows",
    "inferencemap/dev_kmeans_df.vmesh": "begins with 'Inference Mode: DF', which no reader knows",
}

RWA = {
    # Rows of potential_example.trxyt that the file was made of, and their tracks.
    "rwa-0.7/dev.rwa": 4000,
    "rwa-old/tramway_0.4.7_dev.rwa": None,
    "rwa-old/tramway_0.5.4_dev.rwa": None,
}


@pytest.fixture(scope="session")
def folder(shared: Path) -> Path:
    return shared / "data" / "formats"


@pytest.mark.parametrize("name", FACTS)
def test_facts(folder: Path, name: str) -> None:
    for suffix, package in {".geff": "zarr", ".parquet": "pyarrow"}.items():
        if name.endswith(suffix):
            pytest.importorskip(package)
    reader, read, facts = read_localizations(folder / name)
    expected = FACTS[name]
    frames = None if facts.first_frame is None else (facts.first_frame, facts.last_frame)
    assert expected == (
        reader.name,
        facts.localizations,
        facts.tracks,
        facts.length_unit,
        facts.time_unit,
        frames,
        facts.gaps,
        facts.without_track,
    )
    assert all(len(values) == expected.localizations for values in read.columns.values())


@pytest.mark.parametrize("name", REFUSED)
def test_what_holds_no_trajectories_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(FileFormatError, match=REFUSED[name]) as raised:
        read_localizations(folder / name)
    assert name in str(raised.value)


def test_every_file_is_accounted_for(folder: Path) -> None:
    found = {
        str(path.relative_to(folder))
        for path in folder.glob("*/*")
        if not path.name.endswith("_ORACLE.csv")
    }
    other = {"rwa-old/aborted_write_0.3.13_dev.rwa"}
    assert found == {*FACTS, *REFUSED, *RWA, *other}


@pytest.mark.parametrize("name", RWA)
def test_analysis_trees(folder: Path, name: str) -> None:
    data = read_rwa(folder / name).data
    assert {"n", "x", "y", "t"} <= set(data.columns)
    if RWA[name] is not None:
        assert len(data) == RWA[name]


def test_aborted_write_is_refused(folder: Path) -> None:
    with pytest.raises(FileFormatError, match="aborted_write"):
        read_rwa(folder / "rwa-old/aborted_write_0.3.13_dev.rwa")


def test_trackmate_edges_are_those_that_another_program_read(folder: Path) -> None:
    model = folder / "trackmate-xml-model"
    _, read, _ = read_localizations(model / "laptrack_gap_closing_v6.0.3.xml")
    spots = pd.read_csv(model / "laptrack_gap_closing_spots_ORACLE.csv").set_index("id")
    edges = pd.read_csv(model / "laptrack_gap_closing_edges_ORACLE.csv")
    table = pd.DataFrame(read.columns)
    place = {(row.frame, row.x, row.y): row.n for row in table.itertuples()}
    for edge in edges.itertuples():
        for end in (edge.spot_source_id, edge.spot_target_id):
            spot = spots.loc[end]
            assert place[spot["frame"], spot["position_x"], spot["position_y"]] == edge.track_id


def test_linking_is_trackpys(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("trackpy")
    # trackpy.link(search_range=2.5, memory=2) in pixels of 158 nm on the frames before 150.
    whole = folder / "thunderstorm/sptanalyser_Fab_CS2_cell01_localizations.csv"
    lines = whole.read_text().splitlines(keepends=True)
    first = [line for line in lines[1:] if int(line.split(",")[1]) <= 150]
    path = tmp_path / "first.csv"
    path.write_text(lines[0] + "".join(first))
    reading = read_file(path, frame_interval=0.02, linking=Linking(2.5 * 0.158, memory=2))
    expected = pd.read_csv(folder / "trackpy/fab_cs2_cell01.csv")
    found = reading.trajectories.assign(frame=reading.trajectories["t"] / 0.02)
    found = found.sort_values(["frame", "x"])
    expected = expected.sort_values(["frame", "x"])
    np.testing.assert_allclose(found["x"], expected["x"] * 0.158)
    pairs = set(zip(found["n"], expected["particle"], strict=True))
    assert len(pairs) == found["n"].nunique() == expected["particle"].nunique() == 367
    assert reading.facts.tracks == 367


def test_precision_is_that_of_the_file(folder: Path) -> None:
    # The README: median lpx of 0.0095 pixels, of 130 nm as the .yaml says.
    pytest.importorskip("trackpy")
    reading = read_file(
        folder / "picasso/testdata_locs.hdf5", frame_interval=0.3, linking=Linking(0.1)
    )
    median = np.median(reading.trajectories["localization_precision"])
    assert median == pytest.approx(0.0095 * 0.130, rel=0.2)
