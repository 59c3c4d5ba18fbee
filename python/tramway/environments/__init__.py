"""Where the tasks of an analysis are done: ``a.env = environments.LocalHost``."""

from .local_host import LocalHost

__all__ = ["LocalHost"]
