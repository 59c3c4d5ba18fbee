"""How many tasks are sent to a worker at once."""

import threading
from collections import deque
from collections.abc import Iterable

_SECONDS = 0.05
"""Work that is sent at once, at least: a message costs up to a millisecond, on both sides."""

_SECONDS_PER_WORKER = 0.002
"""The same by number of workers, whose messages all reach one process."""

_MESSAGE = 0.0003
"""Seconds that a message takes the process that all reach: batches are worth one of each worker."""

_AHEAD = 2  # batches per worker: one under way, and one ready


class Batches:
    """Tasks that wait to be done, dealt out in order: one at a time, or several if they are short.

    It can be used by several threads.

    Parameters
    ----------
    tasks
        Their numbers, in the order in which they are to be begun.
    worker_count
        Number of workers that do them.
    """

    def __init__(self, tasks: Iterable[int], worker_count: int) -> None:
        self._waiting = deque(tasks)
        self._worker_count = worker_count
        self._seconds_wanted = max(_SECONDS, _SECONDS_PER_WORKER * worker_count)
        self._seconds_per_task = self._seconds_wanted
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def count_ahead(self) -> int:
        """Number of batches to have under way."""
        return _AHEAD * self._worker_count

    def note(self, seconds_per_task: float) -> None:
        """Take note of how long the tasks of a batch took."""
        self._seconds_per_task = seconds_per_task

    def take(self) -> list[int]:
        """Take the next tasks; empty if there are none.

        As many as take 0.05 s, or 2 ms by worker; no more than leaves some for all. Where tasks are
        so short that messages of all workers would take longer, few are left for the end.
        """
        with self._lock:
            seconds = max(self._seconds_per_task, 1e-6)
            wanted = int(self._seconds_wanted / seconds)
            least = int(_MESSAGE * self._worker_count / seconds)
            most = len(self._waiting) // self._worker_count
            fair = len(self._waiting) // (2 * self.count_ahead)
            count = min(max(1, min(least, most), min(wanted, fair)), len(self._waiting))
            return [self._waiting.popleft() for _ in range(count)]

    def put_back(self, task: int) -> None:
        """Have a task wait again that was taken and not begun."""
        with self._lock:
            self._waiting.appendleft(task)

    def take_last(self) -> int | None:
        """Take the task that would be begun last; None if there is none."""
        with self._lock:
            return self._waiting.pop() if self._waiting else None

    def take_all(self) -> list[int]:
        """Take all that is waiting."""
        with self._lock:
            taken = list(self._waiting)
            self._waiting.clear()
        return taken
