"""The standard pipeline without a script."""

import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from tramway.cli.configuration import analyzer_of, read
from tramway.cli.main import main
from tramway.files import read_rwa


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(main, ["run", *map(str, arguments)])


def counts(result):
    """Numbers of tasks done, skipped and failed, as printed."""
    said = re.match(r"(\d+) tasks done, (\d+) skipped, (\d+) failed\n", result.stdout)
    return tuple(map(int, said.groups()))


def maps(folder):
    """Maps of every region, to the last bit."""
    return {
        (path.name, label): tree[label]["stochastic.dv"].data.maps.to_numpy().tobytes()
        for path in sorted(folder.glob("movies/*.rwa"))
        for tree in [read_rwa(path)]
        for label in tree
    }


@pytest.mark.slow
def test_a_file_is_run_and_run_again(run, folder):
    result = run(folder / "job.toml")
    assert result.exit_code == 0, result.output
    assert counts(result) == (8, 0, 0)
    found = maps(folder)
    assert len(found) == 4
    for path in folder.glob("movies/*.rwa"):
        path.unlink()
    analyzer_of(read(folder / "job.toml")).run()
    assert maps(folder) == found
    assert counts(run(folder / "job.toml")) == (0, 8, 0)


@pytest.mark.slow
def test_options_alone_say_the_same(run, folder, monkeypatch):
    run(folder / "job.toml")
    expected = maps(folder)
    for path in folder.glob("movies/*.rwa"):
        path.unlink()
    monkeypatch.chdir(folder)
    result = run(
        *("--data", "movies/a.rpt.txt", "--data", "movies/b.rpt.txt", "--roi-suffix", "roi"),
        *("--localization-precision", "0.02", "--tesseller", "hexagon", "--resolution", "0.3"),
        *("--mapper", "stochastic.dv", "--prior", "diffusivity=20", "--prior", "potential=1"),
    )
    assert result.exit_code == 0, result.output
    assert maps(folder) == expected


@pytest.mark.slow
def test_options_replace_what_the_file_says(run, folder):
    assert run(folder / "job.toml").exit_code == 0
    before = maps(folder)
    result = run(folder / "job.toml", "--prior", "potential=2")
    assert counts(result) == (4, 4, 0)
    changed = maps(folder)
    assert changed.keys() == before.keys()
    assert all(changed[key] != before[key] for key in before)


def test_a_failed_task_is_told_by_the_exit_code(run, folder):
    with (folder / "movies/a.rpt-roi.txt").open("a") as file:
        file.write("70\t71\t70\t71\n")  # outside of the data
    result = run(folder / "job.toml")
    assert result.exit_code == 1
    assert re.search(r"Error: 1 of 9 tasks failed.*roi002: the region has no", result.stderr, re.S)
    assert len(maps(folder)) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "there are no data: give --data"),
        (("--data", *[__file__] * 3), "has to be in quotes"),  # as the shell fills in a pattern
        (("--data", "no.txt"), r"[spt_data] no file matches 'no.txt'"),
        (("--mapper", "dw"), "[mapper] mapper plugin 'dw' is unknown"),
        (("--prior", "potential"), "'potential', expected NAME=WEIGHT"),
        (("--mapper", "dv", "--prior", "potential=aut"), "`potential_prior` is 'aut'"),
        (("--worker-count", "0"), "[environment] `worker_count` is 0"),
        (("no.toml",), "'no.toml' does not exist"),
    ],
)
def test_what_cannot_be_run_is_told_at_once(run, arguments, message):
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.slow
def test_files_of_tracking_programs_are_run_by_options(run, folder, monkeypatch):
    monkeypatch.chdir(folder)
    movie = pd.read_csv("movies/a.rpt.txt", sep="\t", names=["n", "x", "y", "t"])
    with Path("movies/a.xml").open("w") as file:  # as TrackMate exports tracks
        print('<Tracks spaceUnits="micron" frameInterval="0.02" timeUnits="sec">', file=file)
        for _, track in movie.groupby("n"):
            print("<particle>", file=file)
            for row in track.itertuples():
                print(f'<detection t="{row.t / 0.02:.0f}" x="{row.x}" y="{row.y}"/>', file=file)
            print("</particle>", file=file)
        print("</Tracks>", file=file)
    cells = ("--tesseller", "hexagon", "--resolution", "0.3")
    result = run("--data", "movies/*.xml", "--mapper", "d", *cells)
    assert result.exit_code == 0, result.output
    (label,) = read_rwa("movies/a.rwa")
    assert len(read_rwa("movies/a.rwa")[label]["d"].data) > 0


@pytest.mark.slow
def test_columns_that_the_file_names_hold_for_other_files(run, folder):
    movie = pd.read_csv(folder / "movies/a.rpt.txt", sep="\t", names=["n", "x", "y", "t"])
    movie[["n", "t", "y", "x"]].to_csv(folder / "movies/c.txt", index=False, header=False, sep=" ")
    text = (folder / "job.toml").read_text()
    text = text.replace("[spt_data]", '[spt_data]\ncolumns = ["n", "t", "y", "x"]')
    (folder / "job.toml").write_text(
        text.replace('[roi]\nfrom_ascii_files = { suffix = "roi" }', "")
    )
    result = run(folder / "job.toml", "--data", folder / "movies/c.txt")
    assert result.exit_code == 0, result.output
