"""How many tasks are sent to a worker at once."""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SECONDS = 0.05
"""Work that is sent at once, at least: a message costs up to a millisecond, on both sides."""

_SECONDS_PER_WORKER = 0.002
"""The same by number of workers, whose messages all reach one process."""

_MESSAGE = 0.0003
"""Seconds that a message takes the process that all reach: batches are worth one of each worker."""

_LEAST_SECONDS = 1e-6  # of a task

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
    sizes
        Size of each task, by its number: how long one takes is in proportion. None: they are equal.
    """

    def __init__(
        self,
        tasks: Iterable[int],
        worker_count: int,
        sizes: "Sequence[int] | NDArray[np.int64] | None" = None,
    ) -> None:
        self._waiting = deque(tasks)
        self._alone: deque[int] = deque()
        self._worker_count = worker_count
        self._sizes = sizes
        self._size_waiting = sum(map(self._size, self._waiting))
        self._seconds_wanted = max(_SECONDS, _SECONDS_PER_WORKER * worker_count)
        self._pace: float | None = None  # seconds of size one
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting) + len(self._alone)

    def _size(self, task: int) -> int:
        return 1 if self._sizes is None else int(self._sizes[task]) + 1

    @property
    def count_ahead(self) -> int:
        """Number of batches to have under way."""
        return _AHEAD * self._worker_count

    def note(self, tasks: Sequence[int], seconds_per_task: float) -> None:
        """Take note of how long the tasks of a batch took."""
        size = sum(map(self._size, tasks))
        self._pace = max(seconds_per_task, _LEAST_SECONDS) * len(tasks) / size

    def take(self) -> list[int]:
        """Take the next tasks; empty if there are none.

        As many as take 0.05 s, or 2 ms by worker, at the pace of the last batch; no more than
        leaves some for all. Where tasks are so short that messages of all workers would take
        longer, few are left for the end.
        """
        with self._lock:
            if self._alone:
                return [self._alone.popleft()]
            seconds = 0.0
            if self._pace is not None:
                all_seconds = self._size_waiting * self._pace
                least = min(_MESSAGE * self._worker_count, all_seconds / self._worker_count)
                seconds = max(
                    least, min(self._seconds_wanted, all_seconds / (2 * self.count_ahead))
                )
            size = seconds * (1 + 1e-9) / (self._pace or 1.0)
            taken: list[int] = []
            while self._waiting and (not taken or self._size(self._waiting[0]) <= size):
                taken.append(self._waiting.popleft())
                size -= self._size(taken[-1])
                self._size_waiting -= self._size(taken[-1])
            return taken

    def put_back(self, task: int) -> None:
        """Have a task wait again that was taken and not begun."""
        with self._lock:
            self._waiting.appendleft(task)
            self._size_waiting += self._size(task)

    def put_first(self, task: int) -> None:
        """Add a task that is next, and is sent by itself: it takes as long as many others."""
        with self._lock:
            self._alone.append(task)

    def take_last(self) -> int | None:
        """Take the task that would be begun last; None if there is none."""
        with self._lock:
            if not self._waiting:
                return self._alone.pop() if self._alone else None
            task = self._waiting.pop()
            self._size_waiting -= self._size(task)
            return task

    def take_all(self) -> list[int]:
        """Take all that is waiting."""
        with self._lock:
            taken = [*self._alone, *self._waiting]
            self._alone.clear()
            self._waiting.clear()
            self._size_waiting = 0
        return taken
