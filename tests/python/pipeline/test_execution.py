"""Runs of the pipeline in this process: results, skipping, failures."""

import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tramway.analyzer import RWAnalyzer, environments, mapper, models, spt_data, stages, tessellers
from tramway.data import Croppable
from tramway.errors import InvalidInputError, RunError, UntrustedFileError
from tramway.files import failures_of, read_rwa
from tramway.inference import Maps
from tramway.pipeline import worker
from tramway.pipeline.planner import Planner
from tramway.pipeline.results import Results
from tramway.runs import BaseEnvironment, JournalEntry, RunDirectory, Work, do_task

Declare = Callable[..., RWAnalyzer]


def maps_of(a: RWAnalyzer) -> dict[tuple[str, str], bytes]:
    """Bits of the maps of every region."""
    return {
        (f.source, region.label): region.get_sampling().get_child().data.maps.to_numpy().tobytes()
        for f in a.spt_data
        for region in f.roi
    }


def counts(a: RWAnalyzer) -> tuple[int, int]:
    summary = a.run()
    return len(summary.done), len(summary.skipped)


def failures(a: RWAnalyzer) -> list[str]:
    with pytest.raises(RunError, match="failed") as caught:
        a.run()
    summary = caught.value.summary
    assert all(str(record) in str(caught.value) for record in summary.failed)
    return [f"{r.stage}, {Path(r.source).name}, {r.region}: {r.message}" for r in summary.failed]


def test_the_standard_pipeline(declare: Declare, data: Path) -> None:
    a = declare()
    summary = a.run()
    # Two files of two regions, each tessellated and mapped.
    assert [r.status for r in summary.records] == ["done"] * 8
    for f in a.spt_data:
        for i, _ in f.roi.as_individual_roi(return_index=True):
            region = f.roi.get_support_region(i)
            maps = region.get_sampling().get_child("stochastic.dv").data
            assert isinstance(maps, Maps)
            assert maps.features[:3] == ["diffusivity", "potential", "force"]
            assert maps.features[3:] == ["diffusivity std", "potential std", "force std"]
            # The simulated diffusivity is 0.1: fixed prior, 60 short tracks, hence only roughly.
            assert maps["diffusivity"].to_numpy().mean() == pytest.approx(0.1, rel=0.25)
    assert sorted(path.name for path in data.glob("*.rwa")) == ["a.rpt.rwa", "b.rpt.rwa"]


def test_results_can_be_read_by_another_script(declare: Declare, data: Path) -> None:
    a = declare()
    a.run()
    b = RWAnalyzer()
    b.spt_data.from_rwa_files(str(data / "*.rwa"))
    assert b.spt_data.localization_precision == pytest.approx(0.02)
    assert b.spt_data.frame_interval == pytest.approx(0.02)
    b.roi.from_ascii_files(suffix="roi")
    assert list(maps_of(b).values()) == list(maps_of(a).values())
    pd.testing.assert_frame_equal(b.spt_data[0].dataframe, a.spt_data[0].dataframe)


def test_a_second_run_has_nothing_to_do(declare: Declare, data: Path) -> None:
    assert counts(declare()) == (8, 0)
    written = [path.stat().st_ino for path in sorted(data.glob("*.rwa"))]
    assert counts(declare(max_runtime=50)) == (0, 8)
    # A file that is written again is another one; its time may be the same, by a coarse clock.
    assert [path.stat().st_ino for path in sorted(data.glob("*.rwa"))] == written


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda a: setattr(a.mapper, "potential_prior", 2), (4, 4)),
        (lambda a: setattr(a.spt_data, "localization_precision", 0.01), (4, 4)),
        (lambda a: setattr(a.spt_data, "exposure_time", 0.01), (4, 4)),
        (lambda a: setattr(a.tesseller, "resolution", 0.4), (8, 0)),
        (lambda a: setattr(a.spt_data, "coord_scale", 0.9), (8, 0)),
        (lambda a: a.mapper.from_plugin("dv"), (4, 4)),
    ],
    ids=["prior", "precision", "exposure", "tesseller", "data", "model"],
)
def test_what_changed_is_made_again(
    declare: Declare, change: Callable[[RWAnalyzer], None], expected: tuple[int, int]
) -> None:
    declare().run()
    a = declare()
    change(a)
    assert counts(a) == expected
    assert counts(a) == (0, 8)


