"""Stages and how they are appended."""

from collections.abc import Callable

import pytest

from tramway.analyzer import RWAnalyzer, stages
from tramway.errors import InvalidInputError, RepeatedStageWarning, UnknownAttributeError


@pytest.mark.parametrize(
    "granularity", ["roi", "SPT_data", "spt-data source", "min:roi", "time_segment", "", None]
)
def test_known_granularities(granularity: str | None) -> None:
    a = RWAnalyzer()
    a.pipeline.append_stage(stages.infer(), granularity=granularity, sbatch_options={"mem": "8G"})
    assert len(a.pipeline) == 1
    a.pipeline.reset()
    assert len(a.pipeline) == 0


def test_mistakes_are_told_when_appending() -> None:
    append = RWAnalyzer().pipeline.append_stage
    with pytest.raises(InvalidInputError, match=r"did you mean `roi`\?.*valid values: coarsest"):
        append(stages.infer(), granularity="rois")
    with pytest.raises(InvalidInputError, match=r"`granularty` is unknown.*did you mean"):
        append(stages.infer(), granularty="roi")
    with pytest.raises(InvalidInputError, match=r"`stages\.infer` itself: call it"):
        append(stages.infer)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="`stage` is 'infer'"):
        append("infer")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "make",
    [
        lambda: stages.tessellate(label=3),
        lambda: stages.infer(overwrite="yes"),
        lambda: stages.tessellate_and_infer(map_label=""),
        lambda: stages.reload(skip_missing=None),
    ],
)
def test_wrong_options_of_stages(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidInputError, match="expected"):
        make()


def test_the_pipeline_has_what_the_analyzer_has() -> None:
    a = RWAnalyzer()
    for name in ("spt_data", "roi", "tesseller", "time", "sampler", "mapper", "env", "logger"):
        assert getattr(a.pipeline, name) is getattr(a, name)
        with pytest.raises(UnknownAttributeError, match=f"`{name}` cannot be set"):
            setattr(a.pipeline, name, None)
    with pytest.raises(UnknownAttributeError, match="did you mean `spt_data`"):
        a.pipeline.spt_dat  # noqa: B018


def test_a_function_of_the_user_is_a_stage(declare: Callable[..., RWAnalyzer]) -> None:
    a = declare()
    seen = []
    a.pipeline.append_stage(lambda p: seen.append([len(f.analyses) for f in p.spt_data]))
    a.run()
    assert seen == [[2, 2]]


def test_errors_of_the_users_function_are_the_users(declare: Callable[..., RWAnalyzer]) -> None:
    a = declare()
    a.pipeline.append_stage(lambda p: p.spt_data[7])
    with pytest.raises(IndexError, match="tuple index out of range"):
        a.run()
    assert a.spt_data[0].rwa_file.exists()  # what was there before it is saved


def test_a_stage_that_is_there_already_is_said() -> None:
    a = RWAnalyzer()
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.reload())
    a.pipeline.append_stage(stages.infer(map_label="one"))
    a.pipeline.append_stage(stages.infer(map_label="two"))
    a.pipeline.append_stage(stages.reload())
    with pytest.warns(RepeatedStageWarning, match=r"tessellate is in the pipeline.*will find all"):
        a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(print)
    with pytest.warns(RepeatedStageWarning, match=r"print is in the pipeline.*called twice.*reset"):
        a.pipeline.append_stage(print)
    assert len(a.pipeline) == 8
    a.pipeline.reset()
    a.pipeline.append_stage(stages.tessellate())
