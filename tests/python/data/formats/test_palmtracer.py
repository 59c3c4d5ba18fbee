"""What PALMTracer says above its tables."""

from pathlib import Path

import pytest
from tracking_samples import SAMPLES

from tramway.data.formats import Linking, read_file
from tramway.errors import FileFormatError, InvalidInputError


def test_pixels_and_frames_that_nobody_set_are_asked_for(tmp_path: Path) -> None:
    path = SAMPLES["palmtracer"].write(tmp_path)
    said = path.read_text()
    path.write_text(said.replace("\t0.1\t0.02\t", "\t0\t0\t"))
    with pytest.raises(InvalidInputError, match=r"set a\.spt_data\.pixel_size"):
        read_file(path, frame_interval=0.02)
    path.write_text(said.replace("\t0.1\t0.02\t", "\t0,1\t0,02\t"))  # of a French computer
    found = read_file(path)
    assert (found.facts.pixel_size, found.facts.frame_interval) == (0.1, 0.02)
    path.write_text(said.replace("\t0.1\t0.02\t", "\tsmall\t0.02\t"))
    with pytest.raises(FileFormatError, match=r"line 2: Pixel_Size\(um\) is 'small', expected a n"):
        read_file(path)


def test_localizations_are_linked(tmp_path: Path) -> None:
    pytest.importorskip("trackpy")
    path = tmp_path / "locPALMTracer.txt"
    path.write_text(
        "Width\tHeight\tnb_Planes\tnb_Points\tPixel_Size(um)\tFrame_Duration(s)\n"
        "329\t158\t2\t2\t0.16\t0.05\n"
        "id\tPlane\tIndex\tChannel\tIntegrated_Intensity\tCentroidX(px)\tCentroidY(px)\tCentroidZ(um)"
        "\n1\t1\t1\t0\t500\t10\t20\t0.25\n2\t2\t1\t0\t500\t11\t20\t0.5\n"
    )
    found = read_file(path, linking=Linking(0.5)).trajectories
    assert found[["x", "y", "z", "t"]].to_numpy().ravel() == pytest.approx(
        [1.6, 3.2, 0.25, 0, 1.76, 3.2, 0.5, 0.05]
    )
