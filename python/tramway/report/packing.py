"""Arrays on their way into a page: few bytes, read by the browser without a library."""

import base64
import gzip
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

VALUE_BITS, ERROR_BITS = 12, 8
"""Binary digits that values and standard deviations keep: 1 part in 8,000, and in 500."""

_FRACTION = 23  # binary digits of a float of four bytes


def rounded(values: NDArray[Any], kept_bits: int) -> NDArray[np.float32]:
    """Round to so many binary digits, so that values are well compressed; NaN stays.

    Parameters
    ----------
    values
        Numbers.
    kept_bits
        Of the fraction of each, less than 23.
    """
    bits = np.array(values, dtype=np.float32).view(np.uint32)
    dropped = _FRACTION - kept_bits
    is_finite = np.isfinite(bits.view(np.float32))
    bits[is_finite] += np.uint32(1 << (dropped - 1))
    bits[is_finite] &= np.uint32(0xFFFFFFFF << dropped & 0xFFFFFFFF)
    return bits.view(np.float32)


def compressed(content: bytes) -> str:
    """Write bytes in base64 of gzip."""
    return base64.b64encode(gzip.compress(content, mtime=0)).decode("ascii")


def pack(arrays: Mapping[str, NDArray[Any]], *, compress: bool = True) -> dict[str, Any]:
    """Put arrays into one text.

    Parameters
    ----------
    arrays
        Of numbers, by name. All are stored byte plane by byte plane, since neighbouring values
        share their first ones; integers of four bytes as differences from the one before.
    compress
        Whether to take time for fewer bytes.

    Returns
    -------
    dict
        ``layout``, a list of name, type (``f4``, ``u4``, ``u2``, ``u1``) and length; and the bytes
        of all arrays one after the other: ``bytes`` in base64 of gzip, or ``raw`` in base64.
    """
    layout, planes = [], []
    for name, array in arrays.items():
        flat = np.ascontiguousarray(array).ravel()
        if flat.dtype == np.uint32:
            flat = np.diff(flat, prepend=np.uint32(0))  # modulo 2^32
        flat = flat.astype(flat.dtype.newbyteorder("<"))
        layout.append([name, f"{flat.dtype.kind}{flat.dtype.itemsize}", len(flat)])
        planes.append(flat.view(np.uint8).reshape(len(flat), flat.dtype.itemsize).T.tobytes())
    content = b"".join(planes)
    if compress:
        return {"layout": layout, "bytes": compressed(content)}
    return {"layout": layout, "raw": base64.b64encode(content).decode("ascii")}
