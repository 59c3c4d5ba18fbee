"""`tramway check`."""

import json
from pathlib import Path

from click.testing import CliRunner
from tracking_samples import SAMPLES

from tramway.cli.main import main


def test_report_and_json(tmp_path: Path) -> None:
    SAMPLES["spoton"].write(tmp_path)
    SAMPLES["trackmate"].write(tmp_path)
    done = CliRunner().invoke(main, ["check", f"{tmp_path}/*"])
    assert done.exit_code == 0, done.output
    assert "model.xml: trackmate" in done.output
    assert "pixels of 0.1 µm, frames every 0.02 s" in done.output
    done = CliRunner().invoke(main, ["check", f"{tmp_path}/*", "--json"])
    assert [item["format"] for item in json.loads(done.output)] == ["trackmate", "spoton"]


def test_what_is_missing_is_said_and_can_be_given(tmp_path: Path) -> None:
    path = str(SAMPLES["mosaic"].write(tmp_path))
    done = CliRunner().invoke(main, ["check", path])
    assert done.exit_code == 1
    assert "set a.spt_data.pixel_size" in done.output
    given = ["--pixel-size", "0.1", "--frame-interval", "0.02"]
    done = CliRunner().invoke(main, ["check", path, *given])
    assert done.exit_code == 0, done.output
    assert "a.spt_data.pixel_size = 0.1" in done.output


def test_what_no_reader_knows_has_no_script_and_is_named_at_the_end(tmp_path: Path) -> None:
    path = SAMPLES["spoton"].write(tmp_path)
    (empty := tmp_path / "empty.txt").touch()
    done = CliRunner().invoke(main, ["check", str(path), str(empty)])
    assert done.exit_code == 1
    assert done.output.count("script:") == 1
    assert done.output.splitlines()[-1] == f"1 of 2 cannot be read yet: {empty}"


def test_no_such_file(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["check", str(tmp_path / "*.xml")])
    assert done.exit_code == 1
    assert "no file matches" in done.output
