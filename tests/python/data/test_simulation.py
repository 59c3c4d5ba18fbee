import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from tramway.data import Bump, Well, check_trajectories, simulate, translocations
from tramway.errors import InvalidInputError

MOVIE = {
    "track_count": 500,
    "track_length": 10,
    "frame_interval": 0.02,
    "lower": (0.0, 0.0),
    "upper": (10.0, 10.0),
    "diffusivity": 0.1,
    "seed": 1,
}


def test_table_is_one_of_trajectories() -> None:
    movie = simulate(**MOVIE)
    assert list(movie) == ["n", "x", "y", "t"]
    assert_frame_equal(check_trajectories(movie), movie)
    assert movie["n"].unique().tolist() == list(range(1, 501))
    np.testing.assert_array_equal(movie["t"][:10], np.arange(10) * 0.02)
    assert list(simulate(**MOVIE | {"lower": (0,) * 3, "upper": (1,) * 3})) == list("nxyzt")


def test_displacements_are_those_of_free_diffusion() -> None:
    """Variance 2 (D Δt + σ²) per axis."""
    table = translocations(simulate(**MOVIE, localization_precision=0.03))
    squares = (table[["dx", "dy"]] ** 2).to_numpy()
    expected = 2 * (0.1 * 0.02 + 0.03**2)
    # The squares of 9,000 Gaussian numbers have a relative error of √(2/9000) = 1.5 %, a little
    # more because successive displacements share a localization.
    assert squares.mean() == pytest.approx(expected, rel=0.06)


def test_wells_attract_and_hills_repel() -> None:
    """The share in a disc of one width is that of exp(-V), by a sum over a grid."""
    x, y = np.meshgrid(*2 * [(np.arange(500) + 0.5) / 500])
    squared = (x - 0.5) ** 2 + (y - 0.5) ** 2
    area = {"lower": (0, 0), "upper": (1, 1), "substeps": 50}
    for depth in (2.0, -2.0):
        movie = simulate(**MOVIE | area, wells=[Well((0.5, 0.5), depth, 0.2)])
        weight = np.exp(depth * np.exp(-squared / (2 * 0.2**2)))
        expected = weight[squared < 0.2**2].sum() / weight.sum()
        inside = ((movie[["x", "y"]] - 0.5) ** 2).sum(axis=1) < 0.2**2
        # At the last frame, 500 molecules: a standard error of at most √(p (1 - p) / 500) = 2 %.
        assert inside[9::10].mean() == pytest.approx(expected, abs=0.08)


def test_bumps_raise_the_diffusivity() -> None:
    bump = Bump(center=(5, 5), height=0.3, width=50.0)  # nearly constant in the box
    table = translocations(simulate(**MOVIE, bumps=[bump]))
    assert (table["dx"] ** 2).mean() == pytest.approx(2 * 0.4 * 0.02, rel=0.08)  # 4500 squares


def test_equal_seeds_give_equal_movies() -> None:
    assert_frame_equal(simulate(**MOVIE), simulate(**MOVIE))
    assert not simulate(**MOVIE).equals(simulate(**MOVIE | {"seed": 2}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"track_count": -1}, "`track_count` is -1"),
        ({"track_length": 0}, "`track_length` is 0"),
        ({"seed": -1}, "`seed` is -1"),
        ({"frame_interval": 0.0}, "`frame_interval`"),
        ({"diffusivity": 0.0}, "`diffusivity`"),
        ({"upper": (1.0, 0.0)}, "`upper`"),
        ({"upper": (1.0, 1.0, 1.0)}, "`upper` has 3 coordinates"),
        ({"lower": (0.0,), "upper": (1.0,)}, "`lower` has 1 coordinates"),
        ({"localization_precision": -0.1}, "`localization_precision`"),
        ({"wells": [Well((1, 2, 3), 1.0, 1.0)]}, r"`wells\[0\]` has a center of 3 coordinates"),
        ({"wells": [Well((1, 2), 1.0, 0.0)]}, r"`wells\[0\]` is height 1, width 0"),
        ({"wells": [Well((1, 2), 1.0, 0.01)]}, "`substeps` is 20, steps of 0.014 µm"),
        ({"bumps": [Bump((1, 2), -0.2, 1.0)]}, "`diffusivity` is 0.1 µm²/s, with bumps"),
    ],
)
def test_what_cannot_be_simulated_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        simulate(**MOVIE | change)


def test_no_molecule_gives_an_empty_table() -> None:
    assert simulate(**MOVIE | {"track_count": 0}).empty
