"""Runs: a directory that holds the tasks and what became of them, and how workers use it."""

from .batches import Batches
from .closing import Closing, MadeBefore, made_before
from .directory import RunDirectory, command_for, sealed
from .entry import JournalEntry
from .environment import (
    BaseEnvironment,
    Environment,
    environment_override,
    overriding_environment,
)
from .in_process import InProcess
from .inheritance import inherit, unended
from .journal import Journal, worker_name
from .journal_reader import Span
from .new_run import NewRun
from .ownership import append, read_own, write_own
from .part import Part
from .places import (
    RUNS_FOLDER,
    directories_of,
    ended_in_planning,
    path_of,
    remove_hidden,
    remove_others,
    run_lock,
)
from .state import RunState
from .summary import RunSummary, Status, TaskRecord, kind_of
from .work import Outcome, Task, Work
from .worker import (
    GRACE,
    OVERDUE,
    Done,
    TimeLimitReached,
    become_worker,
    do_task,
    do_tasks,
    threads_left_running,
    time_limit_error,
    unfinished_steps,
)
from .written_tasks import PlannedTask, WrittenTasks

__all__ = [
    "GRACE",
    "OVERDUE",
    "RUNS_FOLDER",
    "BaseEnvironment",
    "Batches",
    "Closing",
    "Done",
    "Environment",
    "InProcess",
    "Journal",
    "JournalEntry",
    "MadeBefore",
    "NewRun",
    "Outcome",
    "Part",
    "PlannedTask",
    "RunDirectory",
    "RunState",
    "RunSummary",
    "Span",
    "Status",
    "Task",
    "TaskRecord",
    "TimeLimitReached",
    "Work",
    "WrittenTasks",
    "append",
    "become_worker",
    "command_for",
    "directories_of",
    "do_task",
    "do_tasks",
    "ended_in_planning",
    "environment_override",
    "inherit",
    "kind_of",
    "made_before",
    "overriding_environment",
    "path_of",
    "read_own",
    "remove_hidden",
    "remove_others",
    "run_lock",
    "sealed",
    "threads_left_running",
    "time_limit_error",
    "unended",
    "unfinished_steps",
    "worker_name",
    "write_own",
]
