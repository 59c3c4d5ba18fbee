"""Models by name."""

import inspect

import pytest

from tramway.errors import InvalidInputError
from tramway.inference import get_model, plugin_names

# Those of the original 0.7 that belong to these models.
ORIGINAL = {
    "d", "standard.d", "smooth.d", "regularized.d", "unsmooth.d", "degraded.d",
    "dd", "standard.dd", "smooth.dd", "unsmooth.dd", "degraded.dd",
    "ddrift", "standard.ddrift", "smooth.ddrift", "unsmooth.ddrift", "degraded.ddrift",
    "df", "standard.df", "smooth.df", "unsmooth.df", "degraded.df",
    "dv", "stochastic.dv", "stochastic.dv1", "semi.stochastic.dv",
    "d.conj_prior", "snr", "d.snr", "bayes_factor", "density",
}  # fmt: skip


@pytest.mark.parametrize("name", plugin_names())
def test_every_name_gives_its_model(name: str) -> None:
    model = get_model(name)
    assert model.name == name
    signature = inspect.signature(model.infer)
    signature.bind(None, localization_precision=0.0, mode=name, **model.defaults)
    for parameter, default in model.defaults.items():
        assert signature.parameters[parameter].default == default
        assert f"\n{parameter}\n    " in (model.infer.__doc__ or "")


@pytest.mark.parametrize("name", plugin_names())
def test_defaults_are_values_that_can_be_given(name: str) -> None:
    model = get_model(name)
    given = model.checked(model.defaults)
    assert given == model.checked({}) == model.defaults
    assert {n: type(v) for n, v in given.items()} == {n: type(v) for n, v in model.defaults.items()}


def test_models_that_do_not_smooth_take_no_priors() -> None:
    for name in plugin_names():
        parameters = set(get_model(name).parameters) - {"jeffreys_prior"}  # of each cell alone
        priors = [p for p in parameters if p.endswith("_prior")]
        plain = name.startswith(("unsmooth", "degraded", "tracks"))
        plain |= name in ("best", "d.conj_prior", "density")
        assert bool(priors) != plain, name


def test_the_names_of_the_original_are_known() -> None:
    assert ORIGINAL.issubset(plugin_names())


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InvalidInputError, match=r"'stochastic\.vd' is unknown.* stochastic\.dv"):
        get_model("stochastic.vd")
