"""What is saved of a run does not depend on when its tasks were done."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tramway.analyzer import RWAnalyzer, environments, stages
from tramway.errors import InvalidInputError
from tramway.files import Analysis
from tramway.pipeline.records import Provenance, source_hash
from tramway.pipeline.steps import CallStep
from tramway.runs import BaseEnvironment, JournalEntry, RunDirectory, Work, do_task

CENTERS = [[0.7, 0.7], [2.2, 0.7], [0.7, 2.2], [2.2, 2.2]]


class InThisOrder(BaseEnvironment):
    """Does tasks in an order of its own; the user interrupts it after some of them."""

    def __init__(self, order: Sequence[int], count: int | None = None) -> None:
        self._order, self._count = order, count

    def execute(
        self, run: RunDirectory, tasks: Sequence[int], work: Work
    ) -> Iterator[JournalEntry]:
        order = self._order if len(tasks) == len(self._order) else tasks
        for number in order[: self._count]:
            yield from run.journals.at(do_task(work, str(run.path), number))
        if self._count is not None:
            raise KeyboardInterrupt


def declared(data: Path, env: object) -> RWAnalyzer:
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(data / "a.rpt.txt"))
    a.spt_data.localization_precision = 0.02
    a.roi.from_squares(CENTERS, 1.5)
    a.tesseller.from_plugin("hexagon", resolution=0.5)
    a.mapper.from_plugin("dv", diffusivity_prior=20, potential_prior=1)
    a.env = env
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.infer(map_label="one"))
    a.pipeline.append_stage(stages.infer(map_label="another"))
    return a


def labels(a: RWAnalyzer) -> dict[Any, list[Any]]:
    tree = a.spt_data[0].analyses
    return {label: list(tree[label]) for label in tree}


def saved(a: RWAnalyzer) -> tuple[bytes, dict[str, Any]]:
    """Bytes of the file without the times in it; and what is in it, as a tree."""
    path = a.spt_data[0].rwa_file
    assert path is not None
    tree: dict[str, Any] = {}

    def add(name: str, item: h5py.Group | h5py.Dataset) -> None:
        attributes = {key: str(value) for key, value in item.attrs.items()}
        if isinstance(item, h5py.Group):
            tree[name] = attributes, list(item)
        elif name.endswith("/runtime"):
            item[()] = 0.0
        else:
            value = np.asarray(item[()])
            exact = value.tobytes() if value.dtype.kind != "O" else repr(value.tolist())
            tree[name] = attributes, value.dtype.str, value.shape, exact

    with h5py.File(path, "r+") as file:
        file.visititems(add)
    content = path.read_bytes()
    path.unlink()
    return content, tree


@pytest.mark.parametrize("order", [[3, 2, 1, 0], [2, 0, 3, 1]])
def test_files_do_not_tell_the_order_of_tasks(data: Path, order: list[int]) -> None:
    a = declared(data, None)
    a.run()
    expected = labels(a)
    assert list(expected) == ["roi000", "roi001", "roi002", "roi003"]
    assert set(map(tuple, expected.values())) == {("one", "another")}
    content, tree = saved(a)

    b = declared(data, InThisOrder(order))
    b.run()
    assert labels(b) == expected
    assert saved(b) == (content, tree)

    # What was interrupted has those regions in its file first that were done first.
    with pytest.raises(KeyboardInterrupt):
        declared(data, InThisOrder(order, 1)).run()
    c = declared(data, None)
    c.run()
    assert {label: set(maps) for label, maps in labels(c).items()} == {
        label: set(maps) for label, maps in expected.items()
    }
    assert saved(c)[1] == tree


@pytest.mark.slow
def test_files_do_not_tell_how_many_workers_there_were(data: Path) -> None:
    # Who writes them is another matter: this process, one of the workers, or a thread.
    files: list[tuple[bytes, dict[str, Any]]] = []
    with ThreadPoolExecutor(2) as threads:
        make: Callable[[], object]
        for make in (
            lambda: None,
            lambda: environments.LocalHost(worker_count=1),
            lambda: environments.LocalHost(worker_count=3),
            lambda: environments.Executor(threads),
        ):
            a = declared(data, make())
            a.run()
            files.append(saved(a))
    assert all(file == files[0] for file in files)


def test_what_was_made_of_a_file_that_has_changed_is_refused(data: Path) -> None:
    # A function of the user's reads what it likes of the file: all of it counts.
    a = declared(data, None)
    [item] = a.spt_data
    step = CallStep(name="mine", sampling="", input={}, of=source_hash(item))
    step.store(Provenance(a), item, {}, Analysis())
    with (data / "a.rpt.txt").open("a") as file:
        file.write("\n")
    with pytest.raises(InvalidInputError, match=r"mine: .*a\.rpt\.txt is not what it was"):
        step.store(Provenance(a), item, {}, Analysis())
