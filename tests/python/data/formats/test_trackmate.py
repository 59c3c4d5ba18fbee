"""What is special in TrackMate's model: filters, hidden spots, tracks that split and merge."""

from pathlib import Path

import pytest
from tracking_samples import SAMPLES

from tramway.data.formats import Linking, read_file, read_localizations
from tramway.errors import DataQualityWarning, FileFormatError, InvalidInputError


def write(
    tmp_path: Path,
    edges: str,
    spots: int = 6,
    hidden: tuple[int, ...] = (),
    filtered: str = '<TrackID TRACK_ID="4"/>',
    units: str = 'spatialunits="µm" timeunits="s"',
    image: str = 'pixelwidth="0.1" timeinterval="0.02"',
) -> Path:
    """Spot k is in frame k // 2, so that two spots share each frame."""
    body = "".join(
        f'<Spot ID="{k}" POSITION_X="{k}" POSITION_Y="0" POSITION_Z="0" FRAME="{k // 2}" '
        f'VISIBILITY="{int(k not in hidden)}"/>'
        for k in range(spots)
    )
    path = tmp_path / "model.xml"
    path.write_text(
        f'<TrackMate version="6"><Model {units}><AllSpots>{body}</AllSpots><AllTracks>'
        f'<Track TRACK_ID="4">{edges}</Track></AllTracks><FilteredTracks>{filtered}'
        f"</FilteredTracks></Model><Settings><ImageData {image}/></Settings></TrackMate>"
    )
    return path


def edge(source: int, target: int) -> str:
    return f'<Edge SPOT_SOURCE_ID="{source}" SPOT_TARGET_ID="{target}"/>'


def test_split_is_cut(tmp_path: Path) -> None:
    # 0 becomes 2 and 3, which go on to 4 and 5: three tracks, the first of one localization.
    path = write(tmp_path, edge(0, 2) + edge(0, 3) + edge(2, 4) + edge(3, 5))
    with pytest.warns(DataQualityWarning, match="split at 1 and merge at 0 localizations"):
        found = read_file(path).trajectories
    tracks = [rows["x"].tolist() for _, rows in found.groupby("n")]
    assert sorted(tracks) == [[0], [2, 4], [3, 5]]


def test_merge_is_cut(tmp_path: Path) -> None:
    path = write(tmp_path, edge(0, 2) + edge(1, 2) + edge(2, 4))
    with pytest.warns(DataQualityWarning, match="split at 0 and merge at 1 localizations"):
        found = read_file(path).trajectories
    tracks = [rows["x"].tolist() for _, rows in found.groupby("n")]
    assert sorted(tracks) == [[0], [1], [2, 4]]


def test_edges_may_point_back_in_time(tmp_path: Path) -> None:
    found = read_file(write(tmp_path, edge(2, 0) + edge(2, 4))).trajectories
    assert found["x"].tolist() == [0, 2, 4]
    assert found["n"].tolist() == [4, 4, 4]


def test_only_filtered_tracks_count(tmp_path: Path) -> None:
    path = write(tmp_path, edge(0, 2), filtered='<TrackID TRACK_ID="5"/>')
    _, _, facts = read_localizations(path)
    assert facts.tracks == 0
    assert "1 tracks that TrackMate's filters dropped were left out" in facts.notes


def test_hidden_spots_of_no_track_are_left_out(tmp_path: Path) -> None:
    _, _, facts = read_localizations(write(tmp_path, edge(0, 2), hidden=(0, 3, 4)))
    assert (facts.localizations, facts.tracks, facts.without_track) == (4, 1, 2)
    assert "2 spots that TrackMate's filters hid were left out" in facts.notes


def test_image_without_calibration_says_no_units(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        edge(0, 2),
        units='spatialunits="pixel" timeunits="sec"',
        image='pixelwidth="1.0" timeinterval="1.0"',
    )
    _, _, facts = read_localizations(path)
    assert (facts.length_unit, facts.time_unit, facts.frame_interval) == ("px", "frame", None)


def test_units_that_old_versions_say_with_the_image(tmp_path: Path) -> None:
    image = 'spatialunits="µm" timeunits="s" pixelwidth="0.1" timeinterval="0.02"'
    _, _, facts = read_localizations(write(tmp_path, edge(0, 2), units="", image=image))
    assert (facts.length_unit, facts.pixel_size, facts.frame_interval) == ("µm", 0.1, 0.02)


def test_edge_to_nowhere(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="an edge leads to spot 77, which is not there"):
        read_localizations(write(tmp_path, edge(0, 77)))


def test_bomb_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml"
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 12)
    )
    path.write_text(f"<!DOCTYPE TrackMate [{entities}]><TrackMate>&a11;</TrackMate>")
    with pytest.raises(FileFormatError, match=r"bomb\.xml, line 1: a document type declaration"):
        read_file(path, format="trackmate")


