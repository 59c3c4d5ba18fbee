"""Another computer, through the user's own ``ssh``."""

import re
import shlex
from collections.abc import Sequence
from typing import IO

from tramway.errors import ClusterError, NoAnswerError

from .host import Answer, ThisHost

_CONNECTED = b"\x02tramway is connected\x03"
"""Written before anything else: what comes earlier was said by the profiles of the login shell."""

# All else is the user's to configure: keys, jump hosts, known hosts, shared connections.
_OPTIONS = (
    "BatchMode=yes",  # nobody is there to answer a question
    "ConnectTimeout=30",
    "ServerAliveInterval=20",  # a connection that is lost without a word ends after a minute
    "ServerAliveCountMax=3",
)

_HOST_KEY = re.compile("host key verification failed|identification has changed", re.IGNORECASE)
_REFUSED = re.compile("permission denied|too many authentication failures", re.IGNORECASE)


class SSHHost:
    """A computer that ``ssh NAME`` leads to without asking for a password.

    The connection is what the user's configuration says it is: keys, jump hosts, shared
    connections. A host whose key is unknown is refused unless that configuration accepts it.

    Parameters
    ----------
    hostname
        Name or address, or an alias in the configuration.
    username
        Name of the user there; None: as the configuration says.
    """

    def __init__(self, hostname: str, username: str | None = None) -> None:
        self._hostname = hostname
        self.name = hostname if username is None else f"{username}@{hostname}"
        self._here = ThisHost()

    def run(
        self, command: Sequence[str], stdin: bytes | IO[bytes] = b"", timeout: float | None = None
    ) -> Answer:
        """Run a command there, in a login shell; see :class:`tramway.environments.host.Host`."""
        said = f"printf '\\002tramway is connected\\003'; exec {shlex.join(command)}"
        options = [word for option in _OPTIONS for word in ("-o", option)]
        # The outer command is for whatever shell the user has there, hence as plain as can be.
        remote = shlex.join(["exec", "bash", "-lc", said])
        answer = self._here.run(
            ["ssh", "-T", *options, "--", self.name, remote], stdin, timeout=timeout
        )
        _, connected, output = answer.output.partition(_CONNECTED)
        if not connected:
            raise self._failure(answer)
        if answer.code == 255 and re.search("closed|broken pipe|timeout", answer.message, re.I):
            raise NoAnswerError(f"the connection to {self.name} was lost: {answer.message}")
        return Answer(answer.code, output, answer.message)

    def _failure(self, answer: Answer) -> ClusterError:
        """Tell why there is no connection."""
        said = answer.message or answer.text or f"ssh ended with code {answer.code}"
        command = f"ssh {self.name}"
        if _HOST_KEY.search(said):
            return ClusterError(
                f"the key of host {self.name} is not known, or not the one that is: connect once "
                f"with `{command}` in a terminal, and compare the key before you accept it\n{said}"
            )
        if _REFUSED.search(said):
            return ClusterError(
                f"{self.name} refuses the login: check `username`, and that `{command}` works in a "
                "terminal without a password (ssh-copy-id installs a key there; where there is a "
                f"second factor, ControlMaster in ~/.ssh/config shares a connection)\n{said}"
            )
        return NoAnswerError(
            f"{self.name} cannot be reached: check `hostname`, the network, and that `{command}` "
            f"works in a terminal\n{said}"
        )
