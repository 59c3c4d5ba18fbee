import h5py
import numpy as np
import pandas as pd
import pytest
from files_in_memory import put, set_type, stored
from hypothesis import given
from hypothesis import strategies as st

from tramway.errors import FileFormatError, InvalidInputError
from tramway.files.hdf5_tree import Group
from tramway.files.rwa_decoding import decode
from tramway.files.rwa_encoding import encode
from tramway.files.stored_object import StoredObject, get_attribute, store_verbatim

int64 = st.integers(-(2**63), 2**63 - 1)
# HDF5 strings end at the first null; surrogates have no UTF-8 form.
text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
numbers = st.booleans() | int64 | st.floats(allow_nan=False)
objects = st.recursive(
    numbers | text | st.binary().map(lambda data: data.replace(b"\0", b"")),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(text, inner)
        | st.dictionaries(int64, inner)
        | st.dictionaries(int64 | text, inner)
    ),
    max_leaves=12,
)


def there_and_back(value):
    with stored(lambda tree: encode(tree, "value", value)) as file:
        return decode(file["value"])


@given(objects)
def test_plain_objects_survive(value):
    result = there_and_back(value)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize("keys", ["a/b", ".", "..", ""])
def test_keys_that_are_no_names_of_groups_survive(keys):
    assert there_and_back({keys: 1, "other": 2}) == {keys: 1, "other": 2}


def test_long_lists_come_back_in_numeric_order():
    values = [str(number) for number in range(12)]
    assert there_and_back(values) == values


def test_none_is_encoded_by_absence():
    assert there_and_back({"a": None, "b": 1}) == {"b": 1}


@pytest.mark.parametrize("bits", [0x7FF8000000000001, 0x8000000000000000, 0x0000000000000001])
def test_floats_keep_their_bits(bits):
    value = np.array([bits], np.uint64).view(np.float64)
    assert there_and_back(value).view(np.uint64)[0] == bits
    table = there_and_back(pd.DataFrame({"x": value}))
    assert table["x"].to_numpy().view(np.uint64)[0] == bits


columns = st.one_of(
    st.lists(st.floats(), min_size=3, max_size=3).map(np.array),
    st.lists(int64, min_size=3, max_size=3).map(lambda values: np.array(values, np.int64)),
    st.lists(st.booleans(), min_size=3, max_size=3).map(np.array),
    st.lists(text, min_size=3, max_size=3),
)
indices = st.sampled_from(
    [
        pd.RangeIndex(3),
        pd.RangeIndex(9, 3, -2, name="rows"),
        pd.Index([4, 0, 2], name="cell"),
        pd.Index([0.5, 1.5, 2.5]),
        pd.Index(["min", "max", "mean"]),
    ]
)


@given(st.dictionaries(text, columns, min_size=1), indices)
def test_tables_survive(data, index):
    table = pd.DataFrame(data, index=index)
    pd.testing.assert_frame_equal(there_and_back(table), table, check_exact=True)


def test_empty_tables_keep_their_columns():
    table = pd.DataFrame({"x": np.empty(0), "n": np.empty(0, np.int64)})
    pd.testing.assert_frame_equal(there_and_back(table), table)


def test_plain_facts_about_a_table_survive():
    table = pd.DataFrame({"x": [1.0]})
    table.attrs = {"frame_interval": 0.04, "index": 1, "notes": [1, 2]}
    assert there_and_back(table).attrs == {"frame_interval": 0.04}


def test_series_and_sparse_matrices_survive():
    sparse = pytest.importorskip("scipy.sparse")
    series = pd.Series([1.0, 2.0], index=["x", "y"])
    pd.testing.assert_series_equal(there_and_back(series), series)
    matrix = sparse.csr_matrix(np.array([[False, True], [True, False]]))
    result = there_and_back(matrix)
    assert result.dtype == bool
    np.testing.assert_array_equal(result.toarray(), matrix.toarray())


def test_other_sparse_forms_are_read():
    with stored() as file:
        group = file.create_group("matrix")
        set_type(group, "Python.scipy.sparse.coo.coo_matrix", 1)
        put(group, "shape", (2, 3))
        for name, values in {"data": [5.0, 6.0], "row": [0, 1], "col": [2, 0]}.items():
            put(group, name, np.array(values))
        assert decode(group).toarray().tolist() == [[0, 0, 5.0], [6.0, 0, 0]]


def test_attributes_are_fixed_length_bytes():
    # The original decodes them itself, and cannot read what h5py stores for a str.
    with stored(lambda tree: encode(tree, "value", {"key": 1})) as file:
        assert isinstance(file["value"].attrs["type"], bytes)
        assert get_attribute(file["value/items"], "key type") == "Python.unicode"


def test_variable_length_attributes_are_read_too():
    with stored() as file:
        file.create_dataset("value", data=np.bytes_(b"text")).attrs["type"] = "Python.unicode"
        assert decode(file["value"]) == "text"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "of type object at /value"),
        ({"deep": [1, {2}, None]}, "None inside a list, at /value/items/deep"),
        (2**70, "/value"),
        ([2**70, 1], "/value/0"),
        ("a\0b", "null character"),
        (np.array([object()]), "array of object"),
        (pd.DataFrame({"when": pd.to_datetime(["2024-01-01"])}), "/value, when, expected numbers"),
        (pd.DataFrame({"x": ["a", None]}), "none missing"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_place(value, message):
    with pytest.raises(InvalidInputError, match=message):
        encode(Group(), "value", value)


def test_unknown_objects_are_kept_as_they_are():
    with stored() as file:
        group = file.create_group("thing")
        set_type(group, "some.module.Thing", 3)
        group.create_dataset("numbers", data=np.arange(5), chunks=(2,), compression="gzip")
        thing = decode(group)
        assert isinstance(thing, StoredObject)
        assert "some.module.Thing" in repr(thing)
        put(file, "again", thing)
        assert dict(file["again"].attrs) == dict(group.attrs)
        assert file["again/numbers"].compression == "gzip"
        np.testing.assert_array_equal(file["again/numbers"], np.arange(5))


def test_tables_of_old_versions_are_kept_with_the_reason():
    with stored() as file:
        table = file.create_group("table")
        set_type(table, "Python.pandas.core.frame.DataFrame", 1)
        table.create_group("root")
        assert "PyTables format" in decode(table).reason


def test_references_are_kept_as_they_are():
    with stored() as file:
        file.create_dataset("names", data=["a", "b"], dtype=h5py.string_dtype())
        assert isinstance(decode(file["names"]), StoredObject)
        put(file, "again", store_verbatim(file["names"]))
        assert file["again"].asstr()[:].tolist() == ["a", "b"]


@pytest.mark.parametrize("lost", ["data/keys", "data/values", "index", "index/_step"])
def test_a_damaged_table_is_an_error_that_names_the_place(lost):
    table = pd.DataFrame({"x": [1.0]})
    with stored(lambda tree: encode(tree, "table", table)) as file:
        del file[f"table/{lost}"]
        with pytest.raises(FileFormatError, match="/table"):
            decode(file["table"])
