"""Tests of tables made of arrays, and taken apart."""

import numpy as np
import pandas as pd
import pytest

from tramway.data.columns import array_of, arrays_of, assemble, values_of
from tramway.errors import InvalidInputError


def a_table() -> pd.DataFrame:
    return pd.DataFrame({"n": [1, 2], "x": [0.5, 1.5], "name": ["a", "b"], "ok": [True, False]})


def test_a_table_is_the_one_that_pandas_makes() -> None:
    columns = {"n": np.array([1, 2]), "x": np.array([0.5, 1.5]), "name": pd.Series(["a", "b"])}
    labels = np.array([4, 7])
    pd.testing.assert_frame_equal(assemble(columns), pd.DataFrame(columns))
    del columns["name"]
    pd.testing.assert_frame_equal(assemble(columns, labels), pd.DataFrame(columns, labels))
    assert assemble({}).empty


def test_a_name_given_to_the_names_of_columns_is_that_of_one_table() -> None:
    first = assemble({"x": np.zeros(2)})
    first.columns.name = "of the first"
    assert assemble({"x": np.zeros(2)}).columns.name is None


def test_arrays_are_the_columns() -> None:
    table = a_table()
    for array, name in zip(arrays_of(table), table, strict=True):
        np.testing.assert_array_equal(array, table[name].to_numpy())
        np.testing.assert_array_equal(array_of(table, name), table[name].to_numpy())


def test_a_table_cannot_be_changed_through_its_arrays() -> None:
    table = a_table()
    for array in (*arrays_of(table), array_of(table, "x")):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]


def test_there_is_no_array_of_a_column_that_is_not_there() -> None:
    with pytest.raises(KeyError, match="'y'"):
        array_of(a_table(), "y")


def test_columns_that_are_not_there_are_named() -> None:
    with pytest.raises(InvalidInputError, match=r"no column y, only .*; expected x, y"):
        values_of(a_table(), ["x", "y"])


def test_columns_side_by_side_are_numbers() -> None:
    table = pd.DataFrame({"dx": [1, 2], "dy": np.array([0.5, -1.0], np.float32)})
    values = values_of(table, ["dy", "dx"])
    assert values.dtype == np.float64
    assert values.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(values, [[0.5, 1], [-1, 2]])
