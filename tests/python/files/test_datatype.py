"""Types of values as the HDF5 library writes them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from h5py import h5t

from tramway.files import read_rwa
from tramway.files.datatype import TYPE_PREFIX, datatype_of

NUMBERS = [
    f"{order}{kind}" for order in "<>" for kind in ("i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4")
]


@pytest.mark.parametrize(
    "name", [*NUMBERS, "<f8", ">f8", "i1", "u1", "?", "S1", "S7", "S300", "c8", "c16", "longdouble"]
)
def test_types_are_written_as_the_library_does(name: str) -> None:
    dtype = np.dtype(name)
    expected = h5t.py_create(dtype, logical=True).encode().removeprefix(TYPE_PREFIX)
    assert datatype_of(dtype) == expected


def test_values_that_have_no_type_are_refused() -> None:
    with pytest.raises(TypeError, match="no native HDF5 equivalent"):
        datatype_of(np.dtype("O"))


def test_usual_values_are_written_without_the_library() -> None:
    script = """
import sys
from pathlib import Path
import numpy as np
from tramway.files.hdf5_tree import Group
group = Group()
for name, values in {"x": [1.5], "n": [1], "ok": [True], "text": np.bytes_(b"abc")}.items():
    group.create_dataset(name, np.asarray(values))
assert group.image()
assert "h5py" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_new_file_is_saved_without_the_library(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
import pandas as pd
from tramway.files import Analysis, save_rwa
table = pd.DataFrame({{"n": [1, 1], "x": [0.0, 1.0], "y": [0.0, 1.0], "t": [0.0, 0.1]}})
save_rwa({str(tmp_path / "new.rwa")!r}, Analysis(table))
assert "h5py" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    assert read_rwa(tmp_path / "new.rwa").data["x"].tolist() == [0.0, 1.0]
