import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tramway.errors import InvalidInputError
from tramway.study import compare
from tramway.study.comparison import _holm, _variance_between


def studied(numbers, effect, units=4, regions=5, between=0.5, within=1.0):
    rows = []
    for condition, shift in (("a", 0.0), ("b", effect)):
        for unit in range(units):
            middle = shift + between * numbers.normal()
            count = regions if isinstance(regions, int) else numbers.integers(*regions)
            rows += [(condition, unit, middle + within * numbers.normal()) for _ in range(count)]
    return pd.DataFrame(rows, columns=["condition", "movie", "value"])


@pytest.mark.slow
@pytest.mark.parametrize("regions", [5, (1, 12)])
@pytest.mark.parametrize("between", [0.0, 1.0])
def test_without_effect_few_are_called_significant(regions, between):
    numbers = np.random.default_rng(1)
    p = [
        compare(studied(numbers, 0.0, regions=regions, between=between), "value")[1]["p"][0]
        for _ in range(150)
    ]
    # 5 % of 150, and three standard errors of that.
    assert np.mean(np.array(p) < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


@pytest.mark.slow
def test_the_effect_is_in_its_interval():
    numbers = np.random.default_rng(2)
    found = [compare(studied(numbers, 3.0), "value")[1].iloc[0] for _ in range(100)]
    covers = [row["low"] <= 3.0 <= row["high"] for row in found]
    assert np.mean(covers) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 100)
    assert np.mean([row["difference"] for row in found]) == pytest.approx(3.0, abs=0.15)


def test_regions_are_no_independent_units():
    # One movie each of many regions: a t test of regions would call this certain.
    table = studied(np.random.default_rng(3), 0.0, units=2, regions=100, between=3.0)
    regions = [rows["value"] for _, rows in table.groupby("condition")]
    assert stats.ttest_ind(*regions).pvalue < 1e-6
    assert compare(table, "value")[1]["p"][0] > 0.05


def test_with_one_region_per_movie_it_is_welchs_test():
    table = studied(np.random.default_rng(4), 1.0, units=6, regions=1)
    one, other = (rows["value"] for _, rows in table.groupby("condition"))
    conditions, differences = compare(table, "value")
    assert differences["p"][0] == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue)
    assert conditions["mean"].to_list() == pytest.approx([one.mean(), other.mean()])


def test_variance_between_units_is_that_of_statsmodels():
    meta_analysis = pytest.importorskip("statsmodels.stats.meta_analysis")
    means, variances = np.array([1.0, 2.5, 0.3, 1.9]), np.array([0.2, 0.1, 0.4, 0.05])
    found = meta_analysis.combine_effects(means, variances, method_re="iterated")
    assert _variance_between(means, variances) == pytest.approx(found.tau2, rel=1e-4)
    assert _variance_between(np.array([1.0, 1.01]), np.array([1.0, 1.0])) == 0


def test_holm_is_that_of_statsmodels():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.array([0.01, 0.04, 0.03, 0.5])
    np.testing.assert_allclose(_holm(p), multitest.multipletests(p, method="holm")[1])
    np.testing.assert_array_equal(_holm(np.array([np.nan, 0.02])), [np.nan, 0.02])


def test_ratios_of_logarithms():
    table = studied(np.random.default_rng(5), 0.0, units=4).assign(value=lambda t: 1.0)
    table.loc[table["condition"] == "b", "value"] = 3.0
    table["value"] *= 1 + 0.01 * np.sin(np.arange(len(table)))
    conditions, differences = compare(table, "value", logarithmic=True)
    assert differences["ratio"][0] == pytest.approx(3.0, rel=0.01)
    assert (conditions["low"] < conditions["mean"]).all()
    _, back = compare(table, "value", logarithmic=True, reference="b")
    assert back["ratio"][0] == pytest.approx(1 / differences["ratio"][0])


def test_a_condition_of_one_unit_has_a_mean_and_no_test():
    table = studied(np.random.default_rng(6), 1.0)
    table = table[(table["condition"] == "a") | (table["movie"] == 0)]
    conditions, differences = compare(table, "value")
    assert np.isfinite(conditions["mean"]).all()
    assert np.isnan(differences["p"][0])


def test_what_cannot_be_compared():
    table = studied(np.random.default_rng(7), 1.0)
    with pytest.raises(InvalidInputError, match="has no column 'depth'"):
        compare(table, "depth")
    with pytest.raises(InvalidInputError, match=r"of 'a' alone, expected two conditions or more$"):
        compare(table[table["condition"] == "a"], "value")
    with pytest.raises(InvalidInputError, match="'c' among them"):
        compare(table, "value", reference="c")
    with pytest.raises(InvalidInputError, match="of no condition"):
        compare(table.assign(value=np.nan), "value")
