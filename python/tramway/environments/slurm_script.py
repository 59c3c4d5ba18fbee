"""The batch script of a run: a pure function of what it is to start."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tramway.errors import InvalidInputError

Options: TypeAlias = dict[str, Any]
"""Options of a command by name: text, numbers, True for options without value; None: left out."""

Words: TypeAlias = str | list[str]
"""Part of a command: text is shell code, used as it is; of a list, each item is one argument."""

_OPTION_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_PLAIN = re.compile(r"[\w@%+=:,./~-]*", re.ASCII)
_LONG_NAMES = {"J": "job-name", "n": "ntasks", "o": "output", "e": "error"}
_REFUSED = {
    "array": "set a.env.mpi = False and a.env.worker_count",
    "a": "set a.env.mpi = False and a.env.worker_count",
    "wrap": "the job starts what does the tasks",
    "parsable": "it is always given",
    "test-only": "the job would never run",
}

# What MPICH needs; a value that the user's environment has is kept. Ranks tell each other their
# addresses through Slurm, which may read lines of 1024 characters at most: the addresses of UCX
# can be longer, and the ranks then wait for ever, one time in thirty; those of OFI are short.
_FOR_MPICH = {"MPIR_CVAR_CH4_NETMOD": "ofi"}
# In a container without privileges, ranks cannot share memory in these ways: they fail, or wait.
_IN_CONTAINERS = {"UCX_TLS": "tcp,self", "MPIR_CVAR_CH4_CMA_ENABLE": "0"}


@dataclass(frozen=True)
class BatchScript:
    """What a job starts: workers, in containers or not, that do the tasks of one run.

    They are ranks of one step, which share out the tasks among them; or, without MPI, the jobs of
    an array, each of which has a share of its own.

    Attributes
    ----------
    run_directory
        Where the cluster has the run.
    worker_count
        Number of ranks, or of jobs in the array.
    uses_mpi
        Whether they are ranks.
    job_name
        What Slurm calls the job.
    sbatch_options, srun_options
        Options of the job and of the step that starts the ranks; they have precedence.
    modules
        Names for ``module load``, which comes first.
    preparation
        Shell code that comes next: one line, or a list of lines.
    command
        What does the tasks of a run directory, which is its last argument.
    container
        Image; None: no container.
    singularity_executable
        Name or path of ``singularity`` or ``apptainer``.
    singularity_options
        Options of its ``exec``.
    bound_folders
        Folders that the container has to see, under the same paths.
    """

    run_directory: str
    worker_count: int
    uses_mpi: bool = True
    job_name: str = "tramway"
    sbatch_options: Mapping[str, Any] = field(default_factory=dict)
    srun_options: Mapping[str, Any] = field(default_factory=dict)
    modules: Words = field(default_factory=list)
    preparation: Words = field(default_factory=list)
    command: Sequence[str] = ("tramway-mpi",)
    container: str | None = None
    singularity_executable: str = "singularity"
    singularity_options: Words = field(default_factory=list)
    bound_folders: Sequence[str] = ()

    def __str__(self) -> str:
        """Write the script.

        Raises
        ------
        InvalidInputError
            If anything has a line break in it, or is an option that cannot be.
        """
        lines = ["#!/bin/bash", "# Written by tramway. Submitted again, it continues the run."]
        lines += [f"#SBATCH {option}" for option in self._directives()]
        if self.modules:
            lines.append(f"module load {_shell_code(self.modules)}")
        preparation = self.preparation
        lines += [preparation] if isinstance(preparation, str) else preparation
        variables = _FOR_MPICH | (_IN_CONTAINERS if self.container is not None else {})
        if not self.uses_mpi:
            variables = {}
        lines += [f'export {name}="${{{name}:-{value}}}"' for name, value in variables.items()]
        for line in lines:
            one_line("line of the batch script", line)
        lines.append(" \\\n    ".join(self._payload()))
        return "\n".join(lines) + "\n"

    def _directives(self) -> list[str]:
        logs = f"{_literal_path('run directory', self.run_directory)}/logs/slurm"
        given = options("sbatch_options", self.sbatch_options)
        own = {"job-name": self.job_name, "ntasks": self.worker_count, "output": f"{logs}-%j.out"}
        if not self.uses_mpi:
            array = {"array": f"1-{self.worker_count}", "output": f"{logs}-%A_%a.out"}
            own |= {"ntasks": 1, **array}
        return [_directive(*option) for option in (own | given).items()]

    def _payload(self) -> list[str]:
        """Parts of the command that starts the ranks, one per line of the script."""
        srun: list[str] = []
        if self.uses_mpi:
            # -K: without it, a job of which one rank has died waits for it until its time is up.
            srun = ["srun", "-K"]
            for name, value in options("srun_options", self.srun_options).items():
                srun += _arguments(name, value)
        parts = [shlex.join(["exec", *srun])]
        if self.container is not None:
            binds = [_bound(folder) for folder in self.bound_folders]
            parts += [
                shlex.join([self.singularity_executable, "exec", *binds]),
                _shell_code(self.singularity_options),
                _image(self.container),
            ]
        parts.append(shlex.join([*self.command, self.run_directory]))
        if not self.uses_mpi:
            parts.append(f'--shard "$SLURM_ARRAY_TASK_ID"/{self.worker_count}')
        return [one_line("command of the job", part) for part in parts if part]


def options(name: str, value: Any) -> Options:
    """Check options of ``sbatch`` or ``srun``; those that are None or False are left out.

    Names are written as on the command line, without the dashes; ``cpus_per_task`` will do, too.
    """
    if not isinstance(value, Mapping):
        raise InvalidInputError(
            f"`{name}` is {value!r}, expected a dictionary such as {{'partition': 'common'}}"
        )
    checked: Options = {}
    for key, item in value.items():
        option = key.replace("_", "-").lstrip("-") if isinstance(key, str) else ""
        if not _OPTION_NAME.fullmatch(option):
            raise InvalidInputError(
                f"`{name}` has an option named {key!r}, expected one such as 'partition' or 'p'"
            )
        if name == "sbatch_options":
            option = _LONG_NAMES.get(option, option)
            if option in _REFUSED:
                raise InvalidInputError(f"`{name}`: `{key}` cannot be set, {_REFUSED[option]}")
        if item is None or item is False:
            continue
        if not isinstance(item, str | int | float):
            raise InvalidInputError(
                f"`{name}`: `{key}` is {item!r}, expected text, a number, True or None"
            )
        checked[option] = item if item is True else one_line(f"{name}[{key!r}]", str(item))
    return checked


def words(name: str, value: Any) -> Words:
    """Check part of a command: shell code as text, or a list of arguments."""
    if isinstance(value, str):
        return one_line(name, value)
    if not isinstance(value, list | tuple):
        raise InvalidInputError(f"`{name}` is {value!r}, expected text, or a list of arguments")
    return [one_line(name, item) for item in value]


def one_line(name: str, value: Any) -> str:
    """Check for text without line breaks."""
    if not isinstance(value, str) or not value:
        raise InvalidInputError(f"`{name}` is {value!r}, expected some text")
    if any(character in value for character in "\n\r\0"):
        raise InvalidInputError(f"`{name}` is {value!r}, expected text without line breaks")
    return value


def _arguments(name: str, value: Any) -> list[str]:
    if len(name) == 1:
        return [f"-{name}"] if value is True else [f"-{name}", value]
    return [f"--{name}"] if value is True else [f"--{name}={value}"]


def _directive(name: str, value: Any) -> str:
    """Write an option as Slurm reads it from a script: by rules of its own, not the shell's."""
    flag = f"-{name}" if len(name) == 1 else f"--{name}"
    if value is True:
        return flag
    text = one_line(name, str(value))
    if not _PLAIN.fullmatch(text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        text = f'"{escaped}"'
    return f"{flag} {text}" if len(name) == 1 else f"{flag}={text}"


def _literal_path(name: str, path: str) -> str:
    """Write a path for an option in which Slurm replaces ``%j`` and the like."""
    if "\\" in path:
        raise InvalidInputError(f"the {name} is {path!r}: Slurm takes no backslash in a path")
    return path.replace("%", "%%")


def _bound(folder: str) -> str:
    """Option by which a container sees a folder, under the same path."""
    if ":" not in folder and "," not in folder:
        return f"--bind={folder}"
    quoted = folder.replace('"', '""')  # fields of a line of comma-separated values
    return f'--mount=type=bind,"source={quoted}","destination={quoted}"'


def _image(container: str) -> str:
    """Write an image; ``~`` is the home of the user there."""
    if container.startswith("~/"):
        return '"$HOME"/' + shlex.quote(container[2:])
    return shlex.quote(container)


def _shell_code(value: Words) -> str:
    return value if isinstance(value, str) else shlex.join(value)