def test_file_of_another_computer_is_not_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "outside.xml"
    path.write_text(
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><TrackMate>&b;</TrackMate>'
    )
    with pytest.raises(FileFormatError, match="document type declaration"):
        read_file(path, format="trackmate")


def test_tag_without_end(tmp_path: Path) -> None:
    path = tmp_path / "long.xml"
    path.write_text('<TrackMate version="' + "7" * (5 << 20))
    with pytest.raises(FileFormatError, match="a tag of more than"):
        read_file(path, format="trackmate")


def test_attribute_that_is_missing_or_no_number(tmp_path: Path) -> None:
    text = SAMPLES["trackmate"].write(tmp_path).read_text()
    path = tmp_path / "other.xml"
    path.write_text(text.replace(' FRAME="3"', "", 1))
    with pytest.raises(FileFormatError, match=r"other\.xml, line \d+: no attribute 'FRAME'"):
        read_file(path)
    path.write_text(text.replace('POSITION_X="', 'POSITION_X="about ', 1))
    with pytest.raises(FileFormatError, match=r"line \d+: could not convert.*expected a number"):
        read_file(path)


def test_encoding_that_there_is_not(tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    path.write_text('<?xml version="1.0" encoding="UUF-8"?><TrackMate></TrackMate>')
    with pytest.raises(FileFormatError, match=r"model\.xml"):
        read_file(path)
    with pytest.raises(FileFormatError, match="no whole XML file: unknown encoding"):
        read_file(path, format="trackmate")


@pytest.mark.parametrize(
    ("units", "image", "pixel", "interval"),
    [
        (
            'spatialunits="\\u00B5m" timeunits="s"',
            'pixelwidth="0.1" timeinterval="0.02"',
            0.1,
            0.02,
        ),
        ('spatialunits="mm" timeunits="h"', 'pixelwidth="1e-4" timeinterval="1e-4"', 0.1, 0.36),
        ('spatialunits="um" timeunits="mins"', 'pixelwidth="0.1" timeinterval="2"', 0.1, 120),
        ('spatialunits="nm" timeunits="µs"', 'pixelwidth="100" timeinterval="20"', 0.1, 2e-5),
    ],
)
def test_units_of_all_programs(
    units: str, image: str, pixel: float, interval: float, tmp_path: Path
) -> None:
    path = write(tmp_path, edge(0, 2), units=units, image=image)
    read = read_localizations(path)[1]
    assert read.pixel_size == pytest.approx(pixel)
    assert read.frame_interval == pytest.approx(interval)


def test_units_that_are_none(tmp_path: Path) -> None:
    path = write(tmp_path, edge(0, 2), units='spatialunits="inch" timeunits="s"')
    with pytest.raises(InvalidInputError, match="the unit of positions is 'inch', which is not"):
        read_file(path)
    image = 'pixelwidth="0,1" timeinterval="?"'
    with pytest.raises(InvalidInputError, match=r"set a\.spt_data\.frame_interval"):
        read_file(write(tmp_path, edge(0, 2), image=image))


def test_pixels_of_one_micrometer_are_suspicious(tmp_path: Path) -> None:
    path = write(tmp_path, edge(0, 2), image='pixelwidth="1.0" timeinterval="0.02"')
    with pytest.warns(DataQualityWarning, match="pixels of 1 µm are those of an image that was"):
        read_file(path)


def test_table_and_tracks_of_an_image_without_calibration(tmp_path: Path) -> None:
    """ImageJ says pixels and frames every 1 sec, where nobody said anything."""
    table = tmp_path / "spots.csv"
    table.write_text(
        "LABEL,ID,TRACK_ID,POSITION_X,POSITION_Y,POSITION_T,FRAME\n"
        ",,,(pixel),(pixel),(sec),\na,1,0,1.0,1.0,0.0,0\nb,2,0,2.0,2.0,1.0,1\n"
    )
    tracks = tmp_path / "tracks.xml"
    tracks.write_text(
        '<Tracks nTracks="1" spaceUnits="pixel" frameInterval="1.0" timeUnits="sec"><particle>'
        '<detection t="0" x="1.0" y="1.0"/><detection t="1" x="2.0" y="2.0"/></particle></Tracks>'
    )
    for path in (table, tracks):
        with pytest.raises(InvalidInputError, match=r"set a\.spt_data\.frame_interval"):
            read_file(path, pixel_size=0.1)
        found = read_file(path, pixel_size=0.1, frame_interval=0.02).trajectories
        assert found["t"].tolist() == [0, 0.02]


def test_unit_of_pixels_that_are_not_one_wide(tmp_path: Path) -> None:
    """A width of pixels without a unit: positions are multiples of it, whatever it is in."""
    path = write(
        tmp_path,
        edge(0, 2),
        units='spatialunits="pixel" timeunits="s"',
        image='pixelwidth="0.1" timeinterval="0.02"',
    )
    with pytest.raises(
        InvalidInputError, match=r"pixel of the image is 0\.1 of its units.*pixel_s"
    ):
        read_file(path)
    assert read_file(path, pixel_size=0.16).trajectories["x"].tolist() == pytest.approx([0, 3.2])
    assert read_file(path, coordinate_scale=1).trajectories["x"].tolist() == [0, 2]


def test_spots_that_were_not_tracked_yet(tmp_path: Path) -> None:
    pytest.importorskip("trackpy")
    found = read_file(write(tmp_path, "", filtered=""), linking=Linking(2.5))
    assert len(found.trajectories) == 6
    assert found.trajectories["t"].max() == pytest.approx(0.04)


TABLE = (
    "ID,LABEL,TRACK_ID,TRACK_NAME,TRACK_VISIBLE,POSITION_X,POSITION_Y,POSITION_Z,POSITION_T,FRAME\n"
    "ID,Label,Track ID,Track name,Track visibility,X,Y,Z,T,Frame\n"
    ",,,,,(µm),(µm),(µm),(sec),\n"
    "1,S1,0,Track_0,1,1.5,2.5,0,0,0\n"
    "2,S2,0,Track_0,1,1.5,2.6,0,0.05,1\n"
    "3,S3,1,Track_1,0,5.5,2.5,0,0,0\n"
    "4,S4,ø,ø,0,8,8,0,0,0\n"
)
"""What version 8 writes: ø for what there is not, tracks whether visible or not, three headers."""


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_table_of_version_8(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "spots.csv"
    path.write_text(TABLE, encoding=encoding)
    found = read_file(path)
    assert found.trajectories[["n", "x", "t"]].to_numpy().tolist() == [[0, 1.5, 0], [0, 1.5, 0.05]]
    assert found.facts.without_track == 1
    assert "1 spots of tracks that TrackMate's filters dropped were left out" in found.facts.notes


def test_unit_of_a_table_that_is_not_known_is_named(tmp_path: Path) -> None:
    path = tmp_path / "spots.csv"
    path.write_text(TABLE.replace("µm", "inch"), encoding="utf-8")
    with pytest.raises(InvalidInputError, match="the unit of positions is 'inch', which is not kn"):
        read_file(path)
    path = tmp_path / "tracks.xml"
    path.write_text(
        '<Tracks spaceUnits="inch" frameInterval="0.1" timeUnits="s"><particle>'
        '<detection t="0" x="1" y="1"/></particle></Tracks>'
    )
    with pytest.raises(InvalidInputError, match="the unit of positions is 'inch', which is not kn"):
        read_file(path)


def test_table_for_motility_lab(tmp_path: Path) -> None:
    path = tmp_path / "motility.tsv"
    path.write_text(
        "Tracking ID\tTimepoint\tTime (sec)\tX pos (µm)\tY pos (µm)\tZ pos (µm)\n"
        "3\t0\t0.0\t1.5\t2.5\t0\n3\t1\t0.05\t1.5\t2.6\t0\n",
        encoding="utf-8",
    )
    found = read_file(path).trajectories
    assert found.to_numpy().tolist() == [[3, 1.5, 2.5, 0], [3, 1.5, 2.6, 0.05]]


def test_commas_for_decimal_points_are_numbers_of_the_first_row(tmp_path: Path) -> None:
    # In one of Excel's languages: rows that begin with such a number were taken for headers.
    path = tmp_path / "spots.csv"
    rows = [f"{rank};{rank // 4};{rank + 0.5};{rank + 0.25};{rank % 4}" for rank in range(8)]
    header = "ID;TRACK_ID;POSITION_X;POSITION_Y;FRAME"
    path.write_text("\n".join([header, *rows]).replace(".", ","))
    read = read_localizations(path)[1]
    assert read.columns["x"].tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5]


def test_spots_that_were_not_linked(tmp_path: Path) -> None:
    """The table of all spots has no tracks where nobody made any."""
    pytest.importorskip("trackpy")
    path = tmp_path / "allspots.csv"
    path.write_text(
        "LABEL,ID,QUALITY,POSITION_X,POSITION_Y,POSITION_T,FRAME,VISIBILITY\n"
        "Label,Spot ID,Quality,X,Y,T,Frame,Visibility\n"
        "Label,Spot ID,Quality,X,Y,T,Frame,Visibility\n"
        ",,(quality),(micron),(micron),(sec),,\n"
        "ID0,0,5.1,1.5,2.5,0,0,1\nID1,1,5.1,1.6,2.5,0.02,1,1\n"
    )
    found = read_file(path, linking=Linking(0.5)).trajectories
    assert found[["n", "x", "t"]].to_numpy().tolist() == [[0, 1.5, 0], [0, 1.6, 0.02]]
