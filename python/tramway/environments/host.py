"""Where the commands of a batch system are run: on this computer, or on another one."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, Protocol

from tramway.errors import NoAnswerError

NOT_FOUND = 127
"""Exit code by which shells say that there is no such command."""


@dataclass(frozen=True)
class Answer:
    """What came of a command.

    Attributes
    ----------
    code
        Its exit code; zero means success.
    output
        What it wrote to its standard output.
    message
        What it wrote to its standard error.
    """

    code: int
    output: bytes
    message: str

    @property
    def text(self) -> str:
        """The output as text, without blanks around it."""
        return self.output.decode(errors="replace").strip()


class Host(Protocol):
    """Runs commands."""

    @property
    def name(self) -> str:
        """What to call it in messages."""
        ...

    def run(
        self, command: Sequence[str], stdin: bytes | IO[bytes] = b"", timeout: float | None = None
    ) -> Answer:
        """Run a command and wait for it.

        Parameters
        ----------
        command
            The program and its arguments, each of which arrives as it is.
        stdin
            Its standard input: bytes, or an open file.
        timeout
            Most time for it, s.

        Raises
        ------
        ClusterError
            If the host refuses the connection.
        NoAnswerError
            If it does not answer, or not within `timeout`.
        """
        ...


class ThisHost:
    """The computer that this process runs on."""

    name = "this computer"

    def run(
        self, command: Sequence[str], stdin: bytes | IO[bytes] = b"", timeout: float | None = None
    ) -> Answer:
        """Run a command and wait for it; see :class:`Host`."""
        is_content = isinstance(stdin, bytes)
        given: dict[str, Any] = {"input" if is_content else "stdin": stdin}
        try:
            done = subprocess.run(command, capture_output=True, timeout=timeout, **given)
        except FileNotFoundError:
            return Answer(NOT_FOUND, b"", f"{command[0]}: command not found")
        except subprocess.TimeoutExpired:
            raise NoAnswerError(f"`{command[0]}` did not answer within {timeout:g} s") from None
        return Answer(done.returncode, done.stdout, done.stderr.decode(errors="replace").strip())
