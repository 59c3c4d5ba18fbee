"""Names of the columns of napari's tracks, as they are written by hand and by plugins."""

from pathlib import Path

import pytest

from tramway.data.formats import read_file


@pytest.mark.parametrize(
    "header", ["TrackID,t,y,x", "ID,T,Y,X", "track_id,t,y,x", "Track ID,T,y,x"]
)
def test_names_of_columns(header: str, tmp_path: Path) -> None:
    path = tmp_path / "tracks.csv"
    path.write_text(f"{header}\n4,0,2.5,1.5\n4,1,2.5,1.6\n")
    found = read_file(path, pixel_size=0.1, frame_interval=0.02)
    assert found.facts.format == "napari"
    assert found.trajectories.to_numpy().ravel() == pytest.approx(
        [4, 0.15, 0.25, 0, 4, 0.16, 0.25, 0.02]
    )
