"""What is noted down while a run goes on."""

import logging
from dataclasses import replace

from tramway.analyzer.source import Source
from tramway.analyzer.stages import RegionStage, Tessellate
from tramway.runs import RunSummary, TaskRecord

from .worker import explain


class Book:
    """Keeps the summary of a run, and tells the log of it.

    Parameters
    ----------
    logger
        The analyzer's.

    Attributes
    ----------
    summary
        What was done so far.
    without_result
        Source and region where an earlier stage made nothing to go on with; the region is empty
        where that is so of all regions.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self.summary = RunSummary()
        self.without_result: set[tuple[str, str]] = set()
        self._logger = logger

    def record(self, record: TaskRecord) -> None:
        """Enter what became of a step."""
        self.summary.records.append(record)
        is_good = record.status in ("done", "skipped")
        log = self._logger.debug if is_good else self._logger.error
        log("%s", record)

    def amend(self, record: TaskRecord, message: str) -> None:
        """Enter that what was recorded as done came to nothing."""
        self.summary.records.remove(record)
        self.record(replace(record, status="failed", message=message))

    def skip(self, stage: str, item: Source, region: str, reason: str) -> None:
        """Enter that nothing is to be done."""
        self.record(TaskRecord(stage, item.source, region, "skipped", message=reason))

    def fail(self, stage: RegionStage, item: Source, region: str, error: Exception) -> None:
        """Enter that a step cannot be done; of all regions, where `region` is empty."""
        message, where = explain(error)
        if where is not None:
            self._logger.error("%s", where)
        if isinstance(stage, Tessellate) or not region:
            self.without_result.add((item.source, region))
        self.record(TaskRecord(stage.name, item.source, region, "failed", message=message))

    def note(self, note: str) -> None:
        """Enter a remark, once."""
        if note not in self.summary.notes:
            self.summary.notes.append(note)
            self._logger.warning("%s", note)
