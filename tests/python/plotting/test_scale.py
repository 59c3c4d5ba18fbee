"""What pictures show, and their colours, without any picture."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from tramway.errors import InvalidInputError, MissingResultError
from tramway.inference import Maps
from tramway.plotting import ShownValues, color_limits, shown_values
from tramway.tessellation import Partition, hexagons


def shown(values, *, std=None, counts=None, feature="diffusivity"):
    values = np.asarray(values, dtype=float)
    counts = np.full(len(values), 50) if counts is None else np.asarray(counts)
    none = np.zeros(len(values), dtype=bool)
    std = None if std is None else np.broadcast_to(np.asarray(std, dtype=float), values.shape)
    return ShownValues(feature, values[:, None], std, counts, none)


@pytest.fixture
def strip():
    """Cells of which a large part, a small one and a lonely cell hold translocations."""
    cells = hexagons(np.array([[0.0, 0.0], [6.0, 2.0]]), resolution=0.5)
    x = cells.cell_centers[:, 0]
    main, island = np.flatnonzero(x < 3), np.flatnonzero((x > 4) & (x < 5))
    lonely = np.array([x.argmax()])
    filed = np.concatenate([np.repeat(main, 5), island, lonely])
    points = pd.DataFrame(cells.cell_centers[filed], columns=["x", "y"]).assign(dx=0.1, dy=0, dt=1)
    return Partition(points, cells, filed), main, np.append(island, lonely)


def test_an_island_has_its_own_zero_of_the_potential_and_no_part_in_the_scale(strip):
    partition, main, islands = strip
    cells = np.sort(np.append(main, islands))
    potential = np.where(np.isin(cells, main), 5.0 + cells / 100, 0.0)
    table = pd.DataFrame({"potential": potential, "diffusivity": 0.1}, index=cells)
    maps = Maps(table.sample(frac=1, random_state=0), "dv")  # rows in any order
    what = shown_values(maps, "potential", partition)
    np.testing.assert_array_equal(np.flatnonzero(what.is_island), np.sort(islands))
    np.testing.assert_array_equal(np.flatnonzero(np.isfinite(what.colored)), main)
    assert color_limits(what)[0] >= 5.0
    assert not shown_values(maps, "diffusivity", partition).is_island.any()


def test_cells_without_potential_are_no_islands_and_separate_what_they_lie_between(strip):
    partition, main, islands = strip
    x = partition.tessellation.cell_centers[main, 0]
    potential = np.where((x > 2.2) & (x < 2.8), np.nan, 1.0)
    maps = Maps(pd.DataFrame({"potential": potential}, index=main), "dv")
    what = shown_values(maps, "potential", partition)
    np.testing.assert_array_equal(np.flatnonzero(what.is_island), main[x >= 2.8])
    assert not what.is_island[islands].any()


def test_a_well_known_cell_is_never_beyond_the_scale_of_a_few():
    values = np.append(np.linspace(1, 2, 99), 9.0)
    assert color_limits(shown(values, std=0.01)) == (1.0, 9.0)
    assert color_limits(shown(values)) == (1.0, 9.0)


@pytest.mark.parametrize("count", [10, 100, 1000])
def test_a_cell_of_one_displacement_does_not_take_the_scale(count):
    # The relative error of D from n displacements in two dimensions is 1/√n.
    counts = np.full(count, 60)
    values = np.linspace(0.1, 0.2, count)
    counts[3], values[3] = 1, 2.0
    for what in (shown(values, std=values / np.sqrt(counts)), shown(values, counts=counts)):
        for logscale in (False, True):  # 0.5 % of a thousand cells is five of them
            assert color_limits(what, logscale=logscale) == pytest.approx((0.1, 0.2), abs=6e-4)


def test_certainty_is_the_share_of_the_spread_in_the_variance():
    # Middle 68 % of 0 … 100 is 16 … 84: the spread is 34.
    what = shown(np.arange(101.0), std=np.append(np.full(100, 34.0), 0.0))
    np.testing.assert_array_equal(what.certainty()[:100], 0.5)
    assert what.certainty()[100] == 1.0
    assert np.isnan(shown([1.0, np.nan]).certainty()[1])
    assert shown([1.0, 2.0, 3.0], std=[0.1, np.nan, 0.1]).certainty()[1] == 0.0


def test_a_cell_is_uncertain_whose_error_bar_takes_half_of_the_scale():
    what = shown([1.0, 1.0, 1.0, np.nan], std=[0.99, 1.01, np.nan, 9.0])
    assert what.is_uncertain((0.0, 4.0)).tolist() == [False, True, True, False]
    assert shown([1.0]).is_uncertain((0.0, 4.0)).tolist() == [True]
    # On a scale of e⁴ a quarter is a factor of e, and σ / D the standard deviation of ln D.
    what = shown([2.0, 2.0, -1.0], std=[1.99, 2.01, 9.0])
    limits = (1.0, float(np.exp(4)))
    assert what.is_uncertain(limits, logscale=True).tolist() == [False, True, False]


def test_opacity_is_by_the_same_measure_of_the_scale():
    what = shown([1.0, 1.0, 1.0, 1.0, np.nan], std=[0.0, 1.0, 3**0.5, np.nan, 9.0])
    np.testing.assert_allclose(what.opacity((0.0, 4.0)), [1, 0.5**0.5, 0.5, 0, 1])
    assert shown([1.0, 1.0], std=[0.0, 0.1]).opacity((1.0, 1.0)).tolist() == [1, 0]
    what = shown([2.0, -1.0], std=[2.0, 9.0])
    np.testing.assert_allclose(what.opacity((1.0, np.exp(4)), logscale=True), [0.5**0.5, 1])


def test_small_wells_are_not_hidden_by_the_errors_of_a_flat_map():
    # Wells of 2 kT in 2 % of the cells; estimates vary by less than their errors, by the prior.
    rng = np.random.default_rng(0)
    values = np.append(rng.normal(0, 0.4, 490), np.full(10, -2.0))
    what = shown(values, std=0.6, feature="potential")
    assert (what.certainty() < 0.5).all()
    assert not what.is_uncertain(color_limits(what)).any()
    assert (what.opacity(color_limits(what)) > 0.7).all()


def test_in_many_cells_half_a_percent_is_beyond_either_limit():
    low, high = color_limits(shown(np.arange(10_000.0), std=1e-6))
    assert (low, high) == pytest.approx((50, 9949), abs=1)


def test_regions_have_one_scale_and_a_constant_map_too():
    first, second = shown(np.linspace(1, 2, 30)), shown(np.linspace(4, 5, 30))
    assert color_limits([first, second]) == (1.0, 5.0)
    assert color_limits(shown([3.0, 3.0])) == (3.0, 3.0)
    assert color_limits(shown([3.0, 4.0], std=np.nan)) == (3.0, 4.0)


def test_a_scale_is_no_finer_than_the_errors():
    # Four standard deviations wide, about the middle; from zero where nothing is negative.
    values = np.linspace(9, 11, 50)
    assert color_limits(shown(values, std=1.0)) == pytest.approx((8, 12))
    assert color_limits(shown(values - 9, std=1.0)) == pytest.approx((0, 4))
    assert color_limits(shown(values - 9, std=1.0, feature="potential")) == pytest.approx((-1, 3))
    assert color_limits(shown(values - 10, std=1.0)) == pytest.approx((-2, 2))
    assert color_limits(shown(values, std=0.1)) == (9, 11)
    low, high = color_limits(shown(np.full(50, 10.0), std=1.0), logscale=True)
    assert (low, high) == pytest.approx((10 * np.exp(-0.2), 10 * np.exp(0.2)))


def test_a_logarithmic_scale_has_no_zero():
    assert color_limits(shown([0.0, 0.1, 0.2]), logscale=True) == (0.1, 0.2)


def test_nothing_to_show_is_refused():
    with pytest.raises(InvalidInputError, match="'diffusivity' has no finite value"):
        color_limits(shown([np.nan]))
    with pytest.raises(InvalidInputError, match="'diffusivity' has no positive value"):
        color_limits(shown([-1.0]), logscale=True)
    with pytest.raises(InvalidInputError, match="no finite value"):
        color_limits([])


def test_what_the_maps_do_not_have_is_refused(maps, partition):
    with pytest.raises(MissingResultError, match="'drift'"):
        shown_values(maps, "drift", partition)
    shifted = Maps(maps.maps.set_index(maps.maps.index + 1_000), "dv")
    with pytest.raises(InvalidInputError, match="the partition that the maps were inferred from"):
        shown_values(shifted, "potential", partition)


def test_matplotlib_is_not_needed():
    code = "import sys, tramway.plotting; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
