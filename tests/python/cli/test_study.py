from click.testing import CliRunner

from tramway.cli.main import main


def test_what_cannot_be_studied(tmp_path):
    done = CliRunner().invoke(main, ["study", str(tmp_path)])
    assert done.exit_code == 1
    assert "no movies match" in done.output
    assert CliRunner().invoke(main, ["study", str(tmp_path / "absent")]).exit_code == 2
