"""What Icy's tracks hold beside what was seen."""

from pathlib import Path

from tramway.data.formats import read_file


def test_detections_that_were_filled_in_are_left_out(tmp_path: Path) -> None:
    rows = "".join(
        f'<detection t="{t}" x="{1 + t}" y="2" z="0" type="{kind}"/>'
        for t, kind in enumerate([1, 2, 1])
    )
    path = tmp_path / "a.xml"
    path.write_text(
        '<root><trackfile version="1"/><trackgroup description="a">'
        f'<track id="-77">{rows}</track><track id="5"></track></trackgroup></root>'
    )
    reading = read_file(path, pixel_size=0.1, frame_interval=0.02)
    assert reading.trajectories["t"].tolist() == [0.0, 0.04]
    assert any("1 detections that Icy filled in" in note for note in reading.facts.notes)
