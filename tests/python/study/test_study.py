import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from tramway.cli.main import main
from tramway.data import Well, simulate
from tramway.errors import InvalidInputError
from tramway.inference import find_domains
from tramway.report import read_results
from tramway.study import run_study

pytestmark = pytest.mark.slow

DIFFUSIVITY = {"control": 0.1, "drug": 0.2}  # µm²/s


def write_study(folder, movies=3):
    for number, (condition, diffusivity) in enumerate(DIFFUSIVITY.items()):
        (folder / condition).mkdir(parents=True)
        for movie in range(movies):
            simulate(
                track_count=150,
                track_length=20,
                frame_interval=0.02,
                lower=(0, 0),
                upper=(2, 2),
                diffusivity=diffusivity,
                wells=[Well((1, 1), 4, 0.25)],
                localization_precision=0.015,
                seed=10 * number + movie,
            ).to_csv(
                folder / condition / f"cell{movie}.rpt.txt", sep="\t", index=False, header=False
            )


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("Data & so on")
    write_study(folder)
    return run_study(folder, model="dv")


@pytest.mark.parametrize("model", ["dv", "best", "tracks.dv"])
def test_what_the_data_decide_is_not_asked_for(tmp_path, model):
    write_study(tmp_path, movies=1)
    found = run_study(tmp_path, model=model, resolution=0.4, localization_precision=0.015)
    assert found.regions["diffusivity"].between(0.08, 0.25).all()
    assert (found.regions["wells"] >= 1).all()  # of 4 kT, with 2,850 displacements
    if model == "dv":  # tracks share the noise of localizations
        for movie in read_results([tmp_path]):
            assert movie.results[0].maps.attributes["noise_correction"] is True


def test_the_known_effect_is_found(study):
    row = study.differences[study.differences["quantity"] == "diffusivity"].iloc[0]
    assert (row["condition"], row["reference"]) == ("drug", "control")
    # Both are too low by the same share in the well, whose force changes along a displacement.
    assert row["ratio"] == pytest.approx(2.0, rel=0.1)
    assert row["p"] < 0.01
    wells = study.differences[study.differences["quantity"] == "deepest well"]
    assert not (wells["p"] < 0.01).any()  # they are the same
    compared = {"diffusivity", "wells", "deepest well", "diameter", "residence time"}
    assert set(study.differences["quantity"]) == compared


def test_precisions_that_files_say_are_theirs(tmp_path):
    # Written as saSPT does, in pixels of 0.1 µm; the errors differ from track to track.
    write_study(tmp_path, movies=1)
    for path in [*tmp_path.rglob("*.txt")]:
        table = pd.read_csv(path, sep="\t", names=["trajectory", "x", "y", "t"])
        table["frame"] = (table.pop("t") / 0.02).round().astype(int)
        error = np.where(table["trajectory"] % 2, 0.1, 0.2)
        table = table.assign(x=table["x"] / 0.1, y=table["y"] / 0.1, y_err=error, x_err=error)
        columns = ["y", "x", "y_err", "x_err", "frame", "trajectory"]
        table[columns].to_csv(path.with_suffix(".csv"), index=False)
        path.unlink()
    found = run_study(tmp_path, pixel_size=0.1, frame_interval=0.02, model="dv")
    assert "those of the files" in found.notes[0]
    (movie,) = read_results([tmp_path / "drug"])
    assert np.unique(movie.results[0].partition.points["localization_precision"]).size > 1
    again = run_study(
        tmp_path, pixel_size=0.1, frame_interval=0.02, localization_precision=0.015, model="dv"
    )
    assert again.regions["diffusivity"][0] != found.regions["diffusivity"][0]


def test_tables_of_regions_and_wells(study):
    assert len(study.regions) == 6
    assert (study.regions["diffusivity std"] < 0.1 * study.regions["diffusivity"]).all()
    likely = study.wells[study.wells["probability"] > 0.5]
    assert set(likely["movie"]) <= {"cell0.rpt", "cell1.rpt", "cell2.rpt"}
    assert (abs(likely["x"] - 1) < 0.3).mean() > 0.7
    # What `find_domains` tells.
    result = read_results([study.folder.parent / "control" / "cell0.rpt.rwa"])[0].results[0]
    domains = find_domains(result.maps)
    of_movie = study.wells[(study.wells["condition"] == "control")]
    of_movie = of_movie[of_movie["movie"] == "cell0.rpt"]
    for name in ("depth", "diameter", "escape time", "residence time", "residence time std"):
        np.testing.assert_allclose(of_movie[name], domains[name], rtol=1e-12)
    deepest = study.regions.iloc[0]
    assert deepest["residence time"] == of_movie["residence time"].iloc[0]
    written = pd.read_csv(study.folder / "regions.csv")
    assert list(written) == list(study.regions)


