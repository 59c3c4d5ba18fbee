import numpy as np
import pytest

from tramway.report.packing import pack, rounded


@pytest.mark.parametrize("compress", [True, False])
def test_what_is_packed_is_read_again(unpacked, compress):
    arrays = {
        "cells": np.array([3, 1, 2**32 - 1, 0], dtype=np.uint32),
        "values": np.array([1.5, np.nan, -np.inf], dtype=np.float32),
        "none": np.zeros(0, dtype=np.uint16),
        "flags": np.array([0, 1, 255], dtype=np.uint8),
    }
    read = unpacked(pack(arrays, compress=compress))
    assert list(read) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(read[name], array)


def test_the_same_arrays_are_the_same_text():
    arrays = {"values": np.arange(1000, dtype=np.float32)}
    assert pack(arrays) == pack(arrays)


@pytest.mark.parametrize("bits", [8, 12])
def test_rounding_keeps_so_many_digits(bits):
    values = np.random.default_rng(1).normal(size=1000) * 10.0 ** np.arange(1000).clip(0, 30)
    # Half of the last digit that is kept.
    np.testing.assert_allclose(rounded(values, bits), values, rtol=2.0 ** -(bits + 1) * 1.001)


def test_rounding_leaves_what_is_no_number_and_zero():
    special = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1e-45])
    np.testing.assert_array_equal(
        rounded(special, 12), np.array([0, 0, np.nan, np.inf, -np.inf, 0], dtype=np.float32)
    )
