"""The command line of `tramway-mpi`, in one process: tests/cluster has the real launchers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mpi4py", reason="tramway-mpi needs mpi4py")

from tramway.cli import mpi


@pytest.fixture
def asked(monkeypatch):
    """Request, or exit code, of a command line."""

    def ask(*arguments, rank="0"):
        monkeypatch.setattr(sys, "argv", ["tramway-mpi", *arguments])
        monkeypatch.setenv("PMI_SIZE", "2")
        monkeypatch.setenv("PMI_RANK", rank)
        return mpi._request()

    return ask


def test_options_after_the_script_are_those_of_the_script(asked):
    found = asked("--threads", "3", "a.py", "--threads", "x", "--help", "-v", "--", "y")
    assert found == mpi.Request("a.py", ("--threads", "x", "--help", "-v", "--", "y"), 3)
    assert asked("run", "--mapper", "dv") == mpi.Request("run", ("--mapper", "dv"), 1)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--help"], 0, "mpirun -n 8 tramway-mpi NOTEBOOK.ipynb\n"),
        ([], 2, "Missing argument"),
        (["--threads", "0", "a.py"], 2, "0 is not in the range"),
        (["--tread", "1", "a.py"], 2, "No such option"),
    ],
)
def test_only_the_first_process_speaks(asked, capsys, arguments, code, message):
    assert asked(*arguments, rank="1") == code
    assert capsys.readouterr() == ("", "")
    assert asked(*arguments) == code
    assert message in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (["no.py"], "no such file: no.py"),
        (["a.txt"], "expected .py or .ipynb"),
        (["."], "is not a run directory"),
        (["run", "--mapper", "dw"], "mapper plugin 'dw' is unknown"),
        (["run", "no.toml"], "'no.toml' does not exist"),
    ],
)
def test_what_cannot_be_done_is_told(what, message, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    from tramway.environments.mpi import MPI

    request = mpi.Request(what[0], tuple(what[1:]), 1)
    assert mpi._lead(request, MPI(None, 0)) == 2
    assert message in capsys.readouterr().err


@pytest.mark.slow
def test_threads_are_set_before_numpy_is_loaded(tmp_path: Path):
    (tmp_path / "a.py").write_text(
        "import os\n"
        "from tramway import _core\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'], _core.thread_count())\n"
    )
    loaded = "import sys, tramway.cli.mpi; print('numpy' in sys.modules)"
    for command, expected in [
        (["-c", loaded], "False\n"),
        (["-m", "tramway.cli.mpi", "a.py"], "1 1\n"),
        (["-m", "tramway.cli.mpi", "--threads", "2", "a.py"], "2 2\n"),
    ]:
        path = os.pathsep.join(filter(None, sys.path))
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
        )
        if "MissingPackageError" in done.stderr or "mpi4py cannot be used" in done.stderr:
            pytest.skip("there is no MPI")
        assert (done.stdout, done.returncode) == (expected, 0), done.stderr
