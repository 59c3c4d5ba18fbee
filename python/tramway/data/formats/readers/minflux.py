"""MINFLUX: traces of localizations at irregular times, of seven kinds of files."""

import zipfile
from array import array
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tramway.data.formats.file_start import FileStart
from tramway.data.formats.json_stream import objects_of
from tramway.data.formats.matlab import read_array, read_structures
from tramway.data.formats.reader import Localizations, Reader
from tramway.data.formats.table_format import TableFormat, track_numbers
from tramway.data.formats.zarr_records import field_names, read_records
from tramway.errors import FileFormatError

_TABLE = TableFormat(
    marks=frozenset({"tid", "x", "y"}),
    columns={"n": ["tid"], "t": ["tim", "t"], "x": ["x"], "y": ["y"], "z": ["z"]},
    length_unit="nm",
    time_unit="s",
)
_NPY = b"\x93NUMPY"
_LARGEST_RATIO = 200
_ALWAYS_ALLOWED = 1 << 26


_PMX = "paraview/dataframe"


def _recognises(start: FileStart) -> bool:
    is_table = _TABLE.recognises(start) and bool({"tim", "t"} & set(start.header))
    if is_table or _PMX in start.hdf5_names or start.matlab_names & {"minflux", "itr"}:
        return True
    if start.zip_names & {"tid.npy", "tids.npy", "trace_id.npy"}:
        return True
    if start.is_folder:
        return _zarr_array(start.path) is not None
    if start.text.lstrip().startswith("[") and '"tid"' in start.text and '"itr"' in start.text:
        return True
    return start.bytes.startswith(_NPY) and b"'tid'" in start.bytes[:4096]


def _read(path: Path) -> Localizations:
    start = FileStart(path)
    if start.is_folder:
        return _folder(path)
    if start.text.lstrip().startswith("["):
        return _listed(path)
    if _PMX in start.hdf5_names:
        return _session(path)
    if "minflux" in start.matlab_names:
        [found] = read_structures(path, "minflux", ["id", "t", "pos"]) or [{}]
        if not {"id", "t", "pos"} <= found.keys():
            raise FileFormatError(f"{path}: no id, t and pos in minflux")
        return _traces(path, found["id"], found["t"], found["pos"], "nm")
    if "itr" in start.matlab_names:
        return _exported(path)
    if start.is_zip:
        return _archive(path)
    if start.bytes.startswith(_NPY):
        return _records(path, np.load(path, mmap_mode="r", allow_pickle=False))
    return _TABLE.read(path)


def _session(path: Path) -> Localizations:
    """Read what pyMINFLUX saves (``.pmx``): one array, with the names of its columns."""
    import h5py

    with h5py.File(path, "r") as root:
        table = root[_PMX]
        names = [str(name) for name in table.attrs.get("column_names", ())]
        wanted = ("tid", "tim", "x", "y", "z")
        if table.ndim != 2 or len(names) != table.shape[1] or not {*wanted[:4]} <= {*names}:
            raise FileFormatError(f"{path}: no columns tid tim x y in its table, but {names}")
        columns = {name: np.asarray(table[:, names.index(name)]) for name in {*wanted} & {*names}}
    position = np.column_stack([columns[name] for name in "xyz" if name in columns])
    return _traces(path, columns["tid"], columns["tim"], position, "nm")


