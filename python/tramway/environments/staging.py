"""Data on a cluster: found where they are expected, or copied there."""

import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tramway.errors import ClusterError

from .host import Host

_SHOWN = 10
"""So many files an error lists one by one."""

# One line per path: its size, and its hash if the size is the expected one.
_EXAMINE = """
while IFS= read -r -d '' size && IFS= read -r -d '' path; do
    if [ ! -f "$path" ] || [ ! -r "$path" ]; then echo missing
    elif [ "$(stat -L -c %s -- "$path")" != "$size" ]; then stat -L -c %s -- "$path"
    else echo "$size $(sha256sum < "$path" | cut -d ' ' -f 1)"; fi
done
"""
_RECEIVE = """
umask 077 && mkdir -p -- "${1%/*}" && cat > "$1.part-$$" && mv -- "$1.part-$$" "$1"
"""


@dataclass(frozen=True)
class SourceFile:
    """A file of trajectories on this computer.

    Attributes
    ----------
    path
        Where it is.
    size, sha256
        What its content is.
    """

    path: str
    size: int
    sha256: str

    @classmethod
    def at(cls, path: str) -> "SourceFile":
        """Read the file at a path."""
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            return cls(path, file.tell(), digest.hexdigest())


def mapped(path: str, directory_mapping: Mapping[str, str]) -> str:
    """Tell where a file of this computer is expected on the cluster.

    The longest folder of `directory_mapping` that the file is in decides; without one, the path is
    the same.
    """
    here = PurePosixPath(path)
    inside = [folder for folder in directory_mapping if here.is_relative_to(folder)]
    if not inside:
        return path
    folder = max(inside, key=len)
    return str(PurePosixPath(directory_mapping[folder]) / here.relative_to(folder))


def check_data(
    host: Host, files: Iterable[SourceFile], directory_mapping: Mapping[str, str]
) -> None:
    """Check that the data are on the cluster, the same as here.

    Raises
    ------
    ClusterError
        If not; the message lists the files.
    """
    absent = {
        file: problem
        for file, problem in _problems(host, files, directory_mapping).items()
        if problem is not None
    }
    if absent:
        shown = [
            f"- {mapped(file.path, directory_mapping)}: {problem}"
            for file, problem in list(absent.items())[:_SHOWN]
        ]
        if len(absent) > _SHOWN:
            shown.append(f"- and {len(absent) - _SHOWN} more")
        listed = "\n".join(shown)
        raise ClusterError(
            f"{len(absent)} files are not on {host.name} as they are here, nothing was submitted: "
            "copy them there, or say where they are, a.env.directory_mapping = {'folder here': "
            f"'folder there'}}, or have them copied, a.env.stage_data = True\n{listed}"
        )


def copy_data(
    host: Host, files: Iterable[SourceFile], directory_mapping: Mapping[str, str], folder: str
) -> dict[str, str]:
    """Copy what is missing on the cluster, and nothing over what is there.

    Parameters
    ----------
    host
        Where to.
    files
        What is needed.
    directory_mapping
        Where it is expected.
    folder
        Where copies go: one folder per content, which later runs find again.

    Returns
    -------
    dict
        The mapping, in which each file that is not where it was expected has an entry of its own.
    """
    mapping = dict(directory_mapping)
    absent = [
        file
        for file, problem in _problems(host, files, directory_mapping).items()
        if problem is not None
    ]
    mapping |= {
        file.path: f"{folder}/{file.sha256[:32]}/{PurePosixPath(file.path).name}" for file in absent
    }
    for file, problem in _problems(host, absent, mapping).items():
        if problem is not None:
            with Path(file.path).open("rb") as content:
                answer = host.run(["bash", "-c", _RECEIVE, "bash", mapping[file.path]], content)
            if answer.code != 0:
                raise ClusterError(
                    f"{file.path} cannot be copied to {host.name}: "
                    f"{answer.message or f'exit code {answer.code}'}"
                )
    check_data(host, absent, mapping)
    return mapping


def _problems(
    host: Host, files: Iterable[SourceFile], directory_mapping: Mapping[str, str]
) -> dict[SourceFile, str | None]:
    """Tell of each file what is wrong with it on the cluster; None: it is the same as here."""
    files = list(files)
    if not files:
        return {}
    with tempfile.TemporaryFile() as request:
        for file in files:
            path = mapped(file.path, directory_mapping)
            request.write(f"{file.size}\0{path}\0".encode())
        request.seek(0)
        answer = host.run(["bash", "-c", _EXAMINE], request)
    lines = answer.text.splitlines()
    if answer.code != 0 or len(lines) != len(files):
        raise ClusterError(f"the data on {host.name} cannot be examined: {answer.message}")
    return {file: _problem(file, line) for file, line in zip(files, lines, strict=True)}


def _problem(file: SourceFile, line: str) -> str | None:
    if line == f"{file.size} {file.sha256}":
        return None
    size = line.partition(" ")[0]
    if size == "missing":
        return "missing"
    if size != str(file.size):
        return f"another file, of {size} bytes instead of {file.size}"
    return "another file, of the same size"
