"""Each reader has its section in the documentation, whose example runs."""

import re
from pathlib import Path

import numpy as np
import pytest
from tracking_samples import MOVIE, SAMPLES

from tramway.analyzer import RWAnalyzer
from tramway.data.formats import READERS

PAGE = Path(__file__).parents[4] / "docs" / "formats.md"


def sections() -> dict[str, str]:
    """Text of each section of a format, by its title."""
    formats = PAGE.read_text(encoding="utf-8").partition("\n## Formats\n")[2]
    parts = re.split(r"^### ", formats, flags=re.MULTILINE)[1:]
    return dict(part.split("\n", 1) for part in parts)


def test_each_reader_has_a_section() -> None:
    assert list(sections()) == [reader.name for reader in READERS]


def test_each_reader_is_in_the_table() -> None:
    rows = re.findall(r"^\| \[(\S+)\]\(#(\S+)\) ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(reader.name, reader.name) for reader in READERS]


@pytest.mark.parametrize("name", SAMPLES)
def test_table_says_what_is_to_be_set(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith(f"| [{name}]")]
    said = row.split("|")[-2]
    for setting in SAMPLES[name].settings:
        assert setting in said or "both" in said or "does not say" in said
    assert SAMPLES[name].has_tracks != ("linking" in said)


@pytest.mark.parametrize("name", SAMPLES)
def test_example_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for needed in {"geff": ["zarr"], "parquet": ["pyarrow"]}.get(name, []):
        pytest.importorskip(needed)
    if not SAMPLES[name].has_tracks:
        pytest.importorskip("trackpy")
    (tmp_path / "data").mkdir()
    SAMPLES[name].write(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    [code] = re.findall(r"```python\n(.*?)```", sections()[name], flags=re.DOTALL)
    a = RWAnalyzer()
    exec(code, {"a": a})
    assert a.spt_data[0].facts.format == name
    found = a.spt_data.dataframe.sort_values("x")
    np.testing.assert_allclose(found["x"], np.sort(MOVIE["x"]), rtol=1e-12)
