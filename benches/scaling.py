"""How many processes one coordinator can keep busy: a simulation with measured costs.

    python benches/scaling.py

Every process does batches of tasks, as `tramway.runs.Batches` deals them out, and asks for more by
a message to the first process. That answers one message at a time and, when there is none, reads
what became of finished tasks and takes in their results. Sizes of regions are those of real movies;
how long a task takes is proportional to them. The costs below are seconds of one core, measured
where `docs/scaling.md` says, and how.
"""

import heapq
import random
from collections import deque
from dataclasses import dataclass

from tramway.runs import Batches

# Translocations in the 16 regions of two movies of a protein in the nucleus of U2OS cells.
SIZES = (297, 11, 210, 16, 11, 96, 73, 154, 103, 91, 101, 95, 103, 93, 71, 94)
TASKS_PER_RANK = 100
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
        Of the coordinator, to read what became of a task.
    taking_in
        Of the coordinator, to put the results of a task into the tree and into the .rwa file.
    latency
        Of a message, one way.
    """

    task: float = 0.13e-3
    message: float = 0.26e-3
    reading: float = 0.03e-3
    taking_in: float = 0.0
    latency: float = 0.5e-3


DOING_ONLY = Costs()
TAKING_IN = Costs(taking_in=1.3e-3)


def makespan(ranks: int, mean_seconds: float, costs: Costs, seed: int = 0) -> tuple[float, float]:
    """Simulate a run.

    Returns
    -------
    float, float
        Time until all is done, and the time that the work alone takes if it is spread evenly.
    """
    draw = random.Random(seed)
    scale = mean_seconds / (sum(SIZES) / len(SIZES))
    tasks = sorted(
        (draw.choice(SIZES) * scale for _ in range(ranks * TASKS_PER_RANK)), reverse=True
    )
    batches = Batches(range(len(tasks)), ranks)
    events: list[tuple[float, int, int, float]] = []  # arrival, rank, tasks of it, seconds of each
    messages: deque[tuple[int, int, float]] = deque((rank, 0, 0.0) for rank in range(ranks))
    now = end = 0.0
    unread = 0
    while events or messages or unread:
        while events and events[0][0] <= now:
            _, rank, count, seconds = heapq.heappop(events)
            messages.append((rank, count, seconds))
        if messages:
            rank, count, seconds = messages.popleft()
            now += costs.message
            unread += count
            if count:
                batches.note(seconds)
            if numbers := batches.take():
                work = sum(tasks[number] for number in numbers) + len(numbers) * costs.task
                arrival = now + 2 * costs.latency + work
                heapq.heappush(events, (arrival, rank, len(numbers), work / len(numbers)))
        elif unread:
            # In small portions: a message that arrives meanwhile does not wait for all.
            portion = min(unread, 10)
            unread -= portion
            now += portion * (costs.reading + costs.taking_in)
        else:
            now = events[0][0]
        end = max(end, now)
    return end, sum(tasks) / ranks


def efficiencies(mean_seconds: float, costs: Costs) -> list[float]:
    """Time that the work needs over the time that it takes, for each number of ranks."""
    found = []
    for ranks in RANKS:
        end, ideal = makespan(ranks, mean_seconds, costs)
        found.append(ideal / end)
    return found


def main() -> None:
    """Print the table."""
    print("| work per region | results | " + " | ".join(f"{ranks:,}" for ranks in RANKS) + " |")
    print("|---|---|" + "---:|" * len(RANKS))
    for seconds in (0.003, 0.05, 1.0, 10.0):
        for what, costs in (("stay in parts", DOING_ONLY), ("are taken in", TAKING_IN)):
            found = " | ".join(f"{value:.0%}" for value in efficiencies(seconds, costs))
            print(f"| {seconds:g} s | {what} | {found} |", flush=True)


if __name__ == "__main__":
    main()
