"""A run on a cluster that is another folder of this computer."""

import subprocess
from pathlib import Path

import pytest

from tramway.environments.host import ThisHost
from tramway.environments.slurm_over_ssh import RunThere, _expandable
from tramway.errors import ClusterError
from tramway.runs import NewRun, RunDirectory


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("1\t0\t0\t0\n")
    with NewRun(tmp_path / "run") as draft:
        draft.add_task({"source": 0, "region": "roi000", "steps": [{}]}, 10)
        return draft.finish({"files": [str(tmp_path / "data" / "a.txt")]}, None)


def there(run: RunDirectory, tmp_path: Path, *, is_staging: bool = False) -> RunThere:
    mapping = {str(tmp_path / "data"): str(tmp_path / "data there")}
    return RunThere(run, ThisHost(), f"{tmp_path}/scratch", mapping, is_staging=is_staging)


def test_nothing_is_there_until_it_is_put(run: RunDirectory, tmp_path: Path) -> None:
    place = there(run, tmp_path)
    assert not (tmp_path / "scratch").exists()
    with pytest.raises(ClusterError, match=r"data there/a\.txt: missing"):
        place.prepare()
    place.put("slurm.sh", "true\n")
    assert Path(place.path).is_relative_to(tmp_path / "scratch" / "tramway-runs")
    assert Path(place.path, "slurm.sh").read_text() == "true\n"
    place.remove()
    assert not Path(place.path).exists()


def test_the_ranks_are_told_where_data_are(
    run: RunDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/jane")
    place = there(run, tmp_path, is_staging=True)
    place.prepare()
    place.put("slurm.sh", "true\n")
    mapping = RunDirectory(place.path).description["directory_mapping"]
    # The first that fits counts: the file, before the folder it is in.
    assert list(mapping)[:2] == [str(tmp_path / "data" / "a.txt"), str(tmp_path / "data")]
    assert mapping["/home/jane"] == "/home/jane"
    copied = Path(mapping[str(tmp_path / "data" / "a.txt")])
    assert copied.read_text() == "1\t0\t0\t0\n"
    assert list(place.folders) == [place.path, str(copied.parent)]


def test_a_run_that_is_planned_anew_has_a_copy_of_its_own(
    run: RunDirectory, tmp_path: Path
) -> None:
    path = there(run, tmp_path).path
    assert there(RunDirectory(run.path), tmp_path).path == path
    with NewRun(run.path) as draft:
        again = draft.finish(run.description, None)
    assert there(again, tmp_path).path != path


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("~/runs", "/home/j d/runs"),
        ("$SCRATCH/it's", "/s/it's"),
        ("${SCRATCH}x", "/sx"),
        ('/a "b" `c` $(d) \\ ~', '/a "b" `c` $(d) \\ ~'),
    ],
)
def test_variables_are_those_of_the_cluster(folder: str, expected: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'printf %s "{_expandable(folder)}"'],
        env={"HOME": "/home/j d", "SCRATCH": "/s", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == expected


@pytest.mark.parametrize("scratch", ["$NO_SUCH_VARIABLE", "scratch"])
def test_a_folder_that_comes_out_relative_is_refused(run: RunDirectory, scratch: str) -> None:
    with pytest.raises(ClusterError, match="expected an absolute path"):
        RunThere(run, ThisHost(), scratch, {}, is_staging=False)