def test_maps_of_other_cells_do_not_stay(declare: Declare) -> None:
    declare().run()
    a = declare()
    a.tesseller.resolution = 0.4
    a.pipeline.reset()
    a.pipeline.append_stage(stages.tessellate())
    a.run()
    for f in a.spt_data:
        stored = read_rwa(f.rwa_file)
        assert [len(stored[label]) for label in stored] == [0, 0]


def test_other_models_are_added(declare: Declare) -> None:
    a = declare()
    a.run()
    a.mapper = models.DV("naive")
    a.run()
    assert set(read_rwa(a.spt_data[0].rwa_file)["roi000"]) == {"stochastic.dv", "dv"}


def test_maps_cut_short_are_made_again(declare: Declare, data: Path) -> None:
    a = declare(max_runtime=1e-9)
    summary = a.run()
    assert all("maximum runtime" in "".join(r.notes) for r in summary.records if r.stage == "infer")
    cut_short = maps_of(a)
    b = declare(max_runtime=100)
    assert counts(b) == (4, 4)
    assert all(maps_of(b)[key] != cut_short[key] for key in cut_short)
    stored = read_rwa(data / "a.rpt.rwa")["roi000"]["stochastic.dv"].data
    assert stored.resolution == "converged"


def test_overwriting(declare: Declare) -> None:
    a = declare()
    before = a.run() and maps_of(a)
    a.pipeline.append_stage(stages.infer(overwrite=True))
    assert counts(a) == (4, 8)
    assert maps_of(a) == before


def test_both_in_one_stage(declare: Declare) -> None:
    separate = declare()
    separate.run()
    for f in separate.spt_data:
        f.rwa_file.unlink()
    a = declare()
    a.pipeline.reset()
    a.pipeline.append_stage(stages.tessellate_and_infer())
    assert counts(a) == (8, 0)
    assert maps_of(a) == maps_of(separate)
    assert counts(a) == (0, 8)
    a.mapper.potential_prior = 3
    assert counts(a) == (4, 4)


def test_without_regions_each_source_is_one(declare: Declare) -> None:
    a = declare()
    a.roi = None
    assert counts(a) == (4, 0)
    assert list(a.spt_data[0].analyses) == ["full"]
    a.pipeline.reset()
    a.pipeline.append_stage(stages.tessellate(roi_expected=True))
    assert [record.message for record in a.run().skipped] == ["no regions of interest"] * 2


def test_tables_are_analysed_in_memory(declare: Declare, data: Path) -> None:
    files = declare()
    files.run()
    a = declare()
    a.roi.from_bounding_boxes([((0, 0), (1.5, 3)), ((1.5, 0), (3, 3))])
    a.spt_data = spt_data.from_dataframes(files.spt_data.dataframes)
    a.spt_data.localization_precision = 0.02
    assert counts(a) == (8, 0)
    assert list(maps_of(a).values()) == list(maps_of(files).values())


def test_labels(declare: Declare) -> None:
    a = declare()
    a.pipeline.reset()
    a.pipeline.append_stage(stages.tessellate(label=lambda region: f"fine {region}"))
    a.pipeline.append_stage(
        stages.infer(map_label="first try", sampling_label=lambda region: f"fine {region}")
    )
    a.run()
    assert set(a.spt_data[0].analyses) == {"fine roi000", "fine roi001"}
    assert list(a.spt_data[0].analyses["fine roi000"]) == ["first try"]


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        (stages.tessellate(label="fixed"), "tessellate: the label fixed"),
        (stages.tessellate(label=lambda region: region[:2]), "tessellate: the label ro"),
        (stages.infer(sampling_label="fixed"), r"infer: the label fixed / stochastic\.dv"),
    ],
)
def test_one_label_for_several_regions_is_told_once_before_the_run(
    declare: Declare, data: Path, stage: Any, told: str
) -> None:
    a = declare()
    a.pipeline.append_stage(stage)
    with pytest.raises(
        InvalidInputError, match=f"{told} would be that of 2 regions of .*a.rpt.txt"
    ):
        a.run()
    assert not list(data.glob("*.rwa"))


def test_labels_that_no_file_can_have(declare: Declare) -> None:
    a = declare("a.rpt.txt")
    a.roi.from_ascii_files(label="a/b")
    assert "has no '/'" in failures(a)[0]


