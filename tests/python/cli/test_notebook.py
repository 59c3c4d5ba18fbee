"""Notebooks without Jupyter."""

import json
import re
import subprocess
import sys

import pytest

from tramway.cli.script import execute
from tramway.errors import FileFormatError

pytest.importorskip("nbformat", reason="notebooks need nbformat")
pytest.importorskip("IPython", reason="notebooks need IPython")


@pytest.fixture
def notebook(tmp_path):
    def write(*cells: str, version: int = 4):
        path = tmp_path / "standard pipeline.ipynb"
        code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        if version == 4:
            content = {"cells": [{**code, "source": cell} for cell in cells]}
            text = {"cell_type": "markdown", "metadata": {}, "source": "# not 1 code"}
            content["cells"].insert(1, text)
        else:  # what IPython wrote until 2015
            old = [
                {"cell_type": "code", "input": c, "outputs": [], "language": "python"}
                for c in cells
            ]
            content = {"worksheets": [{"cells": old}]}
        minor = {4: 4, 3: 0}[version]
        path.write_text(
            json.dumps({**content, "metadata": {}, "nbformat": version, "nbformat_minor": minor})
        )
        return path

    return write


@pytest.mark.parametrize("version", [4, 3])
def test_cells_share_a_namespace(notebook, capsys, version):
    path = notebook(
        "import sys\nx = 1\ndef f(): return x",
        "print(f() + x, __name__, sys.argv, sys.modules['__main__'].f is f)",
        "try:\n    __file__\nexcept NameError:\n    print('as in Jupyter')",
        version=version,
    )
    assert execute(path, ["a"]) == 0
    assert capsys.readouterr().out == f"2 __main__ {[str(path), 'a']} True\nas in Jupyter\n"


def test_magics_leave_a_note(notebook, capsys):
    path = notebook(
        "%matplotlib inline\nimport os\n!pip install \\\n   nothing\nx = 7",
        "if x:\n    %cd /tmp\n    !rm -rf x\nfiles = !ls\nprint(x, files)",
        "%%bash\necho no",
        "s = '''\n%not magic\n!nor this'''\nprint(s)\ny = (x\n% 4)\nprint(y)\nos?",
    )
    assert execute(path) == 0
    seen = capsys.readouterr()
    assert seen.out == "7 []\n\n%not magic\n!nor this\n3\n"
    notes = re.findall(r"note: .*, cell (\d): not done outside of Jupyter: (.*)", seen.err)
    assert [(int(cell), what.split()[0]) for cell, what in notes] == [
        (1, "%matplotlib"),
        (1, "!pip"),
        (2, "%cd"),
        (2, "!rm"),
        (2, "!ls"),
        (3, "%%bash"),
        (4, "%pinfo"),
    ]


def test_python_inside_of_magics_is_executed(notebook, capsys):
    path = notebook("%time x = 1", "%%time\n%matplotlib inline\nx += 1", "%%capture out\nprint(x)")
    assert execute(path) == 0
    assert capsys.readouterr().out == "2\n"


def test_errors_tell_the_cell_and_the_line(notebook, capsys):
    assert execute(notebook("x = 1", "%cd /\n\n1 / 0")) == 1
    error = capsys.readouterr().err
    assert 'pipeline.ipynb, cell 2", line 3, in <module>\n    1 / 0\n' in error
    assert "notebook.py" not in error


def test_exit_codes(notebook):
    assert execute(notebook("import sys", "sys.exit(3)", "1 / 0")) == 3


def test_nothing_is_executed_if_a_cell_is_no_python(notebook, capsys):
    with pytest.raises(FileFormatError, match="cell 2, line 2: "):
        execute(notebook("print(1)", "x = 1\nfor"))
    assert capsys.readouterr().out == ""


def test_what_is_no_notebook_is_refused(tmp_path):
    path = tmp_path / "a.ipynb"
    for content in ("", "{}", "[1]", '{"nbformat": 4'):
        path.write_text(content)
        with pytest.raises(FileFormatError, match=r"a\.ipynb cannot be read as a notebook"):
            execute(path)


@pytest.mark.slow
def test_a_missing_package_is_told(notebook):
    script = (
        "import sys; sys.modules['nbformat'] = None\n"
        "from tramway.cli.script import execute; from pathlib import Path\n"
        f"execute(Path({str(notebook('1'))!r}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    last = done.stderr.splitlines()[-1]
    assert re.search(r"MissingPackageError: .*tramway-rs\[notebook\].*jupyter nbconvert", last)