def _archive(path: Path) -> Localizations:
    """Read arrays by their names."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        size = sum(entry.file_size for entry in entries)
        stored = sum(entry.compress_size for entry in entries)
    if size > max(_ALWAYS_ALLOWED, _LARGEST_RATIO * stored):
        raise FileFormatError(
            f"{path}: {size} bytes, compressed to {stored}: such a file is made to fill the "
            "memory, it is not read"
        )
    with np.load(path, allow_pickle=False) as arrays:
        names = {name.lower(): name for name in arrays.files}

        def first(*choices: str) -> NDArray[Any] | None:
            name = next((names[choice] for choice in choices if choice in names), None)
            return None if name is None else np.asarray(arrays[name])

        track, time = first("tid", "tids", "trace_id"), first("tim", "t", "time")
        position, unit = first("pos", "loc_nm"), "nm"
        if position is None:
            position, unit = first("loc"), "m"
        if position is None:
            parts = [first("x"), first("y"), first("z")]
            found = [part for part in parts if part is not None]
            position = np.column_stack(found) if len(found) > 1 else None
            unit = "nm"
        if track is None or time is None or position is None:
            raise FileFormatError(
                f"{path}: arrays {', '.join(arrays.files)}, expected tid, tim, and pos, loc or x, "
                "y of MINFLUX localizations"
            )
    return _traces(path, track, time, position, unit)


def _records(path: Path, table: NDArray[Any]) -> Localizations:
    """Read what the microscope exports: a record a localization, or one for each iteration."""
    names = set(table.dtype.names or ())
    if not {"tid", "tim", "itr"} <= names:
        raise FileFormatError(f"{path}: no tid, tim and itr in its records")
    is_valid = table["vld"].astype(bool) if "vld" in names else np.ones(len(table), dtype=bool)
    if "loc" in (table["itr"].dtype.names or ()):
        position = np.asarray(table["itr"]["loc"])
    elif "loc" in names:  # each iteration is a record of its own
        position = np.asarray(table["loc"])
        is_last = (
            table["fnl"].astype(bool) if "fnl" in names else table["itr"] == table["itr"].max()
        )
        table, position, is_valid = table[is_last], position[is_last], is_valid[is_last]
    else:
        raise FileFormatError(f"{path}: no loc in its records")
    return _valid(path, table["tid"], table["tim"], position, is_valid)


def _zarr_array(path: Path) -> Path | None:
    """Folder of the records in what the microscope exports as Zarr: ``mfx``, or that itself."""
    found = (folder for folder in (path / "mfx", path) if {"tid", "itr"} <= field_names(folder))
    return next(found, None)


def _folder(path: Path) -> Localizations:
    found = _zarr_array(path)
    if found is None:
        raise FileFormatError(f"{path}: no array 'mfx' of records with tid, tim and itr in it")
    return _records(path, read_records(found))


def _listed(path: Path) -> Localizations:
    """Read the same from JSON, a list of records, of either layout."""
    track, iteration = array("q"), array("q")
    time, position = array("d"), array("d")
    is_valid, is_last = array("b"), array("b")
    for record in objects_of(path):
        last = record["itr"][-1] if isinstance(record["itr"], list) else record
        track.append(int(record["tid"]))
        time.append(float(record["tim"]))
        position.extend(map(float, [*last["loc"], 0.0][:3]))
        iteration.append(int(last["itr"]))
        is_valid.append(bool(record.get("vld", True)))
        is_last.append(bool(record.get("fnl", last is not record)))
    if not track:
        raise FileFormatError(f"{path}: no record in it, expected those of MINFLUX localizations")
    kept = np.array(is_last, dtype=np.bool_)
    if not kept.any():  # nothing says which are final
        kept = np.array(iteration) == max(iteration)
    positions = np.array(position).reshape(-1, 3)[kept]
    valid = np.array(is_valid, dtype=np.bool_)[kept]
    return _valid(path, np.array(track)[kept], np.array(time)[kept], positions, valid)


def _exported(path: Path) -> Localizations:
    """Read the same from a MATLAB file, whose arrays are those of all records."""
    track, time = read_array(path, "tid").ravel(), read_array(path, "tim").ravel()
    is_valid = read_array(path, "vld").ravel().astype(bool)
    if "loc" in FileStart(path).matlab_names:  # each iteration is a record of its own
        iteration, position = read_array(path, "itr").ravel(), read_array(path, "loc")
        if not len(iteration) == len(position) == len(track) == len(time) == len(is_valid):
            raise FileFormatError(f"{path}: itr, tid, tim, vld and loc have different lengths")
        is_last = iteration == iteration.max(initial=0)
        return _valid(path, track[is_last], time[is_last], position[is_last], is_valid[is_last])
    position = read_array(path, "itr.loc")
    return _valid(path, track, time, position, is_valid)


def _valid(
    path: Path,
    track: NDArray[Any],
    time: NDArray[Any],
    position: NDArray[Any],
    is_valid: NDArray[np.bool_],
) -> Localizations:
    """Take the valid localizations, in m, each as its last iteration has it."""
    if position.ndim == 3:
        position = position[:, -1]  # the last one is the finest
    if not len(position) == len(track) == len(time) == len(is_valid):
        raise FileFormatError(f"{path}: tid, tim, vld and loc have different lengths")
    read = _traces(path, track[is_valid], time[is_valid], position[is_valid], "m")
    if not is_valid.all():
        dropped = int((~is_valid).sum())
        read.notes.append(f"{dropped} localizations that are not valid were left out")
    return read


def _traces(
    path: Path, track: NDArray[Any], time: NDArray[Any], position: NDArray[Any], unit: str
) -> Localizations:
    position = np.asarray(position, dtype=np.float64)
    if position.ndim != 2 or position.shape[1] not in (2, 3):
        raise FileFormatError(f"{path}: positions of shape {position.shape}, expected (n, 2 or 3)")
    columns: dict[str, NDArray[Any]] = dict(zip("xyz", position.T, strict=False))
    return Localizations(
        {
            **columns,
            "n": track_numbers(np.asarray(track).ravel(), True, str(path)),
            "t": np.asarray(time, dtype=np.float64).ravel(),
        },
        length_unit=unit,
        time_unit="s",
        notes=["times are irregular, there are no frames"],
    )


READER = Reader("minflux", "MINFLUX, traces", _recognises, _read)
