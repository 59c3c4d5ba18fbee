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
