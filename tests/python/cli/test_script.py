"""Scripts see what they would see under `python`, which is run to compare."""

import subprocess
import sys
from pathlib import Path

import pytest

from tramway.cli.script import execute
from tramway.errors import InvalidInputError

SEEN = """
import os, pickle, sys

def f():
    return 1

print(__name__, __file__, sys.argv, sys.path[0], os.getcwd(), sys._getframe().f_lineno)
print(sys.modules["__main__"].f is f, pickle.loads(pickle.dumps(f)) is f)
{end}
"""


@pytest.fixture
def script(tmp_path):
    def write(end: str):
        path = tmp_path / "some scripts" / "a=1, b.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(SEEN.format(end=end))
        return path

    return write


@pytest.mark.parametrize(
    "end",
    [
        "",
        "sys.exit()",
        "sys.exit(3)",
        "sys.exit('words')",
        "import json; json.loads('[')",
        "raise KeyboardInterrupt",
        "def g(): 1 / 0\ng()",
    ],
)
@pytest.mark.parametrize("given", ["relative", "absolute"])
def test_as_under_python(script, monkeypatch, capfd, end, given):
    path = script(end)
    monkeypatch.chdir(path.parent.parent)
    if given == "relative":
        path = path.relative_to(path.parent.parent)
    arguments = ["--x=1", "y z"]
    command = [sys.executable, "-X", "frozen_modules=off", path, *arguments]
    expected = subprocess.run(command, capture_output=True, text=True)
    state = sys.argv, sys.path[:], sys.modules["__main__"]
    code = execute(path, arguments)
    assert (sys.argv, sys.path, sys.modules["__main__"]) == state
    seen = capfd.readouterr()
    # Python ends with the signal itself; a shell calls that 128 + SIGINT.
    assert code == {-2: 130}.get(expected.returncode, expected.returncode)
    # `python` makes the folder of the script absolute, and its name in some versions only.
    assert seen.out.replace(f" {path} ", " ") == expected.stdout.replace(
        f" {path.absolute()} ", " "
    ).replace(f" {path} ", " ")
    lines = [line for line in expected.stderr.splitlines() if "^" not in line]
    found = [line for line in seen.err.splitlines() if "^" not in line]
    assert [line.replace(f"{path.absolute()}", f"{path}") for line in lines] == found


def test_what_is_no_script_is_refused(tmp_path):
    with pytest.raises(InvalidInputError, match=r"ends in '\.sh', expected \.py or \.ipynb"):
        execute(tmp_path / "a.sh")
    with pytest.raises(InvalidInputError, match=rf"no such file: .* {Path.cwd()}"):
        execute(tmp_path / "a.py")
