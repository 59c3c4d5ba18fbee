"""Tables in columns that are separated by tabs."""

from pathlib import Path

import pandas as pd
import pytest

from tramway.data.text_columns import write_text_columns
from tramway.errors import InvalidInputError, WithoutEffectWarning

TABLE = pd.DataFrame({"n": [1, 2], "x": [0.123456, float("nan")]})


def test_options_of_pandas(tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    write_text_columns(TABLE, path, {"columns": ["x"], "na_rep": "none"}, float_format="%.2f")
    assert path.read_text() == "x\n0.12\nnone\n"
    write_text_columns(TABLE, path, {"mode": "a", "lineterminator": "\r\n"}, header=False)
    assert path.read_bytes().endswith(b"\n1\t0.123456\r\n2\t\r\n")
    with pytest.warns(WithoutEffectWarning, match="`sep` has no effect"):
        write_text_columns(TABLE, path, {"sep": ","}, index=True)
    assert path.read_text().startswith("\tn\tx\n0\t1\t")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colums": ["x"]}, "`colums` is no option of pandas.*columns"),
        ({"columns": ["y"]}, r"columns \['n', 'x'\] cannot be written.*y"),
        ({"encoding": "none"}, "unknown encoding: none"),
        ({"mode": 3}, "cannot be written"),
    ],
)
def test_wrong_options(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        write_text_columns(TABLE, tmp_path / "some.txt", options)
