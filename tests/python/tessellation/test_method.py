"""Methods as they are declared."""

import inspect

import numpy as np
import pytest

from tramway.errors import InvalidInputError
from tramway.tessellation import METHODS, hexagons, nesting, voronoi

# What records have said of each method since there are records: they have to stay the same, or
# nothing would be found to be up to date.
SETTINGS = {
    "hexagon": "resolution ref_distance avg_probability avg_location_count "
    "min_distance avg_distance tilt lower_bound "
    "upper_bound",
    "grid": "resolution ref_distance avg_probability avg_location_count "
    "min_distance avg_distance count_per_dim "
    "lower_bound upper_bound",
    "kmeans": "resolution ref_distance avg_probability avg_location_count "
    "min_distance avg_distance tol clip",
    "kdtree": "resolution ref_distance min_location_count max_location_count",
    "gwr": "resolution ref_distance max_distance min_location_count seed clip",
    "gas": "resolution ref_distance max_distance min_location_count seed clip",
    "random": "cell_count avg_probability avg_location_count seed clip",
    "nesting": "outer inner clip",
    "voronoi": "centers clip",
}
DEFAULTS = {"tilt": 0.0, "tol": 1e-6, "clip": "box", "min_location_count": 20, "seed": 0}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_are_those_of_records(name: str) -> None:
    settings = SETTINGS[name].split()
    assert METHODS[name].defaults == {key: DEFAULTS.get(key) for key in settings}
    assert METHODS[name].name == name


def test_each_module_declares_its_method() -> None:
    assert set(METHODS) == set(SETTINGS)
    assert METHODS["hexagon"].function is hexagons
    assert callable(voronoi)  # not the module
    assert callable(nesting)


def test_what_has_no_default_must_be_set() -> None:
    origins = np.random.default_rng(0).uniform(size=(20, 2))
    method = METHODS["nesting"]
    assert method.required == ["outer", "inner"]
    with pytest.raises(InvalidInputError, match=r"`outer` is not set: .*Nesting\(outer, inner\)"):
        method.cut(origins, np.ones(20), **method.defaults)


def test_signatures_name_the_checks() -> None:
    assert "tol: typing.Annotated[float, non_negative] = 1e-06" in str(
        inspect.signature(METHODS["kmeans"].function)
    )
