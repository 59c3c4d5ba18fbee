"""How many processes one coordinator can keep busy: a simulation with measured costs.

    python benches/scaling.py

Every process does batches of tasks, as `tramway.runs.Batches` deals them out, and asks for more by
a message to the first process. That answers one message at a time and, when there is none, reads
what became of finished tasks, of one source after the other. When all regions of a source are over,
either a worker saves them, as one more task, or the first process does. Sizes of regions are those
of real movies; how long a task takes is proportional to them. The costs below are seconds of one
core, measured where `docs/scaling.md` says, and how.
"""

import heapq
import random
from collections import deque
from dataclasses import dataclass, replace

from planning import seconds_per_region
from tramway.runs import Batches

# Translocations in the 16 regions of two movies of a protein in the nucleus of U2OS cells.
SIZES = (297, 11, 210, 16, 11, 96, 73, 154, 103, 91, 101, 95, 103, 93, 71, 94)
TASKS_PER_RANK = 100
TASKS_PER_SOURCE = 100
ROWS, MAPS = 51, 900_000  # of a region that is planned; regions of a large study
RANKS = (10, 30, 100, 300, 1_000, 3_000, 10_000)


@dataclass(frozen=True)
class Costs:
    """Seconds.

    Attributes
    ----------
    task
        Of a worker, beyond the work: reading the task, journal, result.
    message
        Of the coordinator, to take in an answer and send the next batch.
    reading
        Of the coordinator, to read what became of a task, and to enter it into the summary.
    saving
        Of whoever saves, to put the results of a task into the tree and into the .rwa file.
    latency
        Of a message, one way.
    planning
        Of the coordinator, to plan a task before any is begun.
    """

    task: float = 0.13e-3
    message: float = 0.15e-3
    reading: float = 0.07e-3
    saving: float = 1.2e-3
    latency: float = 0.5e-3
    planning: float = 0.0


COSTS = Costs()


class Simulation:
    """A run of so many ranks with regions of that many seconds on average.

    Parameters
    ----------
    ranks
        Number of workers.
    mean_seconds
        Of work per region.
    workers_save
        Whether workers save; else the coordinator does.
    costs
        What it takes.
    """

    def __init__(
        self, ranks: int, mean_seconds: float, *, workers_save: bool, costs: Costs = COSTS
    ) -> None:
        draw = random.Random(0)
        scale = mean_seconds / (sum(SIZES) / len(SIZES))
        sources = [
            sorted((draw.choice(SIZES) * scale for _ in range(TASKS_PER_SOURCE)), reverse=True)
            for _ in range(ranks * TASKS_PER_RANK // TASKS_PER_SOURCE)
        ]
        self._tasks = [seconds for source in sources for seconds in source]
        self._ranks, self._costs, self._workers_save = ranks, costs, workers_save
        self._left = [TASKS_PER_SOURCE] * len(sources)
        sizes = [round(seconds / scale) for seconds in self._tasks]
        self._batches = Batches(range(len(self._tasks)), ranks, sizes)
        # arrival, rank, numbers of tasks, seconds of each
        self._events: list[tuple[float, int, list[int], float]] = []
        self._idle: list[int] = []
        self._unread: deque[int] = deque()
        self._now = len(self._tasks) * costs.planning

    def efficiency(self) -> float:
        """Time that the work alone takes, spread evenly, over the time until all is saved.

        The latter begins when the run is submitted.
        """
        messages: deque[tuple[int, list[int], float]] = deque(
            (rank, [], 0.0) for rank in range(self._ranks)
        )
        end = 0.0
        while self._events or messages or self._unread:
            while self._events and self._events[0][0] <= self._now:
                messages.append(heapq.heappop(self._events)[1:])
            if messages:
                rank, numbers, seconds = messages.popleft()
                self._now += self._costs.message
                self._unread.extend(numbers)
                if numbers and numbers[0] < len(self._tasks):
                    self._batches.note(numbers, seconds)
                self._send(rank)
            elif self._unread:
                # In small portions: a message that arrives meanwhile does not wait for all.
                for _ in range(min(len(self._unread), 10)):
                    self._read(self._unread.popleft())
            else:
                self._now = self._events[0][0]
            end = max(end, self._now)
        return sum(self._tasks) / self._ranks / end

    def _send(self, rank: int) -> None:
        numbers = self._batches.take()
        if not numbers:
            self._idle.append(rank)
            return
        work = sum(map(self._seconds, numbers)) + len(numbers) * self._costs.task
        arrival = self._now + 2 * self._costs.latency + work
        heapq.heappush(self._events, (arrival, rank, numbers, work / len(numbers)))

    def _seconds(self, number: int) -> float:
        """Seconds of a task; those that save have the numbers after all others."""
        is_saving = number >= len(self._tasks)
        return TASKS_PER_SOURCE * self._costs.saving if is_saving else self._tasks[number]

    def _read(self, number: int) -> None:
        self._now += self._costs.reading
        if number >= len(self._tasks):
            return
        source = number // TASKS_PER_SOURCE
        self._left[source] -= 1
        if self._left[source]:
            return
        if not self._workers_save:
            self._now += TASKS_PER_SOURCE * self._costs.saving
            return
        self._batches.put_first(len(self._tasks) + source)
        if self._idle:
            self._now += self._costs.message
            self._send(self._idle.pop())


def main() -> None:
    """Print the tables."""
    seconds_per_region(1, 1, ROWS)  # what is imported meanwhile is imported once
    planning, _ = seconds_per_region(100, 100, ROWS)
    print(
        f"planning takes {planning * 1e6:.0f} µs for each region of {ROWS} rows, reading included: "
        f"{MAPS * planning:.0f} s for {MAPS:,}\n"
    )
    planned = replace(COSTS, planning=planning)
    ways = (
        ("workers", True, planned),
        ("workers, planned before", True, COSTS),
        ("coordinator", False, planned),
    )
    print("| work per region | who saves | " + " | ".join(f"{ranks:,}" for ranks in RANKS) + " |")
    print("|---|---|" + "---:|" * len(RANKS))
    for seconds in (0.003, 0.05, 1.0, 10.0):
        for who, workers_save, costs in ways:
            found = [
                Simulation(ranks, seconds, workers_save=workers_save, costs=costs).efficiency()
                for ranks in RANKS
            ]
            said = " | ".join(f"{value:.0%}" for value in found)
            print(f"| {seconds:g} s | {who} | {said} |", flush=True)


if __name__ == "__main__":
    main()