def test_inference_needs_a_sampling(declare: Declare) -> None:
    a = declare("a.rpt.txt")
    a.pipeline.reset()
    a.pipeline.append_stage(stages.infer())
    assert failures(a)[0].startswith(
        "infer, a.rpt.txt, roi000: there is no sampling 'roi000': run stages.tessellate() first"
    )


def test_discarded_translocations_are_counted(declare: Declare) -> None:
    a = declare("a.rpt.txt")
    a.pipeline.reset()
    a.pipeline.append_stage(stages.tessellate(discard_static_trajectories=True))
    summary = a.run()
    for region, record in zip(a.roi, summary.records, strict=True):
        points = region.crop()
        kept = region.discard_static_trajectories(points)
        assert record.notes == (
            f"{len(points) - len(kept)} of {len(points)} translocations discarded: static",
        )
        assert len(region.get_sampling().data.points) == len(kept) < len(points)
    a.pipeline.reset()
    a.pipeline.append_stage(stages.tessellate())  # other samplings than those
    assert counts(a) == (2, 0)


def test_precisions_of_single_localizations_go_all_the_way(
    data: Path, movie: Callable[..., pd.DataFrame]
) -> None:
    # A file in nm, analysed, saved and opened again; other precisions make other maps.
    def analyzer(precision: str | float) -> RWAnalyzer:
        a = RWAnalyzer()
        a.spt_data.from_ascii_file(data / "nm.txt")
        a.spt_data.columns = ["n", "x", "y", "t", "uncertainty"]
        a.spt_data.coord_scale = 1e-3
        a.spt_data.localization_precision = precision
        a.spt_data.exposure_time = 0.005
        a.tesseller = tessellers.Hexagons
        a.mapper.from_plugin("dv", diffusivity_prior=20, potential_prior=1, noise_correction="auto")
        a.pipeline.append_stage(stages.tessellate())
        a.pipeline.append_stage(stages.infer())
        return a

    table = movie(0)
    table[["x", "y"]] *= 1000
    table["uncertainty"] = np.random.default_rng(0).uniform(10, 30, len(table))
    table.to_csv(data / "nm.txt", sep="\t", index=False, header=False)
    a = analyzer("uncertainty")
    assert counts(a) == (2, 0)
    maps = a.spt_data.get_sampling()["dv"].data
    assert (maps.sigma, maps.exposure_time, maps.noise_correction) == ("column", 0.005, True)
    assert counts(analyzer("uncertainty")) == (0, 2)

    b = RWAnalyzer()
    b.spt_data.from_rwa_file(data / "nm.rwa")
    assert b.spt_data.localization_precision == "localization_precision"
    b.mapper.from_plugin("dv", diffusivity_prior=20, potential_prior=1, noise_correction="auto")
    b.spt_data.exposure_time = 0.005
    again = b.mapper.infer(b.spt_data.get_sampling().data)
    pd.testing.assert_frame_equal(again.maps, maps.maps, check_exact=True)

    a = analyzer(0.02)
    assert counts(a) == (2, 0)  # the table of the tessellation lacks a column now
    assert a.spt_data.get_sampling()["dv"].data.sigma == 0.02
    (failure,) = failures(analyzer("uncertainties"))
    assert "no column uncertainties among those there are (n x y t uncertainty)" in failure


def test_missing_precision_is_told(declare: Declare) -> None:
    a = declare()
    a.spt_data.localization_precision = None
    assert "the localization precision is not set, 0 is used" in a.run().notes[0]


def test_one_bad_source_does_not_stop_the_others(declare: Declare, data: Path) -> None:
    lines = (data / "a.rpt.txt").read_text().splitlines()
    lines[9] = "1\t0.5\tabc\t0.1"
    (data / "a.rpt.txt").write_text("\n".join(lines))
    failed = failures(declare())
    assert len(failed) == 1  # neither once per region, nor by the inference again
    assert re.search(r"tessellate, a\.rpt\.txt, : .*a\.rpt\.txt.*line 10.*abc", failed[0])
    assert len(read_rwa(data / "b.rpt.rwa")) == 2
    assert not (data / "a.rpt.rwa").exists()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text.replace("0.", "nan", 1), "nan"),
        (lambda text: text.replace("0.", "0,", 1), "comma"),
        (lambda text: "", "empty|no row|no line"),
        (lambda text: text.split("\n", 1)[0].rsplit("\t", 1)[0], "not tracked"),
    ],
    ids=["nan", "comma", "empty", "three columns"],
)
def test_malformed_files(
    declare: Declare, data: Path, spoil: Callable[[str], str], message: str
) -> None:
    path = data / "a.rpt.txt"
    path.write_text(spoil(path.read_text()))
    failed = failures(declare())
    assert len(failed) == 1
    assert re.search(message, failed[0])


