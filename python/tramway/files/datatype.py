"""Types of values, as HDF5 files have them.

Those that nearly all values have are written here: to load the HDF5 library takes a process longer
than to start otherwise.
"""

import struct
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

TYPE_PREFIX = b"\x03\x00"
"""What says, where it stands alone, that something is a type, and of which version."""

_INTEGER, _FLOAT, _TEXT, _ENUMERATION = 0x10, 0x11, 0x13, 0x18  # classes, of version 1
_EXPONENT_BITS = {2: 5, 4: 8, 8: 11}
_BOOLEANS = b"FALSE\0\0\0TRUE\0\0\0\0\0\1"  # names, in multiples of eight bytes, and values


@cache
def datatype_of(dtype: "np.dtype[Any]") -> bytes:
    """Write a type as the datatype message of the HDF5 File Format Specification, 3.0, IV.A.2.d.

    Raises
    ------
    TypeError
        If HDF5 has none for such values.
    """
    size, bits = dtype.itemsize, 8 * dtype.itemsize
    order = int(dtype.byteorder == ">")
    if dtype.kind in "iu":
        signed = 8 * (dtype.kind == "i")
        return struct.pack("<BBHIHH", _INTEGER, signed | order, 0, size, 0, bits)
    if dtype.kind == "f" and size in _EXPONENT_BITS:
        exponent = _EXPONENT_BITS[size]
        mantissa = bits - 1 - exponent
        implied_one = 0x20
        place = struct.pack("<HHBBBB", 0, bits, mantissa, exponent, 0, mantissa)
        head = struct.pack("<BBBBI", _FLOAT, implied_one | order, bits - 1, 0, size)
        return head + place + struct.pack("<I", (1 << (exponent - 1)) - 1)
    if dtype.kind == "S" and size:
        padded_by_null = 1
        return struct.pack("<BBHI", _TEXT, padded_by_null, 0, size)
    if dtype.kind == "b":
        head = struct.pack("<BHBI", _ENUMERATION, 2, 0, size)  # of two values
        return head + struct.pack("<BBHIHH", _INTEGER, 8, 0, size, 0, bits) + _BOOLEANS
    from h5py import h5t

    encoded: bytes = h5t.py_create(dtype, logical=True).encode()
    return encoded.removeprefix(TYPE_PREFIX)
