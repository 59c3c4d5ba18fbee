import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from tramway.files import read_rwa
from tramway.report import read_results
from tramway.report.provenance import script_of
from tramway.report.region import describe


def run(script: str, folder) -> str:
    path = folder / "again.py"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, os.fspath(path)], capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("which", ["results", "segments"])
def test_the_script_makes_the_results_again(which, request, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(request.getfixturevalue(which), folder)
    stored = {path: read_rwa(path) for path in sorted(folder.glob("*.rwa"))}
    script = script_of(read_results([folder]))
    compile(script, "again.py", "exec")
    for path in stored:
        path.unlink()
    run(script, tmp_path)
    for path, before in stored.items():
        after = read_rwa(path)
        assert after.labels == before.labels
        for region in before:
            assert after[region].record == before[region].record
            for label in before[region]:
                # Equal records, and the same bits.
                assert after[region][label].record == before[region][label].record
                np.testing.assert_array_equal(
                    after[region][label].data.maps, before[region][label].data.maps
                )


def test_results_without_a_record_are_named(results):
    [movie] = read_results([results / "cell1.rpt.rwa"])
    movie.results[:] = [
        type(result)(**(vars(result) | {"record": None})) for result in movie.results
    ]
    script = script_of([movie])
    assert "# No record says how these were made: cell1.rpt, roi000, stochastic.dv;" in script
    compile(script, "again.py", "exec")


@pytest.mark.slow
def test_polygons_are_in_the_script_and_on_the_page(polygons, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(polygons, folder)
    (stored,) = folder.glob("*.rwa")
    before = read_rwa(stored)
    results = read_results([folder])
    outlines = {result.region: describe(result)["outline"] for result in results[0].results}
    assert outlines["nucleus"] == [
        [[[0, 0], [2, 0], [2, 2], [0, 2]], [[0.6, 0.6], [1.2, 0.6], [1.2, 1.2]]]
    ]
    assert outlines["roi001"] == [[[[2, 2], [3, 2], [3, 3]]]]
    script = script_of(results)
    stored.unlink()
    run(script, tmp_path)
    after = read_rwa(stored)
    assert list(after) == list(before) == ["nucleus", "roi001"]
    for region in before:
        assert after[region].record == before[region].record
        np.testing.assert_array_equal(
            after[region]["stochastic.dv"].data.maps, before[region]["stochastic.dv"].data.maps
        )
