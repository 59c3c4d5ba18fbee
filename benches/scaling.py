"""How many processes one coordinator can keep busy: a simulation with measured costs.

    python benches/scaling.py

Every process does batches of tasks, as `tramway.runs.Batches` deals them out, and asks for more by
a message to the first process. That answers one message at a time and, when there is none, reads
what became of finished tasks, of one source after the other. When all regions of a source are over,
either a worker saves them, as one more task, or the first process does. Before, the first process
plans a source, and the others are planned as tasks by the workers, if that pays: as
`tramway.pipeline.planner` finds. Sizes of regions are those of real movies; how long a task takes
is proportional to them. The costs below are seconds of one core, measured where `docs/scaling.md`
says, and how.
"""

import heapq
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import planning
from tramway.pipeline.planner import WORTH_ASKING
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
        Of a worker, beyond the work: reading the task, putting its results together, journal.
    message
        Of the coordinator, to send a batch and to take in the answer; half of it for each.
    reading
        Of the coordinator, to read what became of a task, and to enter it into the summary.
    saving
        Of whoever saves, to put the results of a task into the tree and into the .rwa file.
    latency
        Of a message, one way.
    region
        Of the coordinator, to plan a region by itself.
    source
        Of the coordinator, to take in the plan of a source from a worker.
    there
        Of a worker, to plan a source.
    """

    task: float = 0.93e-3
    message: float = 0.15e-3
    reading: float = 0.07e-3
    saving: float = 0.6e-3
    latency: float = 0.5e-3
    region: float = 0.0
    source: float = 0.0
    there: float = 0.0


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
    workers_plan
        Whether they plan, if that pays.
    costs
        What it takes.
    """

    def __init__(
        self,
        ranks: int,
        mean_seconds: float,
        *,
        workers_save: bool,
        workers_plan: bool,
        costs: Costs = COSTS,
    ) -> None:
        draw = random.Random(0)
        scale = mean_seconds / (sum(SIZES) / len(SIZES))
        sources = [
            sorted((draw.choice(SIZES) * scale for _ in range(TASKS_PER_SOURCE)), reverse=True)
            for _ in range(ranks * TASKS_PER_RANK // TASKS_PER_SOURCE)
        ]
        self._tasks = [seconds for source in sources for seconds in source]
        self._ranks, self._costs = ranks, costs
        self._workers_save, self._workers_plan = workers_save, workers_plan
        self._left = [TASKS_PER_SOURCE] * len(sources)
        self._sizes = [round(seconds / scale) for seconds in self._tasks]
        self._now = 0.0

    def efficiency(self) -> float:
        """Time that the work alone takes, spread evenly, over the time until all is saved.

        The latter begins when the run is submitted.
        """
        self._plan()
        self._batches = Batches(range(len(self._tasks)), self._ranks, self._sizes)
        self._deal(self._seconds, self._read)
        return sum(self._tasks) / self._ranks / self._now

    def _plan(self) -> None:
        """Plan all sources: the first one here, and the others where it takes less time."""
        here = TASKS_PER_SOURCE * self._costs.region
        others = len(self._left) - 1
        in_turn = -(-others // self._ranks)
        if not self._workers_plan or (others - in_turn) * here <= WORTH_ASKING:
            self._now += (1 + others) * here
            return
        self._now += here
        self._batches = Batches(range(others), self._ranks)
        self._deal(lambda _: self._costs.there, self._take_in_plan)

    def _take_in_plan(self, _: int) -> None:
        self._now += self._costs.reading + self._costs.source

    def _deal(self, seconds: Callable[[int], float], read: Callable[[int], None]) -> None:
        """Have tasks done, and read what became of them, until there is nothing left."""
        # arrival, rank, numbers of tasks, seconds of each
        self._events: list[tuple[float, int, Sequence[int], float]] = []
        self._idle: list[int] = []
        self._work_of = seconds
        unread: deque[int] = deque()
        messages: deque[tuple[int, Sequence[int], float]] = deque(
            (rank, (), 0.0) for rank in range(self._ranks)
        )
        while self._events or messages or unread:
            while self._events and self._events[0][0] <= self._now:
                messages.append(heapq.heappop(self._events)[1:])
            if messages:
                rank, numbers, taken = messages.popleft()
                self._now += self._costs.message / 2 * bool(numbers)
                unread.extend(numbers)
                if numbers and numbers[0] < len(self._tasks):
                    self._batches.note(numbers, taken)
                self._send(rank)
            elif unread:
                # In small portions: a message that arrives meanwhile does not wait for all.
                for _ in range(min(len(unread), 10)):
                    read(unread.popleft())
            else:
                self._now = self._events[0][0]

    def _send(self, rank: int) -> None:
        numbers = self._batches.take()
        if not numbers:
            self._idle.append(rank)
            return
        self._now += self._costs.message / 2
        work = sum(map(self._work_of, numbers)) + len(numbers) * self._costs.task
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
            self._send(self._idle.pop())


def main() -> None:
    """Print the tables."""
    planning.costs(1, 1, ROWS)  # what is imported meanwhile is imported once
    found = planning.costs(300, TASKS_PER_SOURCE, ROWS)
    costs = replace(COSTS, region=found.region, source=found.source, there=found.there)
    sources = MAPS // TASKS_PER_SOURCE
    share = costs.message + costs.reading + costs.source
    print(
        f"planning takes {costs.region * 1e6:.0f} µs for each region of {ROWS} rows, reading "
        f"included, {MAPS * costs.region:.0f} s for {MAPS:,}. Where workers plan, a source takes "
        f"one of them {costs.there * 1e3:.1f} ms and the coordinator {share * 1e3:.2f} ms, "
        f"{costs.source * 1e3:.2f} ms of it beyond the messages: {sources * share:.1f} s\n"
    )
    before = replace(costs, region=0.0)
    ways = (
        ("workers", True, True, costs),
        ("workers, planned before", True, False, before),
        ("coordinator", False, False, costs),
    )
    print("| work per region | who saves | " + " | ".join(f"{ranks:,}" for ranks in RANKS) + " |")
    print("|---|---|" + "---:|" * len(RANKS))
    for seconds in (0.003, 0.05, 1.0, 10.0):
        for who, workers_save, workers_plan, known in ways:
            run = partial(
                Simulation, workers_save=workers_save, workers_plan=workers_plan, costs=known
            )
            said = " | ".join(f"{run(ranks, seconds).efficiency():.0%}" for ranks in RANKS)
            print(f"| {seconds:g} s | {who} | {said} |", flush=True)


if __name__ == "__main__":
    main()
