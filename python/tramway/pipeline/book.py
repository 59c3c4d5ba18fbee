"""What is noted down while a run goes on."""

import logging
from collections import Counter
from dataclasses import replace

from tramway.runs import RunSummary, TaskRecord, kind_of

from .planned_source import PlannedSource


class Book:
    """Keeps the summary of a run, and tells the log of it.

    Parameters
    ----------
    logger
        The analyzer's.

    Attributes
    ----------
    logger
        The analyzer's.
    summary
        What was done so far.
    without_result
        Source and region where an earlier stage made nothing to go on with; the region is empty
        where that is so of all regions.
    failed
        Source and labels of what could not be made, now or by an earlier run.
    untold
        What the files of results do not say yet: by source, and by the labels of what was to be
        made, why it failed; empty where it had failed before and is there now.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self.summary = RunSummary()
        self.without_result: set[tuple[str, str]] = set()
        self.failed: set[tuple[str, tuple[str, ...]]] = set()
        self.untold: dict[str, dict[tuple[str, ...], str]] = {}
        self.logger = logger
        self._kinds: Counter[str] = Counter()
        self._noted: set[str] = set()

    def record(self, record: TaskRecord) -> None:
        """Enter what became of a step; of its remarks, the log tells one of each kind at once."""
        self.summary.records.append(record)
        is_good = record.status in ("done", "skipped")
        if record.labels and not is_good:
            self.failed.add((record.source, record.labels))
        if (record.source, record.labels) in self.failed:
            reason = "" if is_good else f"{record.stage}: {record.message or record.status}"
            self.untold.setdefault(record.source, {})[record.labels] = reason
        log = self.logger.debug if is_good else self.logger.error
        log("%s", record)
        for note in record.notes:
            kind = kind_of(note)
            tell = self.logger.debug if kind in self._kinds else self.logger.warning
            tell("%s, %s: %s", record.source, record.region, note)
            self._kinds[kind] += 1

    def tell_repeated(self) -> None:
        """Tell the log how many regions each remark is made of that was told of the first alone."""
        for kind, count in self._kinds.items():
            if count > 1:
                self.logger.warning("in %d regions: %s", count, kind.replace("#", "…"))
        self._kinds.clear()

    def amend(self, record: TaskRecord, message: str) -> None:
        """Enter that what was recorded as done came to nothing."""
        self.summary.records.remove(record)
        self.record(replace(record, status="failed", message=message))

    def enter(self, source: str, planned: PlannedSource) -> None:
        """Enter what need not, or cannot, be done of a source."""
        self.failed.update((source, labels) for labels in planned.failed_before)
        for remark in planned.remarks:
            if remark.traceback is not None:
                self.logger.error("%s", remark.traceback)
            if remark.is_lost:
                self.without_result.add((source, remark.region))
            stage, region, status, message, labels, *_ = remark
            self.record(TaskRecord(stage, source, region, status, message=message, labels=labels))
        for note in planned.notes:
            self.note(f"{source}: {note}")

    def note(self, note: str) -> None:
        """Enter a remark, once."""
        if note not in self._noted:
            self._noted.add(note)
            self.summary.notes.append(note)
            self.logger.warning("%s", note)
