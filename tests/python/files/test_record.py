import hashlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tramway.errors import FileFormatError, InvalidInputError
from tramway.files import Parameters, Record, content_hash

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), json_values), st.text())
def test_a_record_survives_its_json(parameters, input_hash):
    record = Record(parameters, input_hash)
    assert Record.from_json(record.as_json()) == record


@given(st.dictionaries(st.text(), json_values), st.dictionaries(st.text(), json_values), st.text())
def test_parameters_that_records_share_make_the_same_records(common, more, input_hash):
    shared = Parameters(common).record(input_hash, more)
    record = Record({**common, **more}, input_hash)
    assert shared == record
    assert shared.as_json() == record.as_json()
    assert shared.hash == record.hash


def test_values_that_mean_the_same_make_equal_records():
    one = Record({"b": 20, "a": (1, 2.5), "c": np.float64(3), "d": np.array([1, 2])}, "hash")
    two = Record({"a": [1.0, 2.5], "b": 20.0, "c": 3, "d": [1, 2]}, "hash")
    assert one == two
    assert one.as_json() == two.as_json()


def test_parameters_and_input_both_count():
    record = Record({"prior": 20}, "hash")
    assert record != Record({"prior": 21}, "hash")
    assert record != Record({"prior": 20}, "other")


def test_infinite_bounds_are_allowed():
    record = Record({"lower": [-np.inf, 0.0]}, "hash")
    assert Record.from_json(record.as_json()) == record


@pytest.mark.parametrize("value", [float("nan"), object(), {1: 2}, [np.nan], b"bytes"])
def test_a_value_that_cannot_be_compared_is_refused_by_name(value):
    with pytest.raises(InvalidInputError, match=r"parameters\['prior'\]"):
        Record({"prior": value}, "hash")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"parameters": [], "input": ""}', "nonsense"])
def test_text_that_is_no_record_is_refused(text):
    with pytest.raises(FileFormatError, match="'parameters' and 'input'"):
        Record.from_json(text)


def test_content_hash_of_an_array_is_the_sha256_of_its_type_shape_and_bytes():
    # Worked by hand, so that the hash does not change from one version to the next.
    values = np.array([1.5, -0.0])
    expected = hashlib.sha256(b"<f8 (2,) 16:" + values.tobytes()).hexdigest()
    assert content_hash(values) == expected


def test_content_hash_does_not_depend_on_byte_order_memory_order_or_row_labels():
    values = np.arange(6.0).reshape(2, 3)
    assert content_hash(values.astype(">f8")) == content_hash(values)
    assert content_hash(np.asfortranarray(values)) == content_hash(values)
    table = pd.DataFrame(values, columns=list("xyt"))
    assert content_hash(table.set_index(pd.Index([7, 3]))) == content_hash(table)


def test_content_hash_tells_contents_apart():
    zeros = np.zeros(2)
    table = pd.DataFrame({"x": zeros, "y": zeros + 1})
    different = [
        (zeros,),
        (np.array([0.0, -0.0]),),
        (zeros.astype(np.float32),),
        (zeros.astype(np.int64),),
        (zeros.reshape(2, 1),),
        (zeros[:1], zeros[:1]),
        (table,),
        (table[["y", "x"]],),
        (table.rename(columns={"y": "z"}),),
        (pd.DataFrame({"x": ["a", "b"]}),),
        (pd.DataFrame({"x": ["ab", ""]}),),
        ("ab",),
        ("a", "b"),
    ]
    assert len({content_hash(*contents) for contents in different}) == len(different)


def test_content_hash_refuses_what_has_no_bits_of_its_own():
    with pytest.raises(InvalidInputError, match="column 'x' holds object"):
        content_hash(pd.DataFrame({"x": [object(), 1]}))
