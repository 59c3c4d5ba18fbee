"""How an analysis is carried out: planned as tasks, done step by step, taken in and saved."""

from .execution import Run
from .job import Description, Reconstruction
from .steps import step_of
from .worker import do_steps

__all__ = ["Description", "Reconstruction", "Run", "do_steps", "step_of"]
