"""What a file is by how it begins."""

import pickle
import zipfile
from pathlib import Path

import pytest
import scipy.io

from tramway.data.formats import read_file, read_localizations
from tramway.errors import FileFormatError


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps([1.5]), "is a pickle, which can hold programs and is not loaded"),
        (b"ARROW1\0\0", "is Arrow or Feather: save it as Parquet"),
        (b"RDX3\nX\n", "is saved by R: write its table as CSV"),
        (b'{"results": []}', "is JSON, expected a table"),
        (b"LABEL,TRACK_ID,SPOT_SOURCE_ID,SPOT_TARGET_ID\nID1,0,1,2\n", "is TrackMate's table of l"),
        (b"LABEL,TRACK_ID,NUMBER_SPOTS\nTrack_0,0,5\n", "is TrackMate's table of tracks: export"),
        (b"LABEL,N_PREDECESSORS,DELTA_T\na,0,5\n", "is TrackMate's table of branches: export"),
        (b"PK\x03\x04 ", "is a zip archive of files that no reader knows as one: unpack it first"),
        (b"MTrackJ 1.5.1 Data File\n", "is of MTrackJ: save its measurements of points as CSV"),
        (b"<?xml version='1.0'?>\n<results>\n<molecule>", "is ThunderSTORM's XML: export CSV"),
        (b"- x [nm]: '15.5'\n  frame: '1'\n", "is YAML: if it is ThunderSTORM's, export CSV"),
        (b"% made by\n%% Trajectory 1\n0 1.5 2.5 0 1\n", "is MosaicSuite's report: save its"),
    ],
)
def test_what_is_no_table_is_told(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "cell.dat"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=rf"cell\.dat {message}"):
        read_file(path)


def test_variables_of_a_file_of_matlab_are_told(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "a.mat", {"finalTraj": [1.5], "dt": 0.01})
    with pytest.raises(FileFormatError, match="holds dt, finalTraj, of which no reader knows any"):
        read_file(tmp_path / "a.mat")


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [(b"\x89HDF\r\n\x1a\n\0\0", "HDF5"), (b"MATLAB 5.0 MAT-file".ljust(128), "of MATLAB")],
)
def test_beginnings_of_files_that_were_cut_short(
    tmp_path: Path, beginning: bytes, kind: str
) -> None:
    path = tmp_path / "cell.mat"
    path.write_bytes(beginning)
    with pytest.raises(FileFormatError, match=f"cell.mat is {kind}, and nothing in it can be read"):
        read_file(path)


def test_weights_and_emitters_of_torch_are_pickles(tmp_path: Path) -> None:
    path = tmp_path / "emitters.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("emitters/data.pkl", b"cos\nsystem\n")
    with pytest.raises(FileFormatError, match="is a pickle"):
        read_file(path)


def test_comments_of_matlab(tmp_path: Path) -> None:
    path = tmp_path / "cell.txt"
    path.write_text("% made by a script\n% n x y t\n1 1.5 2.5 0\n1 1.6 2.5 0.02\n")
    assert read_file(path).trajectories["t"].tolist() == [0, 0.02]


def test_channels_and_tracks_of_nanoimager_tables(tmp_path: Path) -> None:
    path = tmp_path / "cell.csv"
    path.write_text("Channel,Frame,X (nm),Y (nm)\n0,0,1500,2500\n1,1,1600,2500\n")
    [problem] = read_localizations(path)[2].problems
    assert "localizations of 2 channels are in one file" in problem
    # With tracks, it is a table like any other.
    path.write_text("Channel,Frame,X (nm),Y (nm),Track ID\n0,0,1500,2500,4\n0,1,1600,2500,4\n")
    assert read_file(path, frame_interval=0.02).trajectories["n"].tolist() == [4, 4]


def test_groups_of_tracks_may_begin_anew(tmp_path: Path) -> None:
    """Icy writes a group for each of its processors."""
    group = '<trackgroup><track id="1"><detection t="0" x="{x}" y="2" z="0"/></track></trackgroup>'
    path = tmp_path / "icy.xml"
    groups = "".join(group.format(x=x) for x in (1, 5))
    path.write_text(f'<root><trackfile version="1"/>{groups}<linklist/></root>')
    found = read_file(path, pixel_size=0.1, frame_interval=0.02).trajectories
    assert found[["n", "x"]].to_numpy().tolist() == [[1, 0.1], [2, 0.5]]


