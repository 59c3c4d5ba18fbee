"""Commands on another host, with a program in place of ``ssh`` that runs them here."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tramway.environments.ssh import SSHHost
from tramway.errors import ClusterError, NoAnswerError

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bin")


@pytest.fixture
def ssh(programs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for ``ssh``: gives its last argument to a shell, as sshd does; notes all others."""
    program = programs / "ssh"
    program.write_text(
        '#!/bin/bash\nprintf \'%s\\n\' "${@:1:$#-1}" > "$0.args"\nexec sh -c "${@: -1}"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(programs))  # no profile of the user's
    return program


def says(ssh: Path, message: str, code: int = 255) -> None:
    ssh.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{message}\nEND\nexit {code}\n")


@pytest.mark.slow
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(arguments=st.lists(TEXT, max_size=3), stdin=st.binary(max_size=100))
def test_arguments_and_bytes_arrive_as_they_are(
    ssh: Path, arguments: list[str], stdin: bytes
) -> None:
    script = 'printf "%s\\0" "$@"; cat'
    answer = SSHHost("login").run(["bash", "-c", script, "bash", "x", *arguments], stdin)
    assert answer.code == 0
    assert answer.output == b"".join(x.encode() + b"\0" for x in ["x", *arguments]) + stdin


def test_the_user_decides_how_to_connect(ssh: Path) -> None:
    SSHHost("login", "jane").run(["true"])
    given = Path(f"{ssh}.args").read_text()
    assert given.endswith("--\njane@login\n")
    assert "BatchMode=yes" in given
    assert "StrictHostKeyChecking" not in given


def test_a_file_can_be_the_input(ssh: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"1\0\n2")
    with (tmp_path / "data").open("rb") as file:
        assert SSHHost("login").run(["cat"], file).output == b"1\0\n2"


def test_what_profiles_print_is_no_answer(
    ssh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".bash_profile").write_text("echo Welcome; export SCRATCH=/s\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert SSHHost("login").run(["bash", "-c", "echo $SCRATCH"]).output == b"/s\n"


def test_exit_codes_and_messages_come_back(ssh: Path) -> None:
    answer = SSHHost("login").run(["bash", "-c", "echo no >&2; exit 255"])
    assert (answer.code, answer.message) == (255, "no")
    assert SSHHost("login").run(["no-such-command"]).code == 127


# The messages of OpenSSH 9.
@pytest.mark.parametrize(
    ("message", "kind", "told"),
    [
        ("Host key verification failed.", ClusterError, "compare the key before you accept"),
        ("jane@login: Permission denied (publickey).", ClusterError, "without a password"),
        (
            "ssh: Could not resolve hostname login: Name or service not known",
            NoAnswerError,
            "check `hostname`",
        ),
        ("ssh: connect to host login port 22: Connection refused", NoAnswerError, "network"),
        ("ssh: connect to host login port 22: Connection timed out", NoAnswerError, "network"),
    ],
)
def test_why_there_is_no_connection_is_told(
    ssh: Path, message: str, kind: type[ClusterError], told: str
) -> None:
    says(ssh, message)
    with pytest.raises(ClusterError, match="jane@login") as caught:
        SSHHost("login", "jane").run(["true"])
    assert type(caught.value) is kind
    assert message in str(caught.value)
    assert told in str(caught.value)


def test_a_connection_that_breaks_may_be_tried_again(ssh: Path) -> None:
    ssh.write_text(
        "#!/bin/sh\nprintf '\\002tramway is connected\\003half'\n"
        "echo 'client_loop: send disconnect: Broken pipe' >&2\nexit 255\n"
    )
    with pytest.raises(NoAnswerError, match="connection to login was lost"):
        SSHHost("login").run(["cat", "/data"])


def test_a_computer_without_ssh_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClusterError, match="ssh: command not found"):
        SSHHost("login").run(["true"])


def test_a_host_that_hangs_is_given_up(ssh: Path) -> None:
    with pytest.raises(NoAnswerError, match=r"within 0\.3 s"):
        SSHHost("login").run(["sleep", "5"], timeout=0.3)
