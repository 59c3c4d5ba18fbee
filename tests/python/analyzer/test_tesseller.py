"""The tessellation method and its parameters."""

import inspect
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import tesseller, tessellers
from tramway.data import translocations
from tramway.errors import InvalidInputError, UnknownAttributeError
from tramway.tessellation import hexagons


def test_parameters_have_defaults_and_can_be_set() -> None:
    hexagonal = tessellers.Hexagons()
    assert (hexagonal.resolution, hexagonal.tilt) == (None, 0.0)
    hexagonal.resolution = 0.25
    hexagonal.lower_bound = np.zeros(2)
    assert hexagonal.parameters["resolution"] == 0.25
    assert hexagonal.parameters["lower_bound"] == [0.0, 0.0]


def test_every_parameter_of_the_function_is_known() -> None:
    of_the_function = set(inspect.signature(hexagons).parameters)
    assert set(tessellers.Hexagons().parameters) == of_the_function - {
        "points",
        "displacement_length",  # that of the region, never the user's
    }


def test_unknown_names_and_wrong_values() -> None:
    with pytest.raises(InvalidInputError, match="tesseller plugin 'hexagons' is unknown"):
        tesseller.from_plugin("hexagons")
    with pytest.raises(UnknownAttributeError, match=r"did you mean `resolution`\?.*ref_distance"):
        tessellers.Hexagons().resolutoin = 0.1
    with pytest.raises(UnknownAttributeError, match="`count`"):
        tessellers.Hexagons(count=3)
    with pytest.raises(InvalidInputError, match="`resolution` is 0"):
        tessellers.Hexagons(resolution=0)


def test_cells_are_those_of_the_function(movie: Callable[..., pd.DataFrame]) -> None:
    points = translocations(movie(0))
    lengths = np.hypot(points["dx"], points["dy"])
    expected = hexagons(points[["x", "y"]].to_numpy(), displacement_length=lengths.mean())
    cells = tessellers.Hexagons().tessellate(points)
    np.testing.assert_array_equal(cells.cell_centers, expected.cell_centers)


def test_what_was_set_can_be_looked_up_and_deleted_as_in_the_original() -> None:
    cells = tessellers.GWR(resolution=0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has no effect, and says so once
        cells.min_distance = None
    assert dict(cells._explicit_kwargs) == {"min_distance": None, "resolution": 0.3}
    del cells._explicit_kwargs["min_distance"]
    del cells._explicit_kwargs["resolution"]
    assert cells.resolution is None


def test_a_method_that_is_not_there() -> None:
    with pytest.raises(InvalidInputError, match=r"no tesseller plugin 'kohonen': 'gwr' adapts"):
        tesseller.from_plugin("kohonen")
