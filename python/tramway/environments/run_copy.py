"""A copy of a run directory on a cluster, kept in step with the directory here."""

import io
import re
import tarfile
import tempfile
from collections.abc import Mapping
from typing import IO

from tramway.errors import ClusterError, NoAnswerError
from tramway.runs import RunDirectory, append, sealed

from .host import Answer, Host

_GROWING = ("parts", "logs", "journal")
"""Folders of files that grow at their end."""

_BYTES_AT_ONCE = 1 << 25
_NAME = re.compile(r"(parts|logs|journal)/[\w.+@-]+", re.ASCII)

_LIST = 'cd -- "$1" && find parts logs journal -type f -printf "%s %p\\0"'

# Given what is known of each file, write what is new: how much, the name, and the bytes. Journals
# are looked at first and read last: whatever they point to is in the parts then.
_READ_NEW = """
cd -- "$1" || exit 1
room=$2
declare -A known
while read -r size name; do known[$name]=$size; done
growing() { find "$@" -maxdepth 1 -type f ! -name "*[!A-Za-z0-9_.+@-]*" -printf "%s %p\\0"; }
mapfile -d "" -t journals < <(growing journal)
mapfile -d "" -t others < <(growing parts logs)
for file in "${others[@]}" "${journals[@]}"; do
    size=${file%% *} name=${file#* }
    offset=${known[$name]:-0}
    count=$((size - offset < room ? size - offset : room))
    [ "$count" -gt 0 ] || continue
    printf "%s %s\\0" "$count" "$name"
    tail -c "+$((offset + 1))" -- "$name" | head -c "$count"
    room=$((room - count))
done
printf "0 end\\0"
"""
_UNPACK = 'umask 077 && mkdir -p -- "$1" && tar -x --no-same-owner -C "$1" -f -'


class RunCopy:
    """Copy of a run directory on a host of the cluster.

    What workers append to the files there is appended to the files of the same names here; the
    other way round when the copy is made, or made again.

    Parameters
    ----------
    run
        The run directory here.
    host
        The host that has the copy.
    path
        Absolute path of the copy there.
    """

    def __init__(self, run: RunDirectory, host: Host, path: str) -> None:
        self._run = run
        self._host = host
        self.path = path

    def push(self, files: Mapping[str, str], directory_mapping: Mapping[str, str]) -> None:
        """Make or complete the copy.

        Parameters
        ----------
        files
            Content of further files, by name.
        directory_mapping
            Where the folders of this computer are there, for the copy of the description.
        """
        there = self._sizes() if self.exists() else {}
        # The first that fits is taken: the narrowest has to come first.
        mapping = dict(sorted(directory_mapping.items(), key=lambda item: -len(item[0])))
        description = self._run.description | {"directory_mapping": mapping}
        with tempfile.TemporaryFile() as archive:
            with tarfile.open(fileobj=archive, mode="w") as tar:
                _add(tar, "job.json", sealed(description))
                for name, text in files.items():
                    _add(tar, name, text.encode())
                for folder in _GROWING:
                    _add_folder(tar, folder)
                for path in sorted(self._run.path.rglob("*")):
                    name = path.relative_to(self._run.path).as_posix()
                    is_known = name in there and there[name] >= path.stat().st_size
                    if path.is_file() and name not in ("job.json", "lock", *files) and not is_known:
                        tar.add(path, name)
            archive.seek(0)
            self._run_there(_UNPACK, archive)

    def exists(self) -> bool:
        """Whether there is a copy."""
        return self._host.run(["test", "-f", f"{self.path}/job.json"]).code == 0

    def fetch(self) -> None:
        """Append to the files here what is new in those there.

        Raises
        ------
        NoAnswerError
            If the connection broke; what came through is kept.
        """
        while self._fetch_some() == _BYTES_AT_ONCE:
            pass

    def _fetch_some(self) -> int:
        """Fetch at most so many bytes; return how many came."""
        known = "".join(
            f"{path.stat().st_size} {folder}/{path.name}\n"
            for folder in _GROWING
            for path in (self._run.path / folder).iterdir()
        )
        answer = self._run_there(_READ_NEW, known.encode(), str(_BYTES_AT_ONCE))
        rest, total = answer.output, 0
        while rest:
            header, _, rest = rest.partition(b"\0")
            size, _, name = header.decode(errors="replace").partition(" ")
            if name == "end":
                return total
            count = int(size)
            piece, rest = rest[:count], rest[count:]
            if len(piece) < count:
                break
            self._append(name, piece)
            total += count
        raise NoAnswerError(f"a transfer from {self._host.name} was cut short")

    def _append(self, name: str, content: bytes) -> None:
        if not _NAME.fullmatch(name):
            return
        if name.startswith("journal/"):
            # A line in the making can still be taken back, if the disk there is full.
            content = content[: content.rfind(b"\n") + 1]
        append(self._run.path / name, content)

    def _sizes(self) -> dict[str, int]:
        """Sizes of the files that grow."""
        listed = self._run_there(_LIST).output.decode(errors="replace").split("\0")[:-1]
        sizes = {name: int(size) for size, _, name in (item.partition(" ") for item in listed)}
        return {name: size for name, size in sizes.items() if _NAME.fullmatch(name)}

    def remove(self) -> None:
        """Remove the copy."""
        self._run_there('rm -rf -- "$1"')

    def _run_there(self, script: str, stdin: bytes | IO[bytes] = b"", *arguments: str) -> Answer:
        answer = self._host.run(["bash", "-c", script, "bash", self.path, *arguments], stdin)
        if answer.code != 0:
            raise ClusterError(
                f"the run directory {self.path} on {self._host.name} cannot be used: "
                f"{answer.message or f'exit code {answer.code}'}"
            )
        return answer


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _add_folder(tar: tarfile.TarFile, name: str) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, 0o700
    tar.addfile(member)
