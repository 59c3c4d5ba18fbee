"""One small movie, written as each program would: three molecules, seen in six frames each.

Every writer states the layout it was made after; the positions are the same in all of them, so
that every reader is held to the same numbers.
"""

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import scipy.io

PIXEL = 0.1  # µm
INTERVAL = 0.02  # s
SIGMA = 0.025  # µm


def movie() -> pd.DataFrame:
    """Tracks 1 to 3, far apart, in µm and frames from 0; the second one misses a frame."""
    random = np.random.default_rng(7)
    rows = []
    for number, center in enumerate([(2.0, 3.0), (6.0, 3.5), (4.0, 8.0)], start=1):
        frames = [0, 1, 2, 4, 5, 6] if number == 2 else list(range(6))
        path = np.round(center + np.cumsum(random.normal(0, 0.08, (6, 2)), axis=0), 4)
        rows += [(number, frame, x, y) for frame, (x, y) in zip(frames, path, strict=True)]
    return pd.DataFrame(rows, columns=["n", "frame", "x", "y"])


MOVIE = movie()


@dataclass(frozen=True)
class Sample:
    """How a format is written, and what has to be said to read it.

    Attributes
    ----------
    write
        Writes the movie into a folder; returns the path.
    settings
        What the file does not say, of ``pixel_size``, ``frame_interval``.
    has_tracks, has_precision
        Whether the format has them.
    options
        Options of the reader.
    """

    write: Callable[[Path], Path]
    settings: dict[str, float] = field(default_factory=dict)
    has_tracks: bool = True
    has_precision: bool = False
    options: dict[str, Any] = field(default_factory=dict)


_PX = {"pixel_size": PIXEL}
_DT = {"frame_interval": INTERVAL}


