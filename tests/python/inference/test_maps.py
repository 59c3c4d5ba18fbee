"""The container of inferred quantities."""

import pickle

import numpy as np
import pandas as pd
import pytest

from tramway.errors import InvalidInputError, MissingResultError
from tramway.inference import Maps


@pytest.fixture
def maps() -> Maps:
    columns = ["diffusivity", "potential", "force x", "force y"]
    table = pd.DataFrame(np.arange(8.0).reshape(2, 4), index=[3, 7], columns=columns)
    return Maps(table, "dv", sigma=0.03, potential_prior=None)


def test_features_are_listed_once_and_found(maps: Maps) -> None:
    assert maps.features == ["diffusivity", "potential", "force"]
    assert "force" in maps
    assert "force x" not in maps
    assert list(maps["force"].columns) == ["force x", "force y"]
    assert maps["diffusivity"].loc[7].item() == 4.0


def test_a_feature_is_no_attribute_and_the_error_says_where_it_is(maps: Maps) -> None:
    with pytest.raises(AttributeError, match=r"maps\['force'\]"):
        _ = maps.force
    with pytest.raises(AttributeError, match=r"'plot'.*: potential_prior, sigma"):
        _ = maps.plot


def test_a_missing_feature_lists_those_there_are(maps: Maps) -> None:
    with pytest.raises(MissingResultError, match=r"'drift'.*diffusivity, potential, force"):
        maps["drift"]


def test_parts_are_chosen_by_cell(maps: Maps) -> None:
    part = maps.sub([7, 3])
    assert part["diffusivity"]["diffusivity"].to_dict() == {7: 4.0, 3: 0.0}
    assert (part.mode, part.sigma) == ("dv", 0.03)
    assert list(maps.sub(slice(7, None)).maps.index) == [7]
    assert list(maps.sub([False, True], reindex=True).maps.index) == [0]
    with pytest.raises(InvalidInputError, match=r"`cells`.*5"):
        maps.sub([3, 5])


def test_parameters_are_attributes(maps: Maps) -> None:
    assert maps.sigma == 0.03
    assert maps.potential_prior is None
    with pytest.raises(AttributeError, match="no attribute 'sigmas'"):
        _ = maps.sigmas


def test_a_parameter_that_is_set_is_the_one_that_is_stored(maps: Maps) -> None:
    maps.sigma = None
    assert maps.attributes["sigma"] is maps.sigma is None


def test_maps_survive_pickling(maps: Maps) -> None:
    copy = pickle.loads(pickle.dumps(maps))
    pd.testing.assert_frame_equal(copy.maps, maps.maps)
    assert copy.attributes == maps.attributes


def test_a_notebook_shows_ranges_and_how_the_maps_were_made() -> None:
    table = pd.DataFrame({"diffusivity": [0.1, 0.2, np.nan], "force x": 1.0, "nothing": np.nan})
    shown = Maps(table, "dv", sigma=0.03, evidence_curve=None)._repr_html_()
    for text in ("0.15", "µm²/s", "kT/µm", "nothing", '<td style="text-align:left">sigma'):
        assert text in shown
    assert "evidence_curve" not in shown
    shown = Maps(table, "dv", objective=-48213.730215841, runtime=0.0372964119)._repr_html_()
    assert ">-48,214<" in shown
    assert ">0.0373<" in shown


def test_columns_with_names_that_are_no_texts_are_shown() -> None:
    maps = Maps(pd.DataFrame({"diffusivity": [0.1], 7: [0.2]}), "mine")
    assert repr(maps) == "Maps(mine: diffusivity, 7; 1 cells)"