def test_a_page_for_each_movie_each_condition_and_the_comparison(study):
    pages = sorted(p.relative_to(study.folder).as_posix() for p in study.folder.rglob("*.html"))
    movies = [f"{name}/cell{k}.rpt.html" for name in DIFFUSIVITY for k in range(3)]
    assert pages == sorted(["comparison.html", "control.html", "drug.html", *movies])
    text = (study.folder / "comparison.html").read_text(encoding="utf-8")
    assert "<svg" in text
    assert "drug / control" in text
    for note in ("localization precision 0.0", "µm apart", "dense regions were found"):
        assert note in text


def test_it_is_done_again_without_work(study, caplog):
    caplog.set_level("INFO", "tramway.analyzer")
    again = run_study(study.folder.parent, model="dv")
    pd.testing.assert_frame_equal(again.regions, study.regions)
    assert "0 tasks" in caplog.text


def test_the_comparison_in_a_browser(study, browser):
    page = browser.new_page(viewport={"width": 375, "height": 700})
    said = []
    page.on("console", lambda m: said.append(m.text))
    page.goto((study.folder / "comparison.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.locator("svg").count() == 5  # a figure for each quantity
    assert page.locator("svg").last.is_visible()
    page.click("text=drug >> nth=0")
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#heading").inner_text().startswith("cell0.rpt")
    assert not [text for text in said if "rror" in text]
    page.close()


def test_what_is_no_study(tmp_path):
    write_study(tmp_path, movies=1)
    with pytest.raises(InvalidInputError, match="`unit` is 'region'"):
        run_study(tmp_path, unit="region")
    with pytest.raises(InvalidInputError, match="`reference` is 'placebo'"):
        run_study(tmp_path, reference="placebo")
    (copy := tmp_path / "drug" / "cell0.rpt.dat").write_bytes(
        (tmp_path / "drug" / "cell0.rpt.txt").read_bytes()
    )
    with pytest.raises(InvalidInputError, match=r"rpt\.dat' and .*rpt\.txt' would be in one file"):
        run_study(tmp_path)
    copy.unlink()
    for path in tmp_path.rglob("*.txt"):
        path.write_text("what\never\n")
    with pytest.raises(InvalidInputError, match=r"none of 2 movies can be read.*cell0.*which no"):
        run_study(tmp_path)


def test_a_movie_that_cannot_be_read_is_left_out_and_named(tmp_path):
    write_study(tmp_path, movies=2)
    (tmp_path / "control" / "empty.txt").touch()
    (tmp_path / "drug" / "my notes.txt").write_text("cell 2 looks ill\n")
    (tmp_path / "drug" / "pixels.csv").write_text("x,y,frame,particle\n1,1,0,0\n1,2,1,0\n")
    done = CliRunner().invoke(main, ["study", str(tmp_path), "--model", "d"])
    assert done.exit_code == 1
    assert "failed: control/empty: read: the file is empty" in done.output
    assert "failed: drug/my notes: read: the file begins with 'cell 2 looks ill'" in done.output
    assert "set --pixel-size, in µm" in done.output
    assert "NaN" not in done.output
    regions = pd.read_csv(tmp_path / "study" / "regions.csv")
    assert set(regions["movie"]) == {"cell0.rpt", "cell1.rpt"}
    page = (tmp_path / "study" / "comparison.html").read_text(encoding="utf-8")
    assert "my notes" in page


def test_what_fails_is_told_and_the_rest_compared(tmp_path):
    write_study(tmp_path, movies=2)
    run_study(tmp_path, model="dv")  # of dense regions: their maps are none of what follows
    for movie in tmp_path.rglob("cell*.txt"):
        boxes = ["x min\ty min\tx max\ty max", "0.4\t0.4\t1.6\t1.6"]
        outside = ["30\t30\t31\t31"] if movie.stem.startswith("cell1") else []
        regions = movie.with_name(f"{movie.stem}-roi.txt")
        regions.write_text("\n".join([*boxes, *outside]) + "\n")
    (tmp_path / "drug" / "bare.txt").write_bytes(movie.read_bytes())
    found = run_study(tmp_path, model="dv", roi_suffix="roi")
    assert found.failures[["condition", "movie", "region"]].to_numpy().tolist() == [
        ["control", "cell1.rpt", "roi001"],
        ["drug", "bare", ""],
        ["drug", "cell1.rpt", "roi001"],
    ]
    assert found.failures["reason"][0].startswith("tessellate: the region has no translocation")
    assert "no region file beside" in found.failures["reason"][1]
    assert set(found.regions["region"]) == {"roi000"}
    assert set(found.differences["quantity"]) >= {"diffusivity"}
    for page in ("comparison", "control", "control/cell1.rpt"):
        text = (found.folder / f"{page}.html").read_text(encoding="utf-8")
        assert page != "comparison" or "the region has no translocation" in text
    assert len(pd.read_csv(found.folder / "failures.csv")) == 3


def test_maps_that_cannot_be_saved_are_no_study(tmp_path):
    write_study(tmp_path, movies=1)
    for movie in tmp_path.rglob("cell*.txt"):
        movie.with_name(f".{movie.stem}.rwa.lock").mkdir()  # since root may write anywhere
    done = CliRunner().invoke(main, ["study", str(tmp_path), "--model", "d"])
    assert done.exit_code == 1
    assert "Error: there are no maps, as of save: " in done.output
    assert not (tmp_path / "study").exists()


def test_a_movie_without_a_dense_region_is_left_out_and_named(tmp_path):
    write_study(tmp_path, movies=1)
    movie = tmp_path / "drug" / "cell0.rpt.txt"
    lines = movie.read_text().splitlines(keepends=True)
    (tmp_path / "drug" / "poor.txt").write_text("".join(lines[:400]))
    found = run_study(tmp_path, model="dv")
    assert found.failures["movie"].tolist() == ["poor"]
    assert "a dense region needs 1000" in found.failures["reason"][0]
    assert set(found.regions["movie"]) == {"cell0.rpt"}
    for path in tmp_path.rglob("cell0.rpt.txt"):
        path.write_text("".join(lines[:400]))
    with pytest.raises(InvalidInputError, match=r"no movie has a region to map; regions: .*needs"):
        run_study(tmp_path, model="dv")
    done = CliRunner().invoke(main, ["study", str(tmp_path), "--pattern", "*/poor.txt"])
    assert done.exit_code == 1
    assert "no movie has a region" in done.output


def test_one_condition_is_compared_with_nothing_and_that_is_said_once(tmp_path):
    write_study(tmp_path, movies=1)
    (tmp_path / "control" / "cell0.rpt.txt").unlink()
    found = run_study(tmp_path, model="dv")
    assert found.differences.empty
    [note] = [note for note in found.notes if "compared" in note]
    assert "all movies are of the condition" in note


def test_units_that_are_none_of_molecules_and_single_movies_are_notes(tmp_path):
    write_study(tmp_path, movies=1)
    for path in tmp_path.rglob("*.txt"):
        table = pd.read_csv(path, sep="\t", names=["n", "x", "y", "t"])
        table[["x", "y"]] *= 1000  # nm
        table.to_csv(path, sep="\t", index=False, header=False)
    wrong = run_study(tmp_path, model="d")
    assert "the units of 2 of 2 movies look wrong" in wrong.notes[0]
    assert any("wider than the image of a molecule" in note for note in wrong.notes)
    found = run_study(tmp_path, model="d", coord_scale=0.001)
    assert found.regions["diffusivity"].between(0.05, 0.3).all()
    assert not [note for note in found.notes if "look wrong" in note]
    [note] = [note for note in found.notes if "there is one" in note]
    assert "one cell of control, drug" in note
    assert "`unit` 'movie'" not in note  # there is one movie, too
    text = (found.folder / "comparison.html").read_text(encoding="utf-8")
    assert "neither intervals nor p values" in text
