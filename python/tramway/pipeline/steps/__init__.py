"""The steps that tasks consist of: how each is planned, done, and its result taken in."""

from tramway.analyzer.stages import RegionStage
from tramway.files import Record
from tramway.pipeline.data import Data
from tramway.pipeline.records import Provenance
from tramway.runs import Task

from .call import CallStep
from .infer import InferStep
from .labels import has_own_labels, target_of
from .plan import PlanStep
from .save import GatherStep, SaveStep
from .step import Plan, RegionStep, Step
from .tessellate import TessellateStep

__all__ = [
    "CallStep",
    "GatherStep",
    "InferStep",
    "Plan",
    "PlanStep",
    "RegionStep",
    "SaveStep",
    "Step",
    "TessellateStep",
    "has_own_labels",
    "plan_of",
    "step_of",
    "target_of",
]

_REGION_STEPS: dict[str, type[RegionStep]] = {
    kind.kind: kind for kind in (TessellateStep, InferStep)
}
_STEPS: dict[str, type[Step]] = {
    **_REGION_STEPS,
    **{kind.kind: kind for kind in (CallStep, GatherStep, PlanStep, SaveStep)},
}


def step_of(task: Task, number: int) -> Step:
    """Step of a task, by its number."""
    plain = task["steps"][number]
    return _STEPS[plain["do"]].from_plain(plain)


def plan_of(
    stage: RegionStage,
    target: tuple[str, ...],
    provenance: Provenance,
    data: Data,
    planned: dict[str, Record],
) -> Plan:
    """Find out what a stage has to do for a region; see :meth:`RegionStep.plan`."""
    return _REGION_STEPS[stage.name].plan(stage, target, provenance, data, planned)
