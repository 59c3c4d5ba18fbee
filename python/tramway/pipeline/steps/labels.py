"""Labels of what stages make."""

from typing import TYPE_CHECKING

from tramway.analyzer.stages import Infer, Label, RegionStage, Tessellate

if TYPE_CHECKING:
    from tramway.analyzer import RWAnalyzer


def target_of(stage: RegionStage, analyzer: "RWAnalyzer", region: str) -> tuple[str, ...]:
    """Labels of what a stage makes for a region: of the sampling, and of the maps."""
    if isinstance(stage, Tessellate):
        return (label_for(stage.label, region),)
    assert isinstance(stage, Infer)
    maps = analyzer.mapper.plugin if stage.map_label is None else label_for(stage.map_label, region)
    return label_for(stage.sampling_label, region), maps


def has_own_labels(stage: RegionStage) -> bool:
    """Whether labels were given for what a stage makes, in place of those of the regions."""
    given = [stage.label] if isinstance(stage, Tessellate) else []
    if isinstance(stage, Infer):
        given = [stage.sampling_label, stage.map_label]
    return any(label is not None for label in given)


def label_for(label: Label, region: str) -> str:
    """Label for a region of that label: the same by default."""
    if label is None:
        return region
    return label(region) if callable(label) else label
