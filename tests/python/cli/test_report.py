import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tramway.cli.main import main


def test_a_report_is_written(declare, data, tmp_path):
    declare().run()
    output = tmp_path / "page.html"
    done = CliRunner().invoke(main, ["report", str(data), "-o", str(output), "--title", "Mine"])
    assert done.exit_code == 0, done.output
    assert done.output == f"report: {output}\n"
    assert "<title>Mine</title>" in output.read_text(encoding="utf-8")


def test_what_cannot_be_reported(tmp_path):
    done = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert done.exit_code == 1
    assert "has no .rwa files" in done.output
    assert CliRunner().invoke(main, ["report", str(tmp_path / "absent")]).exit_code == 2
    assert CliRunner().invoke(main, ["report"]).exit_code == 2


@pytest.mark.parametrize("verb", ["serve", "report"])
def test_linear_algebra_has_one_thread_from_its_loading_on(verb: str, tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        f"from tramway.cli.report import {verb}\n"
        "assert 'numpy' not in sys.modules\n"
        "try:\n"
        f"    {verb}.main([sys.argv[1]], standalone_mode=False)\n"
        "except Exception as error:\n"  # there are no results
        "    print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    for given, expected in (({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")):
        ended = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            env={k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"} | given,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert ended.stdout.split()[-1] == expected