def _text(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _csv(folder: Path, name: str, table: pd.DataFrame, **options: Any) -> Path:
    path = folder / name
    table.to_csv(path, **{"index": False, **options})
    return path


def _pixels() -> pd.DataFrame:
    return MOVIE.assign(x=MOVIE["x"] / PIXEL, y=MOVIE["y"] / PIXEL)


def _nanometers() -> pd.DataFrame:
    return MOVIE.assign(x=MOVIE["x"] * 1000, y=MOVIE["y"] * 1000)


def trackmate(folder: Path) -> Path:
    """Spots by frame, edges by track, both tracks among the filtered ones, calibrated image."""
    spots = "".join(
        f'<Spot ID="{rank}" QUALITY="5" POSITION_X="{row.x}" POSITION_Y="{row.y}" POSITION_Z="0.0" '
        f'POSITION_T="{row.frame * INTERVAL}" FRAME="{row.frame}" VISIBILITY="1"/>\n'
        for rank, row in enumerate(MOVIE.itertuples())
    )
    tracks = ""
    for number, rows in MOVIE.groupby("n"):
        ranks = list(rows.index)
        edges = "".join(
            f'<Edge SPOT_SOURCE_ID="{a}" SPOT_TARGET_ID="{b}" />' for a, b in pairwise(ranks)
        )
        tracks += f'<Track name="Track_{number}" TRACK_ID="{number}">{edges}</Track>\n'
    filtered = "".join(f'<TrackID TRACK_ID="{number}" />' for number in MOVIE["n"].unique())
    return _text(
        folder,
        "model.xml",
        '<?xml version="1.0" encoding="UTF-8"?>\n<TrackMate version="7.11.1"><Log>made &amp; saved'
        '</Log>\n<Model spatialunits="micron" timeunits="sec"><AllSpots nspots="18">'
        f'<SpotsInFrame frame="0">{spots}</SpotsInFrame></AllSpots>\n<AllTracks>{tracks}'
        f"</AllTracks><FilteredTracks>{filtered}</FilteredTracks></Model>\n<Settings>"
        f'<ImageData filename="a.tif" pixelwidth="{PIXEL}" timeinterval="{INTERVAL}"/></Settings>'
        "</TrackMate>\n",
    )


def _detections(track: Callable[[int], str], end: str, table: pd.DataFrame) -> str:
    text = ""
    for number, rows in table.groupby("n"):
        text += track(int(str(number)))
        text += "".join(
            f'<detection t="{row.frame}" x="{row.x}" y="{row.y}" z="0.0" />\n'
            for row in rows.itertuples()
        )
        text += end
    return text


def trackmate_tracks(folder: Path) -> Path:
    body = _detections(lambda _: '<particle nSpots="6">', "</particle>", MOVIE)
    return _text(
        folder,
        "tracks.xml",
        '<?xml version="1.0" encoding="UTF-8"?>\n<Tracks nTracks="3" spaceUnits="micron" '
        f'frameInterval="{INTERVAL}" timeUnits="sec" from="TrackMate v7.11.1">\n{body}</Tracks>\n',
    )


def icy(folder: Path) -> Path:
    body = _detections(lambda number: f'<track id="{number}">', "</track>", _pixels())
    return _text(
        folder,
        "icy.xml",
        '<?xml version="1.0" encoding="UTF-8"?>\n<root><trackfile version="1" /><trackgroup>'
        f"{body}</trackgroup><linklist /></root>\n",
    )


def isbi(folder: Path) -> Path:
    body = _detections(lambda _: "<particle>", "</particle>", _pixels())
    return _text(
        folder,
        "isbi.xml",
        '<?xml version="1.0"?>\n<root><TrackContestISBI2012 snr="7" density="low">'
        f"{body}</TrackContestISBI2012></root>\n",
    )


def trackmate_csv(folder: Path) -> Path:
    """Version 7: names, two lines of longer names, units; rows out of order; a spot of no track."""
    rows = "".join(
        f"ID{rank},{rank},{row.n},1.0,{row.x},{row.y},0.0,{row.frame * INTERVAL},{row.frame}\n"
        for rank, row in reversed(list(enumerate(MOVIE.itertuples())))
    )
    return _text(
        folder,
        "spots.csv",
        "LABEL,ID,TRACK_ID,QUALITY,POSITION_X,POSITION_Y,POSITION_Z,POSITION_T,FRAME\n"
        "Label,Spot ID,Track ID,Quality,X,Y,Z,T,Frame\n"
        "Label,Spot ID,Track ID,Quality,X,Y,Z,T,Frame\n"
        f",,,(quality),(micron),(micron),(micron),(sec),\n{rows}"
        "ID99,99,,1.0,5.0,5.0,0.0,0.0,0\n",
    )


def _trackpy_table() -> pd.DataFrame:
    table = _pixels()[["y", "x", "frame", "n"]].rename(columns={"n": "particle"})
    table.insert(2, "mass", 400.0)
    table.insert(3, "ecc", 0.1)
    table.insert(4, "ep", SIGMA / PIXEL)
    return table


def trackpy(folder: Path) -> Path:
    return _csv(folder, "trackpy.csv", _trackpy_table(), index=True)


def parquet(folder: Path) -> Path:
    path = folder / "trackpy.parquet"
    _trackpy_table().to_parquet(path)
    return path


def trackpy_store(folder: Path) -> Path:
    """What pandas writes for a table without data columns: a block per type, names pickled."""
    path = folder / "store.h5"
    kind = np.dtype(
        [("index", "<i8"), ("values_block_0", "<f8", (5,)), ("values_block_1", "<i8", (2,))]
    )
    with h5py.File(path, "w") as root:
        for frame, rows in _trackpy_table().groupby("frame"):
            records = np.zeros(len(rows), dtype=kind)
            records["values_block_0"] = rows[["y", "x", "mass", "ecc", "ep"]]
            records["values_block_1"] = rows[["frame", "particle"]]
            table = root.create_dataset(f"Frame_{frame}/table", data=records)
            floats, integers = ["y", "x", "mass", "ecc", "ep"], ["frame", "particle"]
            for name, own in (("values_block_0", floats), ("values_block_1", integers)):
                pickled = "(lp0\n" + "".join(f"V{each}\np{i}\na" for i, each in enumerate(own, 1))
                table.attrs[f"{name}_kind"] = np.bytes_(pickled.encode() + b".")
    return path


def thunderstorm(folder: Path) -> Path:
    table = _nanometers()
    return _text(
        folder,
        "storm.csv",
        '"id","frame","x [nm]","y [nm]","sigma [nm]","uncertainty_xy [nm]"\n'
        + "".join(
            f"{rank},{row.frame + 1},{row.x},{row.y},130.0,{SIGMA * 1000}\n"
            for rank, row in enumerate(table.itertuples(), 1)
        ),
    )


def swift(folder: Path) -> Path:
    """A column `id` twice; the third molecule is immobile in its second half."""
    rows = "".join(
        f"{rank},{row.frame + 1},{row.x},{row.y},{SIGMA * 1000},{rank},"
        f"{'immobile' if row.n == 3 and row.frame > 2 else 'diffusion'},"
        f"{10 * row.n + int(row.n == 3 and row.frame > 2)},{row.n}\n"
        for rank, row in enumerate(_nanometers().itertuples())
    )
    return _text(
        folder,
        "cell.tracked.csv",
        '"id","frame","x [nm]","y [nm]","uncertainty_xy [nm]","id","seg.motion","seg.id",'
        f'"track.id"\n{rows}',
    )


def mosaic(folder: Path) -> Path:
    table = _pixels().rename(columns={"n": "Trajectory", "frame": "Frame"}).assign(z=0, m0=1.5)
    return _csv(folder, "mosaic.csv", table, index_label=" ", index=True)


def spoton(folder: Path) -> Path:
    table = MOVIE.rename(columns={"n": "trajectory"}).assign(t=MOVIE["frame"] * INTERVAL)
    return _csv(folder, "spoton.csv", table[["frame", "t", "trajectory", "x", "y"]], index=True)


def palmtracer(folder: Path) -> Path:
    """Two lines about the movie; numbers have a blank before them."""
    rows = "".join(
        f"{row.n}\t {row.frame + 1}\t {row.x}\t {row.y}\t 0\t 5767.41\t {rank}\t 0\n"
        for rank, row in enumerate(_pixels().itertuples())
    )
    return _text(
        folder,
        "trcPALMTracer.txt",
        "Width\tHeight\tnb_Planes\tnb_Tracks\tPixel_Size(um)\tFrame_Duration(s)\tGaussian_Fit\t"
        f"Spectral\n329\t158\t7\t3\t{PIXEL}\t{INTERVAL}\tNone\tFalse\n"
        "Track\tPlane\tCentroidX(px)\tCentroidY(px)\tCentroidZ(um)\tIntegrated_Intensity\tid\t"
        f"Pair_Distance(px)\n{rows}",
    )


def saspt(folder: Path) -> Path:
    error = SIGMA / PIXEL
    table = _pixels().rename(columns={"n": "trajectory"}).assign(y_err=error, x_err=error)
    return _csv(folder, "trajs.csv", table[["y", "x", "y_err", "x_err", "frame", "trajectory"]])


def btrack(folder: Path) -> Path:
    table = _pixels().rename(columns={"n": "label", "frame": "t"}).assign(z=0.0, states=5)
    return _csv(folder, "btrack.csv", table[["t", "x", "y", "z", "states", "label"]])


def napari(folder: Path) -> Path:
    table = _pixels().rename(columns={"n": "TrackID", "frame": "t"}).assign(z=0)
    return _csv(folder, "napari.csv", table[["TrackID", "t", "x", "y", "z"]])


def evalspt(folder: Path) -> Path:
    rows = "".join(
        f"{row.x}\t{row.y}\t{row.frame + 1}\t{row.n}\t3513.1\t191179.0\t2.79\t702.6\n"
        for row in _pixels().itertuples()
    )
    return _text(folder, "evalspt.txt", rows)


def tracked_par(folder: Path) -> Path:
    kind = np.dtype([("xy", object), ("Frame", object), ("TimeStamp", object)])
    tracks = np.zeros((1, MOVIE["n"].nunique()), dtype=kind)
    for rank, (_, rows) in enumerate(MOVIE.groupby("n")):
        frame = rows["frame"].to_numpy()[:, None] + 1
        tracks[0, rank] = (rows[["x", "y"]].to_numpy(), frame, (frame - 1) * INTERVAL)
    path = folder / "trackedPar.mat"
    settings = {"px2micron": PIXEL, "Delay": INTERVAL}
    scipy.io.savemat(path, {"trackedPar": tracks, "settings": settings}, do_compression=True)
    return path


def utrack(folder: Path) -> Path:
    """Coordinates of each frame in eight columns, NaN where the molecule was missed."""
    kind = np.dtype([("tracksCoordAmpCG", object), ("seqOfEvents", object)])
    tracks = np.zeros((MOVIE["n"].nunique(), 1), dtype=kind)
    for rank, (_, rows) in enumerate(_pixels().groupby("n")):
        first, last = rows["frame"].min(), rows["frame"].max()
        block = np.full((last - first + 1, 8), np.nan)
        block[rows["frame"] - first, :2] = rows[["x", "y"]]
        block[rows["frame"] - first, 2:] = [0, 1, SIGMA / PIXEL, SIGMA / PIXEL, 0, 0.1]
        events = np.array([[first + 1, 1, 1, np.nan], [last + 1, 2, 1, np.nan]])
        tracks[rank, 0] = (block.reshape(1, -1), events)
    path = folder / "utrack.mat"
    scipy.io.savemat(path, {"tracksFinal": tracks})
    return path


def diatrack(folder: Path) -> Path:
    """A cell per frame; the successor of a particle is its rank in the next frame, from 1."""
    table = _pixels()
    # Diatrack links successive frames only: after the gap the second molecule is another one.
    of_frames = [here for _, here in table.groupby("frame")]
    frames = np.zeros((1, len(of_frames)), dtype=object)
    for frame, here in enumerate(of_frames):
        there = of_frames[frame + 1]["n"] if frame + 1 < len(of_frames) else []
        ranks = {n: rank for rank, n in enumerate(there, start=1)}
        successor = [ranks.get(n, 0) for n in here["n"]]
        frames[0, frame] = {
            "RefinedCooX": here["x"].to_numpy(),
            "RefinedCooY": here["y"].to_numpy(),
            "Successor": np.array(successor, dtype=float),
        }
    path = folder / "session.mat"
    scipy.io.savemat(path, {"tracks": frames})
    return path


def plist(folder: Path) -> Path:
    """An array of localizations, as TRamWAy 0.7 reads it."""
    path = folder / "movie.mat"
    table = MOVIE.assign(other=1.0)[["n", "frame", "x", "y", "other"]]
    scipy.io.savemat(path, {"plist": table.to_numpy()})
    return path


def smap(folder: Path) -> Path:
    """Version 7.3: a header of 512 bytes, then HDF5; arrays lie the other way round."""
    path = folder / "smap_sml.mat"
    with h5py.File(path, "w", userblock_size=512) as root:
        loc = root.create_group("saveloc/loc")
        table = _nanometers()
        loc["xnm"], loc["ynm"] = table[["x"]].to_numpy().T, table[["y"]].to_numpy().T
        loc["frame"] = table[["frame"]].to_numpy(float).T + 1
        loc["locprecnm"] = np.full((1, len(table)), SIGMA * 1000)
        loc["filenumber"] = np.ones((1, len(table)))
    content = bytearray(path.read_bytes())
    content[:19] = b"MATLAB 7.3 MAT-file"
    path.write_bytes(content)
    return path


def picasso(folder: Path) -> Path:
    path = folder / "cell_locs.hdf5"
    table = _pixels()[["frame", "x", "y"]].assign(lpx=SIGMA / PIXEL, lpy=SIGMA / PIXEL)
    with h5py.File(path, "w") as root:
        root["locs"] = table.to_records(index=False)
    _text(
        folder,
        "cell_locs.yaml",
        f"Frames: 7\nGenerated by: Picasso\n---\nBox Size: 7\nPixelsize: {PIXEL * 1000:g}\n",
    )
    return path


def decode(folder: Path) -> Path:
    path = folder / "emitters.h5"
    with h5py.File(path, "w") as root:
        table = _pixels()
        root["data/xyz"] = table[["x", "y"]].assign(z=0.0).to_numpy(np.float64)
        root["data/xyz_sig"] = np.full((len(table), 3), SIGMA / PIXEL)
        root["data/frame_ix"] = table["frame"].to_numpy()
        meta = root.create_group("meta")
        meta.attrs["px_size"] = np.array([PIXEL, PIXEL]) * 1000
        meta.attrs["xy_unit"] = "px"
    return path


def rapidstorm(folder: Path) -> Path:
    field = '<field identifier="{}" syntax="floating point" semantic="it" unit="{}" />'
    fields = [("Position-0-0", "nanometer"), ("Position-1-0", "nanometer")]
    fields += [("ImageNumber-0-0", "frame"), ("Amplitude-0-0", "A/D count")]
    described = "".join(field.format(*each) for each in fields)
    rows = "".join(f"{row.x} {row.y} {row.frame} 33290.1\n" for row in _nanometers().itertuples())
    return _text(
        folder,
        "rapidstorm.txt",
        f'# <localizations insequence="true" repetitions="variable">{described}</localizations>\n'
        + rows,
    )


def elyra(folder: Path) -> Path:
    names = ["Index", "First Frame", "Number Frames", "Frames Missing", "Position X [nm]"]
    names += ["Position Y [nm]", "Precision [nm]"]
    rows = "".join(
        f"{rank}\t{row.frame + 1}\t1\t0\t{row.x}\t{row.y}\t{SIGMA * 1000}\r\n"
        for rank, row in enumerate(_nanometers().itertuples(), 1)
    )
    path = folder / "elyra.txt"
    end = "\0\r\r\nVoxelSizeX : 0.1 µm\r\r\nROI List : \r\r\n"
    path.write_bytes(("\t".join(names) + "\r\n" + rows + end).encode("latin-1"))
    return path


def oni(folder: Path) -> Path:
    names = {"frame": "Frame", "x": "X (nm)", "y": "Y (nm)"}
    table = _nanometers().drop(columns="n").rename(columns=names)
    table.insert(0, "Channel", 0)
    return _csv(folder, "oni.csv", table.assign(**{"Z (nm)": 0.0, "Photons": 150.0}))


def smlm(folder: Path) -> Path:
    path = folder / "cell.smlm"
    table = _nanometers()[["frame", "x", "y"]]
    kind = np.dtype([("frame", "<u4"), ("x", "<f8"), ("y", "<f8")])
    content = np.array(list(table.itertuples(index=False, name=None)), dtype=kind).tobytes()
    layout = {
        "type": "table",
        "mode": "binary",
        "headers": ["frame", "x", "y"],
        "dtype": ["uint32", "float64", "float64"],
        "shape": ["1", "1", "1"],
        "units": ["", "nm", "nm"],
    }
    entry = {"name": "table-0.bin", "type": "table", "format": "binary", "rows": str(len(table))}
    manifest = {"format_version": "0.2", "formats": {"binary": layout}, "files": [entry]}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("table-0.bin", content)
    return path


def geff(folder: Path) -> Path:
    import zarr

    path = folder / "cell.geff"
    root = zarr.open_group(str(path), mode="w", zarr_format=2)
    axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in ("y", "x")]
    axes.append({"name": "t", "type": "time", "unit": "second"})
    root.attrs["geff"] = {"geff_version": "1.1", "directed": True, "axes": axes}
    ids = np.arange(len(MOVIE)) + 100
    same = np.flatnonzero(np.diff(MOVIE["n"]) == 0)
    root.create_array("nodes/ids", data=ids)
    root.create_array("edges/ids", data=np.column_stack([ids[same], ids[same + 1]]))
    for name in ("x", "y"):
        root.create_array(f"nodes/props/{name}/values", data=MOVIE[name].to_numpy())
    root.create_array("nodes/props/t/values", data=MOVIE["frame"].to_numpy() * INTERVAL)
    return path


