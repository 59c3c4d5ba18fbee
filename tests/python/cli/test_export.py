"""`tramway export`."""

from pathlib import Path

from click.testing import CliRunner

from tramway.cli.main import main
from tramway.files import Analysis, save_rwa


def test_mistakes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.rwa"
    save_rwa(path, Analysis(None))
    for arguments, message in (
        ([str(path), "-o", str(tmp_path / "a.csv")], "no maps in"),
        (
            [str(path), "-o", str(tmp_path / "a.csv"), "--pattern", "{a}/b.rwa"],
            "is not as `pattern`",
        ),
        ([str(tmp_path / "none.rwa"), "-o", str(tmp_path / "a.csv")], "none.rwa"),
    ):
        result = CliRunner().invoke(main, ["export", *arguments])
        assert result.exit_code == 1
        assert message in result.output
        assert not (tmp_path / "a.csv").exists()
