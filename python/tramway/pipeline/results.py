"""What tasks made: taken into the analysis trees, and saved, by this process alone."""

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tramway.analyzer.source import Source
from tramway.errors import DamagedRunError, RunError
from tramway.files import EncodedArtefact
from tramway.files.failures import note_failure
from tramway.runs import JournalEntry, Part, RunDirectory, Status, Task, TaskRecord

from .book import Book
from .planner import MOST_SOURCES_KEPT
from .records import Provenance
from .steps import CallStep, step_of
from .worker import explain

if TYPE_CHECKING:
    from tramway.analyzer.analyzer import RWAnalyzer


class Made(NamedTuple):
    """What a step made, which is in the run directory and not yet in a tree."""

    run: RunDirectory
    number: int
    task: Task
    step: int
    part: Part
    record: TaskRecord | None


class Results:
    """Takes in what is made in a run.

    Parameters
    ----------
    analyzer
        Its analysis trees are updated.
    book
        What became of each step is entered there.

    Attributes
    ----------
    save_errors
        Why a source could not be saved, by its identity.
    """

    def __init__(self, analyzer: "RWAnalyzer", book: Book) -> None:
        self._analyzer = analyzer
        self._book = book
        self._logger = analyzer.logger
        self._task = lru_cache(maxsize=1)(RunDirectory.task)  # its steps follow each other
        self._waiting: dict[int, list[Made]] = {}
        self._called: set[int] = set()  # sources whose analyses a function's call has replaced
        self.save_errors: dict[str, str] = {}

    def accept(self, run: RunDirectory, entry: JournalEntry) -> int:
        """Enter what became of a step into the summary; return its source."""
        task = self._task(run, entry.task)
        number: int = task["source"]
        item, step = self._item(number), step_of(task, entry.step)
        if entry.state == "skipped":
            return number
        failed: Status = "timed out" if entry.state == "timed out" else "failed"
        record = TaskRecord(
            step.title,
            item.source,
            task["region"],
            "done" if entry.part is not None else failed,
            entry.seconds,
            entry.error or "",
            entry.notes,
            step.labels,
        )
        if entry.part is not None:
            made = Made(run, entry.task, task, entry.step, entry.part, record)
            self._waiting.setdefault(number, []).append(made)
        elif step.makes_sampling:
            self._book.without_result.add((item.source, task["region"]))
        if entry.traceback is not None:
            self._logger.error("%s, %s:\n%s", item.source, task["region"], entry.traceback)
        self._book.record(record)
        return number

    def recover(self, run: RunDirectory) -> set[int]:
        """Take in and save what a run that ended early has finished.

        Returns
        -------
        set of int
            Numbers of the sources that a function of the user's was called for.

        Raises
        ------
        RunError
            If something cannot be saved.
        """
        finished = 0
        self._called.clear()
        for entry in run.journals.new():
            if entry.part is not None:
                try:
                    task = run.task(entry.task)
                except DamagedRunError as error:
                    self._logger.warning("%s; it is made again", error)
                    continue
                made = Made(run, entry.task, task, entry.step, entry.part, None)
                self._waiting.setdefault(task["source"], []).append(made)
                finished += 1
        self._logger.info("continuing %s: %d steps were finished", run.path, finished)
        self.save()
        if self.save_errors:
            raise RunError(
                f"results in {run.path} cannot be saved, and stay there: "
                f"{'; '.join(self.save_errors.values())}"
            )
        return set(self._called)

    def take_in(self, number: int) -> None:
        """Put what was made of a source into its tree, and save that."""
        item, provenance = self._item(number), Provenance(self._analyzer)
        # In the order of the plan, not in that in which workers ended.
        for made in sorted(
            self._waiting.pop(number, []), key=lambda made: (made.number, made.step)
        ):
            try:
                encoded = EncodedArtefact(made.run.part(made.part))
                artefact = encoded.decode() if encoded.image is None else encoded
                step = step_of(made.task, made.step)
                step.store(provenance, item, made.task, artefact)
                if isinstance(step, CallStep):
                    self._called.add(number)
            except Exception as error:  # noqa: BLE001
                message, _ = explain(error)
                if made.record is not None:
                    self._book.amend(made.record, message)
                else:
                    self._logger.warning("%s: %s", item.source, message)
        if self._save_source(item) and len(self._analyzer.spt_data) > MOST_SOURCES_KEPT:
            item.release()

    def save(self) -> None:
        """Take in what is there of sources that are not complete, and try again to save others."""
        for number in list(self._waiting):
            self.take_in(number)
        for item in self._analyzer.spt_data:
            if item.source in self.save_errors or item.source in self._book.untold:
                self._save_source(item)

    def _save_source(self, item: Source) -> bool:
        try:
            for labels, reason in self._book.untold.pop(item.source, {}).items():
                note_failure(item.analyses, labels, reason)
            notes = item.save()
        except Exception as error:  # noqa: BLE001
            # The next attempt may find room on the disk.
            message, where = explain(error)
            self._logger.error("%s cannot be saved: %s", item.source, where or message)
            self.save_errors[item.source] = message
            return False
        self.save_errors.pop(item.source, None)
        if item.rwa_file is not None:
            self._logger.info("writing file: %s", item.rwa_file)
        for note in notes:
            self._book.note(f"{item.source}: {note}")
        return True

    def _item(self, number: int) -> Source:
        return self._analyzer.spt_data[number]