def minflux(folder: Path) -> Path:
    path = folder / "minflux.mat"
    table = _nanometers().assign(z=0.0)
    found = {
        "id": table["n"].to_numpy(np.int32)[:, None],
        "t": table["frame"].to_numpy()[:, None] * INTERVAL,
        "pos": table[["x", "y", "z"]].to_numpy(),
    }
    scipy.io.savemat(path, {"minflux": found})
    return path


def text(folder: Path) -> Path:
    table = MOVIE.assign(t=MOVIE["frame"] * INTERVAL)[["n", "x", "y", "t"]]
    return _csv(folder, "cell.trxyt", table, sep=" ", header=False)


def csv(folder: Path) -> Path:
    table = MOVIE.assign(frame=MOVIE["frame"] * INTERVAL)
    table.columns = pd.Index(["Molecule", "time (s)", "x (µm)", "y (µm)"])
    return _csv(folder, "other.csv", table, sep=";", decimal=",")


SAMPLES: dict[str, Sample] = {
    "trackmate": Sample(trackmate),
    "trackmate-tracks": Sample(trackmate_tracks),
    "trackmate-csv": Sample(trackmate_csv),
    "trackpy": Sample(trackpy, _PX | _DT, has_precision=True),
    "trackpy-store": Sample(trackpy_store, _PX | _DT, has_precision=True),
    "thunderstorm": Sample(thunderstorm, _DT, has_tracks=False, has_precision=True),
    "swift": Sample(swift, _DT, has_precision=True),
    "mosaic": Sample(mosaic, _PX | _DT),
    "spoton": Sample(spoton),
    "palmtracer": Sample(palmtracer),
    "saspt": Sample(saspt, _PX | _DT, has_precision=True),
    "btrack": Sample(btrack, _PX | _DT),
    "napari": Sample(napari, _PX | _DT),
    "evalspt": Sample(evalspt, _PX | _DT),
    "trackedpar": Sample(tracked_par),
    "utrack": Sample(utrack, _PX | _DT, has_precision=True),
    "diatrack": Sample(diatrack, _PX | _DT),
    "smap": Sample(smap, _DT, has_tracks=False, has_precision=True),
    "plist": Sample(plist, _DT, options={"columns": ["n", "t", "x", "y", "other"]}),
    "picasso": Sample(picasso, _DT, has_tracks=False, has_precision=True),
    "decode": Sample(decode, _DT, has_tracks=False, has_precision=True),
    "rapidstorm": Sample(rapidstorm, _DT, has_tracks=False),
    "elyra": Sample(elyra, _DT, has_tracks=False, has_precision=True),
    "oni": Sample(oni, _DT, has_tracks=False),
    "smlm": Sample(smlm, _DT, has_tracks=False),
    "icy": Sample(icy, _PX | _DT),
    "isbi": Sample(isbi, _PX | _DT),
    "geff": Sample(geff),
    "minflux": Sample(minflux),
    "parquet": Sample(parquet, _PX | _DT, has_precision=True),
    "text": Sample(text),
    "csv": Sample(csv, options={"columns": {"n": "Molecule"}}),
}
"""Every format there is a reader for."""
