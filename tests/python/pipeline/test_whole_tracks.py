"""Models of whole tracks in regions: they see what lies outside, and nothing else changes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tramway.analyzer import RWAnalyzer, environments, stages, tessellers
from tramway.data import translocations
from tramway.errors import RunError
from tramway.files import Analysis, read_rwa
from tramway.inference import Maps, contrast, get_model
from tramway.pipeline import worker
from tramway.tessellation import Partition

SIGMA = 0.03
REGIONS = [((0.5, 0.5), (1.5, 1.5)), ((1.4, 0.6), (2.5, 2.4))]  # µm
LABELS = ("roi000", "roi001")


@pytest.fixture(name="path")
def _path(tmp_path: Path, movie: Callable[..., pd.DataFrame]) -> Path:
    path = tmp_path / "movie.txt"
    movie(1, track_count=120).to_csv(path, sep="\t", index=False, header=False)
    return path


def analyzer(path: Path, model: str = "tracks.dv", *chosen: Any, **given: Any) -> RWAnalyzer:
    a = RWAnalyzer()
    if path.suffix == ".rwa":
        a.spt_data.from_rwa_files(str(path))
    else:
        a.spt_data.from_ascii_files(str(path))
    a.spt_data.localization_precision = SIGMA
    a.roi.from_bounding_boxes(REGIONS)
    a.tesseller = tessellers.Hexagons
    a.tesseller.resolution = 0.25
    a.mapper.from_plugin(model, **given)
    for stage in chosen or (stages.tessellate(), stages.infer()):
        a.pipeline.append_stage(stage)
    return a


def made(a: RWAnalyzer, label: str = "roi000", model: str = "tracks.dv") -> Maps:
    maps = a.spt_data[0].analyses[label][model].data
    assert isinstance(maps, Maps)
    return maps


def bits(a: RWAnalyzer, model: str = "tracks.dv") -> list[bytes]:
    return [made(a, label, model).maps.to_numpy().tobytes() for label in LABELS]


def by_the_core(table: pd.DataFrame, sampling: Partition, *, visitors_only: bool) -> Maps:
    """Maps of the whole movie, or of the tracks that are in the region, what is outside in no cell.

    Both are looked up by the first coordinate, which no two translocations of it share.
    """
    steps = translocations(table)
    cells = steps["x"].map(pd.Series(sampling.cells, index=sampling.points["x"]))
    assert cells.notna().sum() == len(sampling.points)
    if visitors_only:
        is_of = steps["n"].isin(steps["n"][cells.notna()])
        steps, cells = steps[is_of].reset_index(drop=True), cells[is_of]
    numbers = cells.fillna(-1).to_numpy(np.int64)
    whole = Partition(steps, sampling.tessellation, numbers)
    return get_model("tracks.dv").infer(whole, localization_precision=SIGMA)


def test_maps_are_those_of_the_tracks_that_enter_a_region(path: Path) -> None:
    a = analyzer(path)
    a.run()
    table = a.spt_data[0].dataframe
    for label in LABELS:
        maps, sampling = made(a, label), a.spt_data[0].analyses[label].data
        expected = by_the_core(table, sampling, visitors_only=True)
        assert_frame_equal(maps.maps, expected.maps, check_exact=True)
        # Tracks that are elsewhere say nothing; sums are in another order.
        of_all = by_the_core(table, sampling, visitors_only=False)
        assert_frame_equal(maps.maps, of_all.maps, rtol=1e-5, atol=1e-6)
        outside = maps.attributes["translocations_outside"]
        assert outside == len(expected.inferred_from().points) - len(sampling.points) > 0
        pieces = Partition(sampling.points, sampling.tessellation, sampling.cells)
        without = get_model("tracks.dv").infer(pieces, localization_precision=SIGMA)
        assert without.attributes["translocations_outside"] == 0
        assert not np.allclose(without.maps["potential"], maps.maps["potential"], rtol=1e-3)


def test_samplings_and_other_models_know_nothing_of_it(path: Path) -> None:
    a = analyzer(path, "dv", noise_correction=True)
    a.run()
    sampling = a.spt_data[0].analyses["roi000"].data
    box = translocations(a.spt_data[0].dataframe, *REGIONS[0])
    assert_frame_equal(sampling.points, box, check_exact=True)
    assert (sampling.cells >= 0).all()
    by_hand = Partition(box, sampling.tessellation, sampling.cells)
    expected = get_model("dv").infer(by_hand, localization_precision=SIGMA, noise_correction=True)
    assert_frame_equal(made(a, model="dv").maps, expected.maps, check_exact=True)
    assert "tracks" not in a.spt_data[0].analyses["roi000"]["dv"].record.parameters
    # Nor does a second model, in the same samplings.
    b = analyzer(path)
    summary = b.run()
    assert (len(summary.done), len(summary.skipped)) == (2, 2)
    assert_frame_equal(b.spt_data[0].analyses["roi000"].data.points, box, check_exact=True)


def streamed(path: Path) -> RWAnalyzer:
    a = analyzer(path)
    a.spt_data.streaming = True
    return a


def by_two_workers(path: Path) -> RWAnalyzer:
    a = analyzer(path)
    a.env = environments.LocalHost
    a.env.worker_count = 2
    return a


def one_after_the_other(path: Path) -> RWAnalyzer:
    analyzer(path, "dv", stages.tessellate()).run()
    return analyzer(path, "tracks.dv", stages.infer())


def of_its_rwa_file(path: Path) -> RWAnalyzer:
    if path.exists():
        analyzer(path, "dv", stages.tessellate()).run()
    path.unlink(missing_ok=True)
    return analyzer(path.with_suffix(".rwa"), "tracks.dv", stages.infer())


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(streamed, id="streamed"),
        pytest.param(by_two_workers, id="by two workers", marks=pytest.mark.slow),
        pytest.param(one_after_the_other, id="one stage after the other"),
        pytest.param(of_its_rwa_file, id="of its .rwa file"),
    ],
)
def test_the_same_bits_in_every_way(
    path: Path, tmp_path: Path, way: Callable[[Path], RWAnalyzer]
) -> None:
    first = analyzer(path)
    first.run()
    other = tmp_path / "other" / "movie.txt"
    other.parent.mkdir()
    other.write_bytes(path.read_bytes())
    a = way(other)
    a.run()
    assert bits(a) == bits(first)
    for label in LABELS:
        nodes = [b.spt_data[0].analyses[label]["tracks.dv"] for b in (a, first)]
        assert nodes[0].record == nodes[1].record
    assert not way(other).run().done


def test_by_hand_and_from_files(path: Path) -> None:
    a = analyzer(path)
    a.run()
    stored = read_rwa(path.with_suffix(".rwa"))
    maps = stored["roi000"]["tracks.dv"].data
    assert maps.attributes["translocations_outside"] > 0
    assert_frame_equal(maps.maps, made(a).maps, check_exact=True)
    for node in (a.spt_data[0].analyses["roi000"], stored["roi000"]):
        by_hand = a.mapper.infer(node)
        assert isinstance(by_hand, Analysis)
        assert_frame_equal(by_hand.data.maps, maps.maps, check_exact=True)
    cells = maps.maps.index[[3, -3]]
    from_file = contrast(maps, maps.inferred_from(), [cells[0]], [cells[1]])
    assert from_file == contrast(made(a), made(a).inferred_from(), [cells[0]], [cells[1]])
    sampling = stored["roi000"].data
    pieces = Partition(sampling.points, sampling.tessellation, sampling.cells)
    assert contrast(maps, pieces, [cells[0]], [cells[1]])[1] != from_file[1]


def test_a_change_outside_is_noticed_where_it_matters(path: Path) -> None:
    a = analyzer(path)
    a.run()
    assert len(a.run().skipped) == 4
    table = a.spt_data[0].dataframe.copy()
    steps = translocations(table)
    inside = ((steps[["x", "y"]] > 0.4) & (steps[["x", "y"]] < 1.6)).all(axis=1)
    of_first = table["n"].isin(steps["n"][inside])
    far = (table["x"] > 2.6) | (table["y"] > 2.6)
    before = table["x"].shift(fill_value=9.0)  # where no step from within ends
    # A track that is nowhere near either region, and some that leave the first.
    for rows, count in (
        (far & ~table["n"].isin(table["n"][~far]), 0),
        (of_first & (table["x"] < 0.48) & (before < 0.48), 1),
    ):
        assert rows.any()
        table.loc[rows, "x"] += 1e-4
        table.to_csv(path, sep="\t", index=False, header=False)
        b = analyzer(path)
        summary = b.run()
        assert [record.stage for record in summary.done] == ["infer"] * count
    assert bits(b)[1] == bits(a)[1]
    assert bits(b)[0] != bits(a)[0]


def test_data_that_change_meanwhile_are_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = analyzer(path, "dv", stages.tessellate())
    a.run()
    b = analyzer(path, "tracks.dv", stages.infer())
    read = worker.Worker._read

    def changed(self: Any, source: int) -> Any:
        table = read(self, source)._trajectories.copy()
        table["y"] += 1e-6
        return worker.Croppable(table)

    monkeypatch.setattr(worker.Worker, "_read", changed)
    with pytest.raises(RunError, match="not those that the run was planned with"):
        b.run()


def test_without_the_data_tracks_end_at_the_border(path: Path) -> None:
    a = streamed(path)  # so that the file of results has no trajectories
    a.run()
    whole = bits(a)
    path.rename(path.with_suffix(".away"))

    def without(**given: Any) -> RWAnalyzer:
        return analyzer(path.with_suffix(".rwa"), "tracks.dv", stages.infer(**given))

    # Maps of whole tracks are not replaced by lesser ones, unless that is asked for.
    b = without()
    assert len(b.run().skipped) == 2
    assert bits(b) == whole
    b = without(overwrite=True)
    summary = b.run()
    assert len(summary.done) == 2
    assert any("tracks end where they leave a region" in note for note in summary.notes)
    sampling = b.spt_data[0].analyses["roi000"].data
    pieces = Partition(sampling.points, sampling.tessellation, sampling.cells)
    expected = get_model("tracks.dv").infer(pieces, localization_precision=SIGMA)
    assert_frame_equal(made(b).maps, expected.maps, check_exact=True)
    assert made(b).attributes["translocations_outside"] == 0


def test_static_translocations_are_in_no_cell(path: Path) -> None:
    a = analyzer(
        path, "tracks.dv", stages.tessellate(discard_static_trajectories=True), stages.infer()
    )
    a.run()
    sampling = a.spt_data[0].analyses["roi000"].data
    expected = by_the_core(a.spt_data[0].dataframe, sampling, visitors_only=True)
    assert_frame_equal(made(a).maps, expected.maps, check_exact=True)
    assert len(a.run().skipped) == 4


def test_time_windows_are_mapped_from_displacements_as_before(path: Path) -> None:
    a = analyzer(path, "best")
    a.time.from_sliding_window(duration=0.15)
    a.run()
    sampling = a.spt_data[0].analyses["roi000"].data
    pieces = Partition(
        sampling.points, sampling.tessellation, sampling.cells, {}, sampling.point_index
    )
    expected = get_model("best").infer(pieces, localization_precision=SIGMA)
    assert_frame_equal(made(a, model="best").maps, expected.maps, check_exact=True)
