"""A cluster that Slurm runs, from elsewhere."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from tramway.attributes import flag, optional
from tramway.errors import ClusterError, InvalidInputError
from tramway.runs import RUNS_FOLDER, RunDirectory

from .host import Host
from .run_copy import RunCopy
from .setting import Setting
from .slurm import Slurm
from .slurm_run import Place
from .slurm_script import one_line
from .ssh import SSHHost
from .staging import SourceFile, check_data, copy_data, mapped

_NAME = re.compile(r"[\w.@:%\[\]-]+", re.ASCII)
_DATA_FOLDER = "tramway-data"


class RunThere:
    """A copy of the run directory on the cluster, and the data that its tasks read.

    Parameters
    ----------
    run
        The run.
    host
        Host of the cluster from which jobs are submitted.
    scratch
        Folder there that all nodes see; it may name variables of the cluster's.
    directory_mapping
        Where the folders of this computer are there.
    is_staging
        Whether data are copied there that are missing.
    """

    def __init__(
        self,
        run: RunDirectory,
        host: Host,
        scratch: str,
        directory_mapping: Mapping[str, str],
        *,
        is_staging: bool,
    ) -> None:
        self.host = host
        self._run = run
        self._is_staging = is_staging
        folders = ["~", scratch, *directory_mapping.values()]
        home, self._scratch, *there = _expanded(host, folders)
        here = [str(Path(folder).expanduser()) for folder in directory_mapping]
        self._mapping = {str(Path.home()): home, **dict(zip(here, there, strict=True))}
        self.path = f"{self._scratch}/{RUNS_FOLDER}/{run.path.name}"
        self._copy = RunCopy(run, host, self.path)

    @property
    def folders(self) -> Sequence[str]:
        """Folders there that the ranks use: the run, and those of the data."""
        files = (mapped(path, self._mapping) for path in self._run.description["files"])
        return [self.path, *(str(PurePosixPath(file).parent) for file in files)]

    def prepare(self) -> None:
        """See to it that the data are there, the same as here.

        Raises
        ------
        ClusterError
            If they are not.
        """
        files = [SourceFile.at(path) for path in self._run.description["files"]]
        if self._is_staging:
            folder = f"{self._scratch}/{_DATA_FOLDER}"
            self._mapping = copy_data(self.host, files, self._mapping, folder)
        else:
            check_data(self.host, files, self._mapping)

    def put(self, name: str, script: str) -> None:
        """Copy the run, or what is new in it."""
        self._copy.push({name: script}, self._mapping)

    def fetch(self) -> None:
        """Bring here what the ranks have written since the last time."""
        self._copy.fetch()

    def remove(self) -> None:
        """Remove the copy of the run; data stay for later runs."""
        self._copy.remove()


class SlurmOverSSH(Slurm):
    """Does the tasks in one job of a cluster that ``ssh`` leads to.

    The run is copied to the cluster, and results come back while the job goes on. The user's own
    ``ssh`` is used, which has to get there without asking anything: see `hostname`.

    A subclass can define `hostname` and `scratch` as methods or class methods, the latter with the
    name of the user as its argument, in addition to what :class:`Slurm` lets it define.

    Attributes
    ----------
    hostname
        Host of the cluster on which jobs are submitted: name, address, or an alias in
        ``~/.ssh/config``.
    username
        Name of the user there; None: as the configuration of ``ssh`` says.
    scratch
        Folder there that all nodes see; ``~`` and variables such as ``$SCRATCH`` are those there.
    directory_mapping
        Where data of this computer are there, folder by folder; the home here is the home there,
        and any other path is the same on both sides.
    stage_data
        Whether data that are not there are copied to `scratch`, where later runs find them.
        Otherwise, data have to be there: they are checked, and an error lists what is missing.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.env = environments.SlurmOverSSH
    >>> a.env.worker_count = 4
    >>> a.env.hostname = "login.cluster.org"
    >>> a.env.scratch = "$SCRATCH"
    """

    saves = False  # data there may be copies: what was made comes here, and is saved here

    hostname: Setting[str | None] = Setting(optional(lambda name, value: _host_name(name, value)))
    username: Setting[str | None] = Setting(optional(lambda name, value: _host_name(name, value)))
    directory_mapping: Setting[dict[str, str]] = Setting(
        lambda name, value: _mapping(name, value), dict
    )
    stage_data: Setting[bool] = Setting(flag, lambda: False)

    _defined_by_methods: ClassVar[Mapping[str, str]] = {
        **Slurm._defined_by_methods,
        "hostname": "hostname",
    }

    @property
    def scratch_folder(self) -> None:
        """None: the directories of runs are beside the data, and copied to `scratch` there."""

    def _host(self) -> Host:
        if self.hostname is None:
            raise InvalidInputError(
                "`hostname` is not set: a.env.hostname = 'login.cluster.org', the host on which "
                "jobs are submitted"
            )
        return SSHHost(self.hostname, self.username)

    def _place(self, run: RunDirectory) -> Place:
        host = self._host()
        if self.scratch is None:
            raise InvalidInputError(
                "`scratch` is not set: a.env.scratch = '$SCRATCH', a folder of the cluster that "
                "all its nodes see"
            )
        return RunThere(run, host, self.scratch, self.directory_mapping, is_staging=self.stage_data)

    def _command(self) -> Sequence[str]:
        return self._installed_command()


def _expanded(host: Host, folders: Sequence[str]) -> list[str]:
    """Have a host put values for ``~`` and for the variables in paths.

    Raises
    ------
    ClusterError
        If one comes out relative or empty.
    """
    said = " ".join(f'"{_expandable(folder)}"' for folder in folders)
    answer = host.run(["bash", "-c", f"printf '%s\\0' {said}"])
    found = answer.output.decode(errors="replace").split("\0")[:-1]
    for folder, path in zip(folders, found, strict=True):
        if not path.startswith("/"):
            raise ClusterError(
                f"the folder {folder!r} is {path!r} on {host.name}, expected an absolute path: it "
                "may begin with ~, or with a variable that is set there for a login shell"
            )
    return [path.rstrip("/") or "/" for path in found]


def _expandable(folder: str) -> str:
    """Write a path for between double quotes, where the shell sees variables, and nothing else."""
    if folder == "~" or folder.startswith("~/"):
        folder = "$HOME" + folder[1:]
    escaped = re.sub(r'["\\`]', r"\\\g<0>", folder)
    return re.sub(r"\$(?!\w|\{\w+\})", r"\\$", escaped)


def _host_name(name: str, value: Any) -> str:
    if not isinstance(value, str) or value.startswith("-") or not _NAME.fullmatch(value):
        raise InvalidInputError(f"`{name}` is {value!r}, expected a name or an address")
    return value


def _mapping(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise InvalidInputError(
            f"`{name}` is {value!r}, expected a dictionary {{'folder here': 'folder there'}}"
        )
    return {
        one_line(name, os.fspath(here)): one_line(name, os.fspath(there))
        for here, there in value.items()
    }
