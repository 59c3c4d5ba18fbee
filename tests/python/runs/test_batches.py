"""Every task is dealt out once, in order, few at a time."""

import threading
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tramway.runs import Batches

SECONDS = st.floats(0, 100, allow_nan=False)


@given(st.lists(st.integers(0, 10_000), unique=True), st.integers(1, 100), st.lists(SECONDS))
def test_every_task_once_and_in_order(tasks: list[int], workers: int, seconds: list[float]) -> None:
    batches = Batches(tasks, workers)
    taken = []
    while batches:
        before = len(batches)
        batch = batches.take()
        # No worker gets more than a fair share of what is left, or nothing.
        assert 1 <= len(batch) <= max(1, before // workers)
        taken.append(batch)
        if seconds:
            batches.note([0], seconds.pop())
    assert list(chain.from_iterable(taken)) == tasks
    assert batches.take() == []
    assert batches.take_last() is None


@pytest.mark.parametrize(
    ("seconds", "count"), [(1.0, 1), (0.05, 1), (0.01, 5), (0.001, 50), (0.0, 2500)]
)
def test_a_batch_is_a_twentieth_of_a_second(seconds: float, count: int) -> None:
    # 0.05 s over the seconds of a task, and at most a quarter of 10,000 for one worker.
    batches = Batches(range(10_000), 1)
    batches.note([0], seconds)
    assert len(batches.take()) == count


def test_batches_are_longer_where_many_workers_ask() -> None:
    # 2 ms by worker: 2 s over 0.1 s, of tasks enough.
    batches = Batches(range(1_000_000), 1000)
    batches.note([0], 0.1)
    assert len(batches.take()) == 20


def test_in_the_end_messages_do_not_take_longer_than_tasks() -> None:
    # 300 messages of 0.3 ms take as long as 9 tasks of 10 ms; a quarter of a fair share is one.
    batches = Batches(range(3_000), 300)
    batches.note([0], 0.01)
    assert len(batches.take()) == 9


def test_the_first_batch_is_one_task() -> None:
    assert Batches(range(10_000), 2).take() == [0]  # nobody knows yet how long they are


def test_from_both_ends() -> None:
    batches = Batches(range(4), 1)
    assert (batches.take(), batches.take_last(), len(batches)) == ([0], 3, 2)
    assert batches.take_all() == [1, 2]
    assert not batches


def test_several_threads_share_the_tasks() -> None:
    batches = Batches(range(20_000), 4)
    batches.note([0], 0.01)
    taken: list[list[int]] = []

    def take() -> None:
        while batch := batches.take():
            taken.append(batch)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(chain.from_iterable(taken)) == list(range(20_000))


def test_large_tasks_travel_in_small_batches() -> None:
    # The pace is that of the last batch: 10 ms for a size of 10, and so 5 such tasks in 0.05 s.
    sizes = [9] * 1000 + [99] * 1000 + [24] * 1000
    batches = Batches(range(3000), 1, sizes)
    batches.note([0], 0.01)
    assert batches.take() == [0, 1, 2, 3, 4]
    batches = Batches(range(1000, 3000), 1, sizes)
    batches.note([0], 0.01)
    assert batches.take() == [1000]
    batches = Batches(range(2000, 3000), 1, sizes)
    batches.note([0, 1], 0.01)
    assert batches.take() == [2000, 2001]


def test_a_task_that_is_worth_many_goes_first_and_alone() -> None:
    batches = Batches(range(100), 2)
    batches.note([0], 0.001)
    batches.put_first(200)
    batches.put_first(201)
    assert len(batches) == 102
    assert [batches.take(), batches.take()] == [[200], [201]]
    assert batches.take()[0] == 0
    batches.put_first(202)
    assert batches.take_all()[0] == 202
    assert len(batches) == 0
    batches.put_first(203)
    assert batches.take_last() == 203
    assert batches.take_last() is None