def test_five_columns_of_a_file_of_four(tmp_path: Path) -> None:
    """A fifth column behind n x y t may be anything: taken for t, it would give wrong times."""
    path = tmp_path / "cell.trxyt"
    path.write_text("1 1.5 2.5 0.0 0.03\n1 1.6 2.5 0.02 0.03\n")
    with pytest.raises(FileFormatError, match=r"5 columns, expected n x y t .*columns=\{'n': 0"):
        read_file(path)
    columns = {"n": "0", "x": "1", "y": "2", "t": "3", "localization_precision": "4"}
    said = {"columns": columns, "length_unit": "µm", "time_unit": "s"}
    found = read_file(path, format="csv", options=said).trajectories
    assert found["t"].tolist() == [0, 0.02]
    assert found["localization_precision"].tolist() == [0.03, 0.03]


@pytest.mark.parametrize(
    ("above", "header", "row"),
    [
        # Imaris, a sheet of its statistics; Localizer of Igor; Micro-Manager, a table of text.
        (
            "\nPosition\n====\n",
            "Position X,Position Y,Unit,Time,TrackID,\n",
            "{x},2.5,um,{frame},100,\n",
        ),
        (
            "Localized positions using symmetric 2D Gauss fitting\nX SIZE:256\nDATA FOLLOWS\n",
            "First frame\tIntegrated intensity\tX position (pixel)\tY position (pixel)\n",
            "{frame}\t500\t{x}\t2.5\n",
        ),
        (
            "application_id: 1\tname: cell\tlocation_units: NM\n",
            "molecule\tchannel\tframe\tx\ty\n",
            "1\t1\t{frame}\t{x}\t2.5\n",
        ),
    ],
)
def test_lines_above_a_header(above: str, header: str, row: str, tmp_path: Path) -> None:
    path = tmp_path / "cell.txt"
    rows = "".join(row.format(x=1.5 + frame, frame=frame) for frame in range(3))
    path.write_text(above + header + rows)
    reader, read, _ = read_localizations(path)
    assert reader.name == "csv"
    assert read.columns["x"].tolist() == [1.5, 2.5, 3.5]
    assert read.columns["y"].tolist() == [2.5] * 3
    assert read.columns.get("frame", read.columns.get("t")).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "last", ["x[nm] \t\ty[nm]\t\t [frame] \t\tI[a.u.]", "x[nm]\ty[nm]\t[frame]\tI"]
)
@pytest.mark.parametrize("mark", ["\t", "   "])
def test_names_in_a_comment_that_are_separated_otherwise(
    last: str, mark: str, tmp_path: Path
) -> None:
    """LAMA writes them, and its users."""
    path = tmp_path / "malk.txt"
    rows = "".join(mark.join(["150.5", "250", f"{frame}", "500"]) + "\n" for frame in range(3))
    path.write_text(f"# localization file (Malk format)\n# {last}\n{rows}")
    _, read, facts = read_localizations(path)
    assert read.columns["x"].tolist() == [150.5] * 3
    assert read.columns["frame"].tolist() == [0, 1, 2]
    assert facts.length_unit == "nm"


def test_columns_in_another_order_than_n_x_y_t(tmp_path: Path) -> None:
    path = tmp_path / "cell.txt"
    path.write_text("1.5\t2.5\t1\t1\n1.6\t2.5\t2\t1\n")
    with pytest.raises(FileFormatError, match=r"first of 4 columns is 1\.5.* say which is which"):
        read_file(path)
    path.write_text("1 0 1.5 2.5\n1 1 1.6 2.4\n1 2 1.6 2.6\n")  # n frame x y
    [problem] = read_localizations(path)[2].problems
    assert "if the columns are n frame x y, say so, from_files(…, format='csv'" in problem
    path.write_text("1 0 1.5 0.02\n1 1 1.6 0.04\n1 2 1.6 0.06\n")  # n x y t, on a grid
    assert not read_localizations(path)[2].problems
