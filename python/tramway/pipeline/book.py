"""What is noted down while a run goes on."""

import logging
from collections import Counter
from dataclasses import replace

from tramway.analyzer.source import Source
from tramway.analyzer.stages import RegionStage, Tessellate
from tramway.runs import RunSummary, TaskRecord, kind_of

from .explanation import explain


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
        self._logger = logger
        self._kinds: Counter[str] = Counter()

    def record(self, record: TaskRecord) -> None:
        """Enter what became of a step; of its remarks, the log tells one of each kind at once."""
        self.summary.records.append(record)
        is_good = record.status in ("done", "skipped")
        if record.labels and not is_good:
            self.failed.add((record.source, record.labels))
        if (record.source, record.labels) in self.failed:
            reason = "" if is_good else f"{record.stage}: {record.message or record.status}"
            self.untold.setdefault(record.source, {})[record.labels] = reason
        log = self._logger.debug if is_good else self._logger.error
        log("%s", record)
        for note in record.notes:
            kind = kind_of(note)
            tell = self._logger.debug if kind in self._kinds else self._logger.warning
            tell("%s, %s: %s", record.source, record.region, note)
            self._kinds[kind] += 1

    def tell_repeated(self) -> None:
        """Tell the log how many regions each remark is made of that was told of the first alone."""
        for kind, count in self._kinds.items():
            if count > 1:
                self._logger.warning("in %d regions: %s", count, kind.replace("#", "…"))
        self._kinds.clear()

    def amend(self, record: TaskRecord, message: str) -> None:
        """Enter that what was recorded as done came to nothing."""
        self.summary.records.remove(record)
        self.record(replace(record, status="failed", message=message))

    def skip(
        self, stage: str, item: Source, region: str, reason: str, labels: tuple[str, ...] = ()
    ) -> None:
        """Enter that nothing is to be done."""
        self.record(
            TaskRecord(stage, item.source, region, "skipped", message=reason, labels=labels)
        )

    def fail(
        self,
        stage: RegionStage,
        item: Source,
        region: str,
        error: Exception,
        labels: tuple[str, ...] = (),
    ) -> None:
        """Enter that a step cannot be done; of all regions, where `region` is empty."""
        message, where = explain(error)
        if where is not None:
            self._logger.error("%s", where)
        if isinstance(stage, Tessellate) or not region:
            self.without_result.add((item.source, region))
        self.record(
            TaskRecord(stage.name, item.source, region, "failed", message=message, labels=labels)
        )

    def note(self, note: str) -> None:
        """Enter a remark, once."""
        if note not in self.summary.notes:
            self.summary.notes.append(note)
            self._logger.warning("%s", note)
