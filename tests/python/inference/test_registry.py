"""Models by name."""

import pytest

from tramway.errors import InvalidInputError
from tramway.inference import get_model, plugin_names


@pytest.mark.parametrize("name", plugin_names())
def test_every_name_gives_its_model(name: str) -> None:
    model = get_model(name)
    assert model.name == name
    assert {"diffusivity_prior", "potential_prior", "max_runtime"} <= set(model.parameters)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InvalidInputError, match=r"'stochastic\.vd' is unknown.* stochastic\.dv"):
        get_model("stochastic.vd")
