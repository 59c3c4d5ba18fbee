"""Results on their way from the run directory into the analysis tree of their source.

A worker does that, which then saves the tree, as the last task of a source; or the process that
takes results in does, of what no worker has saved.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from tramway.analyzer.source import Source
from tramway.files import EncodedArtefact
from tramway.runs import Part, RunDirectory, Task, TaskRecord

from .explanation import explain
from .records import Provenance
from .steps import step_of


class Made(NamedTuple):
    """What a step made, which is in the run directory and not yet in a tree.

    Attributes
    ----------
    run, number, task, step, part
        The run, number and content of the task, number of the step, and where the result is.
    record
        What the summary says of it; None: nothing.
    """

    run: RunDirectory
    number: int
    task: Task
    step: int
    part: Part
    record: TaskRecord | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Numbers of task and step."""
        return self.number, self.step


Refused: TypeAlias = dict[tuple[int, int], str]
"""Why a result came to nothing, by the numbers of its task and step."""


def put_into_tree(provenance: Provenance, item: Source, made: Iterable[Made]) -> Refused:
    """Put what was made of a source into its tree.

    In the order of the plan, not in that in which workers ended: the file does not tell it.

    Returns
    -------
    dict
        What is damaged, or was made of something else than what is there now.
    """
    refused: Refused = {}
    for one in sorted(made, key=lambda made: made.place):
        try:
            encoded = EncodedArtefact(one.run.part(one.part))
            artefact = encoded.decode() if encoded.image is None else encoded
            step_of(one.task, one.step).store(provenance, item, one.task, artefact)
        except Exception as error:  # noqa: BLE001
            refused[one.place], _ = explain(error)
    return refused