@pytest.mark.parametrize("environment", [None, environments.LocalHost])
def test_other_units_are_told_once_per_file(
    declare: Declare, data: Path, environment: object
) -> None:
    for path in data.glob("*.rpt.txt"):
        table = pd.read_csv(path, sep="\t", names=list("nxyt"))
        table["t"] *= 1e3
        table.to_csv(path, sep="\t", index=False, header=False)
    a = declare()
    if environment is not None:
        a.env = environment
        a.env.worker_count = 2
    notes = a.run().notes
    assert [Path(note.split(": ")[0]).name for note in notes] == ["a.rpt.txt", "b.rpt.txt"]
    assert all("if the times are in ms, set `time_scale` to 1e-3" in note for note in notes)
    for path in data.glob("*.rwa"):
        path.unlink()
    a = declare()
    a.spt_data.time_scale = 1e-3
    assert a.run().notes == []


@pytest.mark.parametrize(
    ("damaged", "anew"),
    [
        # Maps of one region of four; a sampling, and the maps below it.
        (lambda region: region.get_sampling().get_child().data.maps["potential"], (1, 7)),
        (lambda region: region.get_sampling().data.points["dx"], (2, 6)),
    ],
)
def test_what_is_damaged_in_a_file_is_made_anew_and_told(
    declare: Declare, data: Path, damaged: Callable[[Any], "pd.Series[float]"], anew: object
) -> None:
    a = declare()
    a.run()
    expected = maps_of(a)
    [region, _] = a.spt_data[0].roi
    values = damaged(region).to_numpy().tobytes()
    path = data / "a.rpt.rwa"
    content = bytearray(path.read_bytes())
    content[content.index(values) + len(values) // 2] ^= 1
    path.write_bytes(content)
    a = declare()
    summary = a.run()
    assert (len(summary.done), len(summary.skipped)) == anew
    [note] = [note for note in summary.notes if "checksum" in note]
    assert f"'{path}': /analyses/" in note
    assert maps_of(declare()) == expected
    assert counts(declare()) == (0, 8)
    assert not any("damaged" in note for note in declare().run().notes)


def test_a_damaged_sampling_is_noticed_where_maps_are_all_that_is_asked_for(
    declare: Declare, data: Path
) -> None:
    a = declare()
    a.run()
    [region, _] = a.spt_data[0].roi
    values = region.get_sampling().data.points["dx"].to_numpy().tobytes()
    path = data / "a.rpt.rwa"
    content = bytearray(path.read_bytes())
    content[content.index(values) + len(values) // 2] ^= 1
    path.write_bytes(content)
    a = declare()
    a.pipeline.reset()
    a.pipeline.append_stage(stages.infer())
    with pytest.raises(RunError, match=r"there is no sampling 'roi000'.*tessellate") as caught:
        a.run()
    assert [note for note in caught.value.summary.notes if "checksum" in note]
    assert len(caught.value.summary.skipped) == 3


def test_unsorted_tracks_are_sorted_and_told(declare: Declare, data: Path) -> None:
    sorted_maps = declare().run() and maps_of(declare())
    path = data / "a.rpt.txt"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(reversed(lines)))
    (data / "a.rpt.rwa").unlink()
    a = declare()
    notes = a.run().notes
    assert len(notes) == 1
    assert "tracks go back in time" in notes[0]
    assert maps_of(a) == sorted_maps


def test_a_missing_region_file(declare: Declare, data: Path) -> None:
    (data / "b.rpt-roi.txt").unlink()
    failed = failures(declare())
    assert len(failed) == 1
    assert "looked for" in failed[0]

    a = declare()
    a.roi.from_ascii_files(skip_missing=True)
    summary = a.run()
    assert [(Path(r.source).name, r.message) for r in summary.skipped if not r.region] == [
        ("b.rpt.txt", "no file of regions beside it")
    ] * 2
    (data / "a.rpt-roi.txt").unlink()
    with pytest.raises(InvalidInputError, match="no source has a file of regions"):
        a.run()


def test_empty_and_poor_regions(declare: Declare, data: Path) -> None:
    with (data / "a.rpt-roi.txt").open("a") as file:
        file.write("70\t71\t70\t71\n")  # outside
        file.write("1\t1.005\t1\t1.2\n")
    failed = failures(declare("a.rpt.txt"))
    assert failed[0].startswith("tessellate, a.rpt.txt, roi002: the region has no translocation")
    assert [line.split(":")[0].split(", ")[2] for line in failed] == ["roi002", "roi003"]
    assert len(read_rwa(data / "a.rpt.rwa")["roi000"]) == 1


def test_what_failed_is_in_the_file_until_it_is_made(declare: Declare, data: Path) -> None:
    regions, saved = data / "a.rpt-roi.txt", data / "a.rpt.rwa"
    good = regions.read_text()
    outside = good + "70\t71\t70\t71\n"
    regions.write_text(outside)
    failures(declare("a.rpt.txt"))
    [failure] = failures_of(read_rwa(saved))
    assert failure.labels == ("roi002",)
    assert failure.reason.startswith("tessellate: the region has no translocation")
    for text in (good + good.splitlines()[1] + "\n", outside, good + good.splitlines()[1] + "\n"):
        # Made; then it fails, and its maps stay; then they are up to date again.
        regions.write_text(text)
        if text == outside:
            failures(declare("a.rpt.txt"))
            assert [failure.labels for failure in failures_of(read_rwa(saved))] == [("roi002",)]
        else:
            declare("a.rpt.txt").run()
            assert failures_of(read_rwa(saved)) == []
        assert len(read_rwa(saved)["roi002"]) == 1


def test_a_data_file_that_vanished(declare: Declare, data: Path) -> None:
    a = declare()
    (data / "a.rpt.txt").unlink()
    failed = failures(a)
    assert len(failed) == 1
    assert "a.rpt.txt" in failed[0]


def test_sources_that_differ_in_the_extension_only(declare: Declare, data: Path) -> None:
    (data / "a.rpt.dat").write_text((data / "a.rpt.txt").read_text())
    with pytest.raises(InvalidInputError, match=r"saved in the same file, .*a\.rpt\.rwa"):
        declare("a.rpt.*t").run()


def test_results_that_cannot_be_saved(declare: Declare, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "a.rpt.rwa")

    a = declare()
    with monkeypatch.context() as patch:
        patch.setattr("tramway.analyzer.source.source.save_rwa", full)
        failed = failures(a)
    assert sorted(line.partition(": ")[0] for line in failed) == [
        "save, a.rpt.txt, ",
        "save, b.rpt.txt, ",
    ]
    assert all("No space left" in line for line in failed)
    assert len(maps_of(a)) == 4  # still there in memory, and in the run directory
    b = declare()
    assert counts(b) == (0, 8)
    assert maps_of(b) == maps_of(a)


def test_a_disk_that_is_full_before_anything_is_there_is_told(
    declare: Declare, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Any, *_: Any) -> int:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr("tramway.runs.places.os.open", full)
        with pytest.raises(RunError, match=r"\.lock: No space left on device: make room there"):
            declare().run()
    assert counts(declare()) == (8, 0)


def test_interrupted_runs_are_saved_and_continue(
    declare: Declare, data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from tramway.pipeline import execution

    original, finished = execution.do_steps, []

    def impatient(*arguments: Any) -> Iterator[Any]:
        if len(finished) == 2:
            raise KeyboardInterrupt
        finished.append(arguments)
        yield from original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(execution, "do_steps", impatient)
        with caplog.at_level(logging.INFO), pytest.raises(KeyboardInterrupt):
            declare().run()
    assert "interrupted: 4 of 8 steps finished and saved; run again to continue" in caplog.text
    assert sum(len(read_rwa(path)) for path in data.glob("*.rwa")) == 2
    assert (data / "tramway-runs").exists()
    assert counts(declare()) == (4, 4)
    assert not (data / "tramway-runs").exists()


def test_of_many_sources_few_are_in_memory(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = declare()
    few.run()
    expected = maps_of(few)
    assert all(f.is_loaded for f in few.spt_data)
    for f in few.spt_data:
        f.rwa_file.unlink()
    for module in ("planner", "results"):
        monkeypatch.setattr(f"tramway.pipeline.{module}.MOST_SOURCES_KEPT", 1)
    many = declare()
    assert counts(many) == (8, 0)
    assert not any(f.is_loaded for f in many.spt_data)
    assert maps_of(many) == expected  # read again
    again = declare()
    assert counts(again) == (0, 8)
    assert not any(f.is_loaded for f in again.spt_data)


def test_samplings_made_by_hand_are_not_forgotten(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tramway.pipeline.planner.MOST_SOURCES_KEPT", 1)
    a = declare()
    for region in a.roi:
        region.add_sampling(a.sampler.sample(region.crop()), label="by hand")
        break
    a.run()
    assert "by hand" in read_rwa(a.spt_data[0].rwa_file)


def test_results_that_are_damaged_before_they_are_taken_in(
    declare: Declare, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tramway.pipeline import execution

    def damaging(*arguments: Any) -> Iterator[Any]:
        yield from original(*arguments)
        for path in (arguments[0].path / "parts").iterdir():
            path.write_bytes(path.read_bytes()[:-1])

    original = execution.do_steps
    with monkeypatch.context() as patch:
        patch.setattr(execution, "do_steps", damaging)
        failed = failures(declare("a.rpt.txt"))
    assert failed
    assert all("has to be made again" in line for line in failed)
    done, skipped = counts(declare("a.rpt.txt"))
    assert (done + skipped, skipped) == (4, 4 - len(failed))


@pytest.mark.slow
def test_functions_are_called_where_the_tasks_are_done(declare: Declare, data: Path) -> None:
    here = os.getpid()

    def mark(self: Any) -> None:
        [f] = self.spt_data
        for region in f.roi:
            maps = pd.DataFrame({"process": [os.getpid()], "n": [len(f.dataframe)]})
            region.get_sampling().add(Maps(maps, "mark"), "mark")

    def forget_to_tessellate(self: Any) -> None:
        raise ValueError("no")

    expected = declare()
    expected.run()
    for f in expected.spt_data:
        f.rwa_file.unlink()
    a = declare()
    a.env = environments.LocalHost(worker_count=2)
    a.pipeline.append_stage(mark, granularity="roi")
    summary = a.run()
    assert [(r.stage, r.region) for r in summary.done[-2:]] == [("mark", "")] * 2
    for f in a.spt_data:
        tree = read_rwa(f.rwa_file)
        for label in tree:
            assert set(tree[label]) == {"stochastic.dv", "mark"}
            marked = tree[label]["mark"].data.maps
            assert marked["process"][0] != here
            assert marked["n"][0] == len(f.dataframe)
            maps = f.analyses[label]["stochastic.dv"].data
            assert maps.status.eq("ok").any()  # they know what they were inferred from
    found = {
        (f.source, r.label): r.get_sampling()["stochastic.dv"].data.maps.to_numpy().tobytes()
        for f in a.spt_data
        for r in f.roi
    }
    assert found == maps_of(expected)
    assert not (data / "tramway-runs").exists()

    a.pipeline.append_stage(forget_to_tessellate, granularity="spt data")
    assert [line.split(", ")[0] for line in failures(a)] == ["forget_to_tessellate"] * 2
    called = []
    a.pipeline.reset()
    a.pipeline.append_stage(called.append)  # without a granularity: here, and once
    a.run()
    assert called == [a.pipeline]


def test_data_that_change_during_the_run(declare: Declare, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(self: worker.Worker, source: int) -> Croppable:
        table = self._described.trajectories(source)
        return Croppable(table.assign(x=table["x"] + 1e-9))

    monkeypatch.setattr(worker.Worker, "_read", changed)
    assert all("they changed meanwhile" in line for line in failures(declare()))


def test_a_region_file_that_changes_during_the_run(
    declare: Declare, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What was planned is done: workers are given the bounds, they do not read the file.
    from tramway.pipeline import execution

    a = declare()
    a.run()
    expected = maps_of(a)
    for f in a.spt_data:
        f.rwa_file.unlink()
    original = execution.do_steps
    path = data / "a.rpt-roi.txt"
    before = path.read_text()

    def meddling(*arguments: Any) -> Iterator[Any]:
        path.write_text(before.replace("1.5", "1.2"))
        yield from original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(execution, "do_steps", meddling)
        assert counts(declare()) == (8, 0)
    assert path.read_text() != before
    assert maps_of(declare()) == expected
    # The next run makes the regions that changed, and nothing else.
    assert counts(declare()) == (4, 4)
    assert sum(maps_of(declare())[key] != expected[key] for key in expected) == 2


def test_regions_that_the_environment_loses_are_failures(declare: Declare) -> None:
    class Forgetful(BaseEnvironment):
        def execute(
            self, run: RunDirectory, tasks: Sequence[int], work: Work
        ) -> Iterator[JournalEntry]:
            for task in tasks[1:]:
                yield from run.journals.at(do_task(work, str(run.path), task))

    a = declare("a.rpt.txt")
    a.env = Forgetful()
    assert [line.partition(",")[0] for line in failures(a)] == ["tessellate"]
    assert len(read_rwa(a.spt_data[0].rwa_file)) == 1


def test_unexpected_errors_are_told_with_their_place(
    declare: Declare, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("tramway.pipeline.steps.tessellate.sample", broken)
    assert all("unexpected ZeroDivisionError: oh" in line for line in failures(declare()))
    assert "in broken" in caplog.text


def test_the_manual_loop_of_existing_scripts(declare: Declare, data: Path) -> None:
    from tramway.analyzer import commit_as_analysis

    a = declare("a.rpt.txt")
    for f in a.spt_data:
        with f.autosaving() as tree:
            for r in f.roi.as_support_regions():
                partition = a.sampler.sample(r.crop())
                maps = a.mapper.infer(partition)
                node = commit_as_analysis(r.label, partition, parent=r)
                commit_as_analysis("by hand", maps, parent=node)
        assert set(tree) == {"roi000", "roi001"}
    stored = read_rwa(data / "a.rpt.rwa")["roi001"]["by hand"].data
    np.testing.assert_array_equal(stored.maps.to_numpy(), maps.maps.to_numpy())


def test_samplings_made_by_hand_can_be_mapped(declare: Declare) -> None:
    a = declare("a.rpt.txt")
    a.tesseller = tessellers.Hexagons(resolution=0.5)
    for region in a.roi:
        region.add_sampling(a.sampler.sample(region.crop()))
    a.pipeline.reset()
    a.pipeline.append_stage(stages.infer())
    assert counts(a) == (2, 0)
    assert counts(a) == (0, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "pattern", "suffix", "regions"),
    [("u2os", "*.rpt.txt", "roi", 16), ("inferencemap", "*.trxyt", None, 2)],
)
def test_real_data(
    shared: Path, tmp_path: Path, folder: str, pattern: str, suffix: str | None, regions: int
) -> None:
    # The notebook's script: every region is mapped, and the maps are the same bits everywhere.
    found: list[dict[tuple[str, str], bytes]] = []
    for workers in (None, 1, 2):
        place = tmp_path / str(workers)
        place.mkdir()
        for path in (shared / "data" / folder).iterdir():
            (place / path.name).symlink_to(path)
        a = RWAnalyzer()
        a.spt_data.from_ascii_files(f"{place}/{pattern}")
        a.spt_data.localization_precision = 0.03
        if suffix is not None:
            a.roi.from_ascii_files(suffix=suffix)
        a.tesseller = tessellers.Hexagons
        a.mapper.from_plugin("stochastic.dv", diffusivity_prior=20, potential_prior=1)
        a.mapper.max_runtime = 100
        a.pipeline.append_stage(stages.tessellate())
        a.pipeline.append_stage(stages.reload())
        a.pipeline.append_stage(stages.infer())
        if workers is not None:
            a.env = environments.LocalHost
            a.env.worker_count = workers
        assert len(a.run().done) == 2 * regions
        found.append(maps_of(a))
    assert len(found[0]) == regions
    strip = [{(Path(source).name, label): v for (source, label), v in m.items()} for m in found]
    assert strip[0] == strip[1] == strip[2]


def interrupted(a: RWAnalyzer, data: Path, monkeypatch: pytest.MonkeyPatch, after: int = 2) -> Path:
    """Directory of a run that ended after some tasks, of which nothing was taken in."""
    from tramway.pipeline import execution

    original, finished = execution.do_steps, []

    def impatient(*arguments: Any) -> Iterator[Any]:
        if len(finished) == after:
            raise KeyboardInterrupt
        finished.append(arguments)
        yield from original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(execution, "do_steps", impatient)
        patch.setattr(Results, "save", lambda _: None)
        with pytest.raises(KeyboardInterrupt):
            a.run()
    [path] = (data / "tramway-runs").glob("[!.]*")
    return path


@pytest.fixture
def counting(declare: Declare) -> Callable[..., RWAnalyzer]:
    """Make analyzers whose mapper is a function."""

    def make() -> RWAnalyzer:
        a = declare()
        a.mapper = mapper.MapperPlugin(count)
        return a

    return make


def test_maps_of_a_sampling_that_was_replaced_are_not_taken_for_those_of_the_new_one(
    declare: Declare, data: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def staged(*chosen: Any, resolution: float) -> RWAnalyzer:
        a = declare()
        a.tesseller.resolution = resolution
        a.pipeline.reset()
        for stage in chosen:
            a.pipeline.append_stage(stage)
        return a

    def inferring() -> RWAnalyzer:
        return staged(stages.infer(), resolution=0.5)

    staged(stages.tessellate(), resolution=0.5).run()
    interrupted(inferring(), data, monkeypatch, after=3)
    staged(stages.tessellate(), resolution=0.4).run()
    a = inferring()
    assert counts(a) == (4, 0)
    assert caplog.text.count("the sampling 'roi00") == 3
    assert "is not what it was when this was planned" in caplog.text
    found = maps_of(a)
    for f in a.spt_data:
        f.rwa_file.unlink()
    staged(stages.tessellate(), stages.infer(), resolution=0.4).run()
    assert maps_of(declare()) == found


def count(partition: Any) -> dict[str, Any]:
    return {"count": partition.location_count}


def flip(path: Path, place: int = 70) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 0x80
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "damage", "kept"),
    [
        ("tasks.jsonl", flip, 1),
        ("tasks.jsonl", Path.unlink, 0),
        ("tasks.npy", flip, 0),
        ("job.json", flip, 0),
        ("job.json", lambda path: path.write_text('{"format": 2, "tasks": []}'), 0),
        ("callables.pickle", lambda path: os.truncate(path, 100), 2),
        ("journal/*", flip, 2),
        ("parts/*", flip, 1),
        ("", shutil.rmtree, 0),
    ],
)
def test_a_run_goes_on_without_what_is_damaged(
    counting: Callable[..., RWAnalyzer],
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    damage: Callable[[Path], object],
    kept: int,
) -> None:
    path = interrupted(counting(), data, monkeypatch)
    damage(next(path.glob(name)) if name else path)
    for expected in (kept, 4):
        a = counting()
        done, skipped = counts(a)
        assert done + skipped == 8
        assert skipped >= 2 * expected - 1  # one step of a region may have been spared
    plain = counting()
    found = maps_of(a)
    for f in plain.spt_data:
        f.rwa_file.unlink()
    plain.run()
    assert maps_of(plain) == found


@pytest.mark.parametrize(
    ("name", "damage", "told"),
    [
        ("tasks.jsonl", flip, "the run cannot go on.*is damaged, task 0.*run again to continue"),
        ("", shutil.rmtree, "the run cannot go on: .*run again to continue"),
        ("callables.pickle", lambda path: os.truncate(path, 100), "is damaged, nothing of it"),
    ],
)
@pytest.mark.parametrize("workers", [0, 2])
def test_what_is_damaged_meanwhile_is_told_and_nothing_else(
    counting: Callable[..., RWAnalyzer],
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    damage: Callable[[Path], object],
    told: str,
    workers: int,
) -> None:
    def declared() -> RWAnalyzer:
        a = counting()
        a.env = environments.LocalHost(workers) if workers else None
        return a

    new_run = Planner.new_run

    def spoiled(*arguments: Any) -> Any:
        made = new_run(*arguments)
        damage(made[0].path / name)
        return made

    with monkeypatch.context() as patch:
        patch.setattr(Planner, "new_run", spoiled)
        with pytest.raises(RunError, match=told) as caught:
            declared().run()
    assert "Traceback" not in str(caught.value)
    assert sum(counts(declared())) == 8


def test_a_run_of_somebody_elses_is_not_continued(
    counting: Callable[..., RWAnalyzer], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = interrupted(counting(), data, monkeypatch)
    path.chmod(0o777)
    with pytest.raises(UntrustedFileError, match="others may write it"):
        counting().run()
    assert path.exists()
