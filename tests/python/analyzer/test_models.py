"""Models by the names of their variants."""

import pytest

from tramway.analyzer import models
from tramway.errors import InvalidInputError, UnknownAttributeError
from tramway.inference import plugin_names


@pytest.mark.parametrize(
    ("variant", "plugin"),
    [
        # Plugin names that the original 0.7 chooses for these variants.
        ("standard", "stochastic.dv"),
        ("naive", "dv"),
        ("original", "dv"),
        ("stochastic", "stochastic.dv"),
        ("semi-stochastic", "semi.stochastic.dv"),
    ],
)
def test_every_variant(variant: models.Variant, plugin: str) -> None:
    assert models.DV(variant).plugin == models.DV(variant, start="stochastic").plugin == plugin
    assert plugin in plugin_names()


def test_unknown_variants() -> None:
    with pytest.raises(
        InvalidInputError, match="`variant` is 'stochatic', expected one of standard"
    ):
        models.DV("stochatic")  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="`start` is 3"):
        models.DV(start=3)  # type: ignore[arg-type]


def test_parameters_can_be_given_at_once() -> None:
    model = models.DV("stochastic", diffusivity_prior="auto", potential_prior=1)
    assert model.parameters["diffusivity_prior"] == "auto"
    assert model.parameters["potential_prior"] == 1.0
    with pytest.raises(UnknownAttributeError, match="did you mean `potential_prior`"):
        models.DV(potental_prior=1)
