"""A copy of a run directory on a cluster, kept in step with the directory here."""

import io
import json
import re
import tarfile
import tempfile
from collections.abc import Mapping
from typing import IO

from tramway.errors import ClusterError, NoAnswerError
from tramway.runs import RunDirectory

from .host import Answer, Host

_GROWING = ("parts", "logs", "journal")
"""Folders of files that grow at their end. Journals point into parts: they are copied last."""

_BYTES_AT_ONCE = 1 << 25
_NAME = re.compile(r"(parts|logs|journal)/[\w.+@-]+", re.ASCII)

# Journals are listed first: whatever is in the listed part of a journal is in parts listed later.
_LIST = 'cd -- "$1" && find journal parts logs -type f -printf "%s %p\\0"'
_READ = """
cd -- "$1" || exit 1
while read -r offset count name; do
    tail -c "+$((offset + 1))" -- "$name" | head -c "$count"
done
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
        description = self._run.description | {"directory_mapping": dict(directory_mapping)}
        with tempfile.TemporaryFile() as archive:
            with tarfile.open(fileobj=archive, mode="w") as tar:
                for name, text in {**files, "job.json": json.dumps(description, indent=1)}.items():
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
        """Append to the files here what is new in those there."""
        while self._fetch_some():
            pass

    def _fetch_some(self) -> bool:
        """Fetch so many bytes; tell whether there may be more."""
        pieces, room = [], _BYTES_AT_ONCE
        sizes = self._sizes()
        for name in sorted(sizes, key=lambda name: _GROWING.index(name.partition("/")[0])):
            here = self._run.path / name
            offset = here.stat().st_size if here.exists() else 0
            count = min(sizes[name] - offset, room)
            if count > 0:
                pieces.append((name, offset, count))
                room -= count
        return bool(pieces) and self._fetch_pieces(pieces) > 0 and room == 0

    def _fetch_pieces(self, pieces: list[tuple[str, int, int]]) -> int:
        """Fetch parts of files, each given by name, offset and size; return how much was of use."""
        request = "".join(f"{offset} {count} {name}\n" for name, offset, count in pieces)
        content = self._run_there(_READ, request.encode()).output
        if len(content) != sum(count for _, _, count in pieces):
            raise NoAnswerError(f"a transfer from {self._host.name} was cut short")
        begin = used = 0
        for name, _, count in pieces:
            piece = content[begin : begin + count]
            begin += count
            if name.startswith("journal/"):
                # A line in the making can still be taken back, if the disk there is full.
                piece = piece[: piece.rfind(b"\n") + 1]
            with (self._run.path / name).open("ab") as file:
                used += file.write(piece)
        return used

    def _sizes(self) -> dict[str, int]:
        """Sizes of the files that grow, journals first."""
        listed = self._run_there(_LIST).output.decode(errors="replace").split("\0")[:-1]
        sizes = {name: int(size) for size, _, name in (item.partition(" ") for item in listed)}
        return {name: size for name, size in sizes.items() if _NAME.fullmatch(name)}

    def remove(self) -> None:
        """Remove the copy."""
        self._run_there('rm -rf -- "$1"')

    def _run_there(self, script: str, stdin: bytes | IO[bytes] = b"") -> Answer:
        answer = self._host.run(["bash", "-c", script, "bash", self.path], stdin)
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
