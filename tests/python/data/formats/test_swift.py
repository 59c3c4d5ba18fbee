"""Tracks and segments of swift."""

from pathlib import Path

import pytest
from tracking_samples import SAMPLES

from tramway.data.formats import read_file
from tramway.errors import InvalidInputError


def test_segments_can_be_the_tracks(tmp_path: Path) -> None:
    path = SAMPLES["swift"].write(tmp_path)
    found = read_file(path, frame_interval=0.02, options={"tracks": "seg.id"})
    # The third molecule has two segments of three localizations.
    assert found.trajectories["n"].value_counts().to_dict() == {10: 6, 20: 6, 30: 3, 31: 3}
    with pytest.raises(InvalidInputError, match=r"`tracks` is 'id', expected 'track.id' or"):
        read_file(path, options={"tracks": "id"})


def test_immobile_segments_are_left_out_when_that_is_asked_for(tmp_path: Path) -> None:
    path = SAMPLES["swift"].write(tmp_path)
    kept = read_file(path, frame_interval=0.02)
    assert len(kept.trajectories) == 18
    assert any("17% of localizations are in immobile" in note for note in kept.facts.notes)
    moving = read_file(path, frame_interval=0.02, options={"drop_immobile": True})
    assert sorted(moving.trajectories["n"].value_counts()) == [3, 6, 6]


@pytest.mark.parametrize(("unit", "scale"), [("px", 10.0), ("µm", 1.0)])
def test_other_units_are_those_of_the_header(unit: str, scale: float, tmp_path: Path) -> None:
    path = tmp_path / "cell.tracked.csv"
    header = f"frame,x [{unit}],y [{unit}],z [nm],track.id,seg.id"
    path.write_text(
        f"{header}\n1,{1.5 * scale},{2.5 * scale},100,7,1\n2,{1.6 * scale},{2.5 * scale},140,7,2\n"
    )
    options = {"tracks": "seg.id"}
    size = 0.1 if unit == "px" else None
    found = read_file(path, pixel_size=size, frame_interval=0.02, options=options)
    assert found.facts.format == "swift"
    table = found.trajectories[["n", "x", "y", "z", "t"]].to_numpy().ravel().tolist()
    assert table == pytest.approx([1, 1.5, 2.5, 0.1, 0, 2, 1.6, 2.5, 0.14, 0.02])
