"""Each element of the list does what the list says; in the original, too, if it is at hand."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from elements import Element, elements, failure  # noqa: E402
from page import page, told  # noqa: E402

ELEMENTS = elements()


def test_names_are_unique() -> None:
    names = [element.name for element in ELEMENTS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda element: element.name)
def test_element(element: Element) -> None:
    seen = failure(element)
    if element.status == "missing":
        assert seen is not None, "it works: take `#: missing` away"
        pytest.skip(f"not done yet: {seen}")
    assert seen is None, seen


def test_page_is_up_to_date() -> None:
    path = HERE.parents[1] / "docs" / "compatibility.md"
    written = path.read_text(encoding="utf-8")
    assert written == page(ELEMENTS), "python tests/compatibility/page.py writes it"
    readme = (HERE.parents[1] / "README.md").read_text(encoding="utf-8")
    assert readme == told(readme, ELEMENTS), "it writes these numbers, too"


@pytest.mark.slow
def test_what_is_said_to_work_does_in_the_original() -> None:
    python = os.environ.get("TRAMWAY_ORIGINAL_PYTHON")
    if not python:
        pytest.skip("TRAMWAY_ORIGINAL_PYTHON names no interpreter that has the original")
    done = subprocess.run(
        [python, str(HERE / "elements.py")], capture_output=True, text=True, check=True
    )
    lines = (line for line in done.stdout.splitlines() if line.startswith('{"name"'))
    failed = {said["name"]: said["failure"] for said in map(json.loads, lines) if said["failure"]}
    known = set((HERE / "not-in-the-original.txt").read_text().splitlines())
    wrong = {e.name for e in ELEMENTS if e.status == "works"} & failed.keys() - known
    assert not wrong, {name: failed[name] for name in sorted(wrong)}


def found_by(python: str) -> dict[str, list[float]]:
    done = subprocess.run(
        [python, str(HERE / "agreement.py")], capture_output=True, text=True, check=True
    )
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_a_script_finds_the_same_in_both() -> None:
    python = os.environ.get("TRAMWAY_ORIGINAL_PYTHON")
    if not python:
        pytest.skip("TRAMWAY_ORIGINAL_PYTHON names no interpreter that has the original")
    ours, theirs = found_by(sys.executable), found_by(python)
    assert ours.keys() == theirs.keys()
    for name, values in theirs.items():
        # Their solver stops at a relative change of 1e-5 or so of the objective.
        assert ours[name] == pytest.approx(values, rel=1e-3, abs=1e-4), name


@pytest.mark.slow
def test_the_objective_of_the_original_is_least_at_our_maps(tmp_path: Path) -> None:
    original = os.environ.get("TRAMWAY_ORIGINAL_PYTHON")
    if not original:
        pytest.skip("TRAMWAY_ORIGINAL_PYTHON names no interpreter that has the original")

    def said(python: str, *arguments: str) -> str:
        command = [python, str(HERE / "objective.py"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()[-1]

    (tmp_path / "ours.json").write_text(said(sys.executable))
    for ours, theirs in json.loads(said(original, str(tmp_path / "ours.json"))).values():
        assert theirs - 0.1 < ours <= theirs + 1e-6  # nats: theirs stops early, at the same optimum
