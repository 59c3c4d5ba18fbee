"""What one task does, in whatever process it is done."""

import time
import traceback
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from tramway.analyzer.region import crop
from tramway.analyzer.sampler import sample
from tramway.data import Box, discard_static
from tramway.errors import DataQualityWarning, InvalidInputError, TramwayError
from tramway.files import Analysis, content_hash, decode_artefact, encode_artefact
from tramway.runs import Outcome, Part, RunDirectory, Task, TimeLimitReached
from tramway.tessellation import Partition

from .job import Reconstruction

_TABLES_KEPT = 8  # per process; tasks of one source tend to follow each other


class Worker:
    """Does tasks of one run.

    Parameters
    ----------
    run
        The run.
    """

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._described = Reconstruction(run)
        self._tesseller = self._described.plugin("tesseller")
        self._time = self._described.plugin("time")
        self._sampler = self._described.plugin("sampler")
        self._mapper = self._described.plugin("mapper")
        self.trajectories = lru_cache(maxsize=_TABLES_KEPT)(self._read)

    def _read(self, source: int) -> pd.DataFrame:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataQualityWarning)  # given where it was planned
            return self._described.trajectories(source)

    def artefact(self, part: Mapping[str, Any]) -> Any:
        """Artefact that was there before the run."""
        return decode_artefact(self._run.part(Part(**part)))

    def tessellate(self, task: Task, step: Mapping[str, Any]) -> tuple[Partition, list[str]]:
        """Cut a region into cells and file its translocations under them.

        Returns
        -------
        Partition, list of str
            The sampling, and remarks.
        """
        box = None if task["box"] is None else Box(*task["box"])
        points = crop(self.trajectories(task["source"]), box)
        if content_hash(points) != task["hash"]:
            raise InvalidInputError(
                "the data are not those that the run was planned with: they changed meanwhile, or "
                "are others on this computer; run again"
            )
        notes = []
        if step["discarded_below"] is not None:
            kept = discard_static(points, step["discarded_below"])
            left_out = len(points) - len(kept)
            notes.append(f"{left_out} of {len(points)} translocations discarded: static")
            points = kept
        partition = sample(points, self._tesseller, self._time, self._sampler)
        bounds = {} if box is None else {"bounding_box": [box.lower, box.upper]}
        partition.param["roi"] = {"label": task["region"], **bounds}
        return partition, notes

    def infer(self, partition: Partition, step: Mapping[str, Any]) -> Any:
        """Infer the maps of a sampling."""
        return self._mapper.infer(partition, step["localization_precision"], step["exposure_time"])

    def call(self, task: Task, step: Mapping[str, Any]) -> Analysis:
        """Call a function of the user's on one source; return what became of its analyses."""
        function, analyzer = self._described.call(task["source"])
        [item] = analyzer.spt_data
        item.analyses = self.artefact(step["input"]).whole()
        function(analyzer.pipeline)
        return item.analyses


_workers: dict[tuple[str, int, int], Worker] = {}


def worker_of(run: RunDirectory) -> Worker:
    """Worker of a run in this process; it has read what tasks of the run have in common."""
    if run.identity not in _workers:
        _workers.clear()  # one run at a time
        _workers[run.identity] = Worker(run)
    return _workers[run.identity]


def do_steps(run: RunDirectory, task: Task, ended: Mapping[int, bytes | None]) -> Iterator[Outcome]:
    """Do the steps of a task that are left; what goes wrong is told by the outcome."""
    samplings: dict[str, Any] = {}
    lost: set[str] = set()
    for number, step in enumerate(task["steps"]):
        label = step["sampling"]
        result = ended.get(number)
        if number in ended:
            if step["do"] == "tessellate" and result is not None:
                samplings[label] = decode_artefact(result)
        elif label in lost:
            yield Outcome(number, 0.0, error=f"there is no sampling {label!r}", is_skipped=True)
        else:
            outcome = _do_step(run, task, number, samplings)
            yield outcome
            if step["do"] == "tessellate" and outcome.error is not None:
                lost.add(label)


def _do_step(run: RunDirectory, task: Task, number: int, samplings: dict[str, Any]) -> Outcome:
    started = time.perf_counter()
    step = task["steps"][number]
    result: bytes | None = None
    notes: list[str] = []
    error = where = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            worker = worker_of(run)
            if step["do"] == "tessellate":
                made, notes = worker.tessellate(task, step)
                samplings[step["sampling"]] = made
                result = encode_artefact(made)
            elif step["do"] == "call":
                result = encode_artefact(worker.call(task, step))
            else:
                if step["input"] is not None:
                    samplings[step["sampling"]] = worker.artefact(step["input"])
                result = encode_artefact(worker.infer(samplings[step["sampling"]], step))
        except (KeyboardInterrupt, TimeLimitReached):
            raise
        except BaseException as problem:  # noqa: BLE001 - a panic of the core is not an Exception
            error, where = explain(problem)
    notes += messages(caught)
    seconds = time.perf_counter() - started
    return Outcome(number, seconds, result, tuple(dict.fromkeys(notes)), error, where)


def explain(error: BaseException) -> tuple[str, str | None]:
    """Tell the user about an error; and where it happened, if nobody foresaw it."""
    if isinstance(error, TramwayError):
        return str(error), None
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error), None
    where = "".join(traceback.format_exception(error))
    return f"unexpected {type(error).__name__}: {error}", where


def messages(caught: list[warnings.WarningMessage]) -> list[str]:
    """Choose the warnings that users should read: not those that are meant for developers."""
    relevant = (w for w in caught if issubclass(w.category, UserWarning | RuntimeWarning))
    return list(dict.fromkeys(str(warning.message) for warning in relevant))
