"""Tables of trackpy's that are not as usual; see test_readers for those that are."""

from pathlib import Path

import pytest

from tramway.data.formats import read_localizations


def test_features_in_depth_that_are_not_linked(tmp_path: Path) -> None:
    """In three dimensions trackpy has no eccentricity, and a precision for each axis."""
    path = tmp_path / "a.csv"
    path.write_text(
        ",z,y,x,mass,size_z,size_y,size_x,signal,raw_mass,ep_z,ep_y,ep_x,frame\n"
        "0,3,10.1,20.2,500,2,2,2,10,800,0.1,0.3,0.4,0\n"
        "1,4,10.1,20.3,500,2,2,2,10,800,0.1,0.3,0.4,1\n"
    )
    reader, read, _ = read_localizations(path)
    assert (reader.name, read.length_unit) == ("trackpy", "px")
    # The root mean square of 0.3 and 0.4.
    assert read.columns["localization_precision"].tolist() == pytest.approx([0.125**0.5] * 2)
