"""What tasks made: saved by workers, as they say, or taken in and saved by this process."""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from tramway.analyzer.source import Source
from tramway.errors import DamagedRunError, RunError, TramwayError
from tramway.files import decode_artefact
from tramway.files.failures import note_failure
from tramway.runs import JournalEntry, RunDirectory, Status, TaskRecord

from .book import Book
from .explanation import explain
from .planner import MOST_SOURCES_KEPT
from .records import Provenance
from .saving import Made, Refused, put_into_tree
from .steps import CallStep, SaveStep, step_of

if TYPE_CHECKING:
    from pathlib import Path

    from tramway.analyzer.analyzer import RWAnalyzer


class Results:
    """Takes in what is made in a run.

    Parameters
    ----------
    analyzer
        Its analysis trees are updated.
    book
        What became of each step is entered there.
    keeps_trees
        Whether trees stay in memory when they are saved, of a few sources; else those do that
        somebody had looked at before.

    Attributes
    ----------
    save_errors
        Why a source could not be saved, by its identity.
    """

    def __init__(self, analyzer: "RWAnalyzer", book: Book, *, keeps_trees: bool) -> None:
        self._analyzer = analyzer
        self._book = book
        self._logger = analyzer.logger
        self._task = lru_cache(maxsize=1)(RunDirectory.task)  # its steps follow each other
        self._keeps_trees = keeps_trees
        self._waiting: dict[int, list[Made]] = {}
        # What was refused of sources that a worker has saved, by run and number.
        self._saved: dict[tuple[Path, int], Refused] = {}
        self._called: set[int] = set()  # sources whose analyses a function's call has replaced
        self.save_errors: dict[str, str] = {}

    def accept(self, run: RunDirectory, entry: JournalEntry) -> int:
        """Enter what became of a step into the summary; return its source."""
        task = self._task(run, entry.task)
        number: int = task["source"]
        item, step = self._item(number), step_of(task, entry.step)
        if isinstance(step, SaveStep):
            self._note_save(run, number, entry)
        if entry.state == "skipped" or run.closes[entry.task]:
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
        refused = self._saved.get((run.path, number))
        if entry.part is not None and refused is None:
            made = Made(run, entry.task, task, entry.step, entry.part, record)
            self._waiting.setdefault(number, []).append(made)
        elif entry.part is not None:
            pass  # it is in the file
        elif step.makes_sampling:
            self._book.without_result.add((item.source, task["region"]))
        if entry.traceback is not None:
            self._logger.error("%s, %s:\n%s", item.source, task["region"], entry.traceback)
        self._book.record(record)
        if refused and (entry.task, entry.step) in refused:
            self._book.amend(record, refused[entry.task, entry.step])
        return number

    def is_saved(self, run: RunDirectory, number: int) -> bool:
        """Whether a worker has saved a source."""
        return (run.path, number) in self._saved

    def _note_save(self, run: RunDirectory, number: int, entry: JournalEntry) -> None:
        """Take note that a worker has saved a source, or could not."""
        item = self._item(number)
        if entry.part is None:
            reason = entry.error or "it was given up"
            self._logger.warning("%s: no worker could save it: %s", item.source, reason)
            return
        try:
            said = decode_artefact(run.part(entry.part))
        except TramwayError as error:
            self._logger.warning("%s: it is saved again: %s", item.source, error)
            return
        refused = {(task, step): message for task, step, message in said}
        self._saved[run.path, number] = refused
        self._amend(item, self._waiting.pop(number, []), refused)
        item.note_saved()
        self._tell_saved(item, entry.notes)
        if len(self._analyzer.spt_data) > MOST_SOURCES_KEPT:
            item.release()

    def _amend(self, item: Source, made: Iterable[Made], refused: Refused) -> None:
        """Enter why results came to nothing."""
        for one in made:
            message = refused.get(one.place)
            if message is None:
                continue
            if one.record is not None:
                self._book.amend(one.record, message)
            else:
                self._logger.warning("%s: %s", item.source, message)

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
        saved: set[int] = set()
        for entry in run.journals.new():
            if entry.part is None or (run.closes[entry.task] and entry.step == 0):
                continue
            number = int(run.sources[entry.task])
            if run.closes[entry.task]:
                saved.add(number)
                continue
            try:
                task = run.task(entry.task)
            except DamagedRunError as error:
                self._logger.warning("%s; it is made again", error)
                continue
            made = Made(run, entry.task, task, entry.step, entry.part)
            self._waiting.setdefault(number, []).append(made)
            finished += 1
        for number in saved:
            self._waiting.pop(number, None)
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
        item, made = self._item(number), self._waiting.get(number, [])
        was_loaded = item.is_loaded
        refused = put_into_tree(Provenance(self._analyzer), item, made)
        self._waiting.pop(number, None)  # only now: who interrupts has them taken in again
        self._amend(item, made, refused)
        if any(_is_call(one) and one.place not in refused for one in made):
            self._called.add(number)
        if not self._save_source(item):
            return
        if len(self._analyzer.spt_data) > MOST_SOURCES_KEPT:
            item.release()
        elif not (was_loaded or self._keeps_trees):
            item.forget_tree()

    def save(self) -> None:
        """Take in what is there of sources that are not complete, and try again to save others."""
        for number in list(self._waiting):
            self.take_in(number)
        for item in self._analyzer.spt_data:
            if item.source in self.save_errors or item.source in self._book.untold:
                self._save_source(item)

    def _save_source(self, item: Source) -> bool:
        self.save_errors[item.source] = "it was interrupted as it was saved"
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
        self._tell_saved(item, notes)
        return True

    def _tell_saved(self, item: Source, notes: Iterable[str]) -> None:
        self.save_errors.pop(item.source, None)
        if item.rwa_file is not None:
            self._logger.info("writing file: %s", item.rwa_file)
        for note in notes:
            self._book.note(f"{item.source}: {note}")

    def _item(self, number: int) -> Source:
        return self._analyzer.spt_data[number]


def _is_call(made: Made) -> bool:
    return isinstance(step_of(made.task, made.step), CallStep)
