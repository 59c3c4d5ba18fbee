"""The page as somebody uses it, in a browser."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tramway.report import write_report

pytestmark = pytest.mark.slow

SCREENSHOT = Path(__file__).parents[3] / "docs" / "report.png"
PHONE = 375  # pixels


# Of figures that are seen, as Bokeh draws them.
FIGURE_SIZES = """() => Object.values(Bokeh.index)
    .filter(view => view.el.offsetParent).map(view => [view.bbox.width, view.bbox.height])"""


def shown(page: Any, at: int) -> None:
    page.wait_for_selector(f"body[data-shown='{at}']")


def drawn(page: Any) -> None:
    """Wait until the browser has drawn what has happened so far, and what follows from it."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def source(page: Any, name: str) -> dict[str, list[Any]]:
    """Data of a source of the figures."""
    return page.evaluate(
        "name => Object.fromEntries(Object.entries("
        "Bokeh.documents[0].get_model_by_name(name).data).map(([k, v]) => [k, Array.from(v)]))",
        name,
    )


def limits(page: Any, panel: int) -> tuple[float, float]:
    return tuple(
        page.evaluate(
            "n => { const m = Bokeh.documents[0].get_model_by_name(`bar colors ${n}`);"
            "return [m.low, m.high]; }",
            panel,
        )
    )


def point_at(page: Any, figure: str, x: float = 0.5, y: float = 0.5) -> tuple[float, float]:
    """Move the mouse to a place of a figure, from 0 to 1 along either axis."""
    box = page.locator(figure).first.bounding_box()
    place = box["x"] + x * box["width"], box["y"] + y * box["height"]
    page.mouse.move(place[0] - 3, place[1] - 3)
    page.mouse.move(*place)
    return place


def point_at_a_cell(page: Any, figure: str) -> tuple[float, float]:
    """Move the mouse about in a figure, until a cell is pointed at."""
    page.locator(figure).scroll_into_view_if_needed()
    for part in range(15, 85, 3):
        place = point_at(page, figure, 0.55, part / 100)
        drawn(page)
        if page.evaluate("window.tramway.state.row") >= 0:
            return place
    raise AssertionError(f"no cell in {figure}")


def cell_said(page: Any) -> str:
    return page.locator("#cell").inner_text()


def test_everything_is_there_without_a_network(report, open_page):
    page = open_page(report)
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0
    assert "2 movies, 4 maps of 4 regions" in page.locator("#overview").inner_text()
    assert page.locator(".panel:visible").count() == 4
    titles = [page.locator(f"#panel{n}").get_attribute("aria-label") for n in range(4)]
    for title, name in zip(titles, ("diffusivity", "potential", "force", "variance"), strict=True):
        assert name in title
    assert page.locator("#table tbody tr").count() == 4
    for name in ("#wells table", "#settings table", "#warnings", "#sources table", "#script"):
        assert page.locator(name).first.is_visible()


def test_what_failed_is_seen_with_its_reason(failed, tmp_path, open_page):
    page = open_page(write_report([failed], tmp_path / "report.html"))
    assert "1 failed" in page.locator("#overview").inner_text()
    assert page.locator("#table tbody tr").count() == 2
    for place in ("#table tr.failed", "#failures li"):
        said = page.locator(place).inner_text()
        assert "roi002" in said
        assert "the region has no translocation" in said
    page.set_viewport_size({"width": 375, "height": 700})
    page.wait_for_function("document.documentElement.scrollWidth <= 375")  # once it is drawn anew


def test_the_bar_of_colors_is_painted_when_its_limits_change(report, open_page):
    # Not whenever one of the glyphs of its map gets its colours: most of the time of a switch.
    page = open_page(report)
    page.evaluate("""() => { window.painted = 0;
        const { color_mapper } = Bokeh.documents[0].get_model_by_name("bar 0");
        color_mapper.metrics_change.connect(() => window.painted++, window); }""")
    page.click("#next")
    shown(page, 1)
    page.wait_for_function("window.painted >= 1")
    page.wait_for_timeout(300)  # in which it would be painted more often
    assert page.evaluate("window.painted") <= 3


def test_regions_are_chosen_by_buttons_lists_keys_and_clicks(report, open_page):
    page = open_page(report)
    page.click("#next")
    shown(page, 1)
    page.click("#previous")
    shown(page, 0)
    assert page.locator("#previous").is_disabled()
    page.keyboard.press("n")
    shown(page, 1)
    page.keyboard.press("p")
    shown(page, 0)
    page.select_option("#region", "1")
    shown(page, 1)
    page.select_option("#movie", "cell2.rpt")
    shown(page, 2)
    assert page.locator("#heading").inner_text().startswith("cell2.rpt, roi000")
    page.locator("#table .link").nth(3).click()
    shown(page, 3)
    assert "chosen" in page.locator("#table tbody tr").nth(3).get_attribute("class")
    page.locator("#field").scroll_into_view_if_needed()  # which waits until it is at rest
    drawn(page)
    page.mouse.click(*point_at(page, "#field", 0.35, 0.5))  # in the left one of two boxes
    shown(page, 2)


def test_pointing_at_a_cell_marks_it_everywhere(report, open_page):
    page = open_page(report)
    point_at_a_cell(page, "#panel0 .map")
    marked = [source(page, f"pointed {n}") for n in range(4)]
    assert len(marked[0]["xs"]) == 1
    assert all(mark == marked[0] for mark in marked)
    dots = [source(page, f"pointed dot {n}") for n in range(4)]
    assert all(len(dot["x"]) == 1 for dot in dots)
    text = cell_said(page)
    for name in ("diffusivity", "µm²/s", "potential", "kT", "force", "±"):
        assert name in text
    # The value that is read is the value that is drawn.
    said = re.search(r"potential (-?[0-9.]+) ±", text)
    assert float(said[1]) == pytest.approx(dots[1]["y"][0], abs=0.06)


def test_a_click_keeps_a_cell_and_escape_lets_go(report, open_page):
    page = open_page(report)
    page.mouse.click(*point_at_a_cell(page, "#panel1 .map"))
    page.wait_for_function("window.tramway.state.kept >= 0")
    kept = cell_said(page)
    page.mouse.move(5, 5)
    assert cell_said(page) == kept
    page.locator("#panel1").focus()
    page.keyboard.press("Escape")
    assert "Point at a cell" in cell_said(page)


def test_arrow_keys_walk_from_cell_to_cell(report, open_page):
    page = open_page(report)
    page.locator("#panel1").focus()
    walked = []
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
        walked.append(cell_said(page).split("translocations")[0])
    assert len(set(walked)) >= 4
    page.keyboard.press("Enter")  # lets the kept cell go
    assert page.evaluate("window.tramway.state.kept") == -1


def test_the_list_of_values_is_linked_too(report, open_page):
    page = open_page(report)
    point_at_a_cell(page, "#panel0 .values")
    assert len(source(page, "pointed 2")["xs"]) == 1


def test_standard_deviations_and_one_scale_for_all(report, open_page):
    page = open_page(report)
    own = limits(page, 1)
    values = source(page, "cells 1")["share"]
    page.select_option("#shown", "errors")
    assert "standard deviation" in page.locator("#panel1").get_attribute("aria-label")
    assert source(page, "cells 1")["share"] != values
    page.select_option("#shown", "values")
    page.check("#shared")
    every = page.evaluate(
        "window.tramway.results.map(r => r.features.find(f => f.name === 'potential').limits)"
    )
    assert limits(page, 1) == (min(low for low, _ in every), max(high for _, high in every))
    page.uncheck("#shared")
    assert limits(page, 1) == own


def test_the_table_is_sorted_by_its_titles(report, open_page):
    page = open_page(report)
    title = page.locator("#table th button", has_text="translocations")
    title.click()
    column = page.locator("#table tbody tr td:nth-child(5)")
    counts = [int(text) for text in column.all_inner_texts()]
    assert counts == sorted(counts)
    title.click()
    assert [int(text) for text in column.all_inner_texts()] == sorted(counts, reverse=True)
    assert page.locator("#table th[aria-sort=descending]").count() == 1


def test_wells_are_outlined_with_their_depths(report, open_page):
    page = open_page(report)
    depths = source(page, "depths 1")["text"]
    assert len(depths) == 1
    assert "±" in depths[0]
    assert depths[0] in page.locator("#wells").inner_text()
    assert len(source(page, "wells 1 black")["xs"]) >= 6  # a hexagon at least
    assert source(page, "wells 0 black")["xs"] == []  # on the potential alone


def test_the_script_is_copied_and_the_page_is_printed(report, open_page):
    page = open_page(report)
    page.evaluate("window.print = () => { window.printed = true; }")
    page.click("#print")
    assert page.evaluate("window.printed")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#copy")
    page.wait_for_function("document.querySelector('#copied').innerText === 'copied'")
    assert page.evaluate("navigator.clipboard.readText()").startswith("from tramway.analyzer")


def test_printed_to_pdf(report, open_page, tmp_path):
    page = open_page(report)
    sizes = page.evaluate(FIGURE_SIZES)
    page.emulate_media(media="print")
    page.wait_for_timeout(300)
    assert page.evaluate(FIGURE_SIZES) == sizes  # Bokeh cuts figures that are zoomed by a style
    assert not page.locator("#controls").is_visible()
    assert page.locator("#panel0").is_visible()
    height = page.evaluate("document.querySelector('#script').clientHeight")
    assert height == page.evaluate("document.querySelector('#script').scrollHeight")
    content = page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") >= 2


def test_on_a_telephone_nothing_is_wider_than_the_screen(report, open_page):
    page = open_page(report, PHONE, 700)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    for name in ("#field", "#panel0", "#panel3"):
        box = page.locator(name).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE
    page.click("#next")
    shown(page, 1)
    page.click("#previous")
    shown(page, 0)
    assert page.locator("#wells td").count() >= 7
    for cell in page.locator("#wells td, #settings td").all():  # nothing behind an edge
        box = cell.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE


def test_segments_of_time_are_walked_through(segments, open_page, tmp_path):
    page = open_page(write_report([segments], tmp_path / "report.html"))
    assert page.locator("#time").is_visible()
    first = source(page, "cells 0")
    assert page.locator("#interval").inner_text() == "0 to 0.2 s"
    page.locator("#segment").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#interval").inner_text() == "0.2 to 0.4 s"
    assert source(page, "cells 0")["share"] != first["share"]
    assert page.locator(".panel:visible").count() >= 1
    assert "without a potential" in page.locator("#wells").inner_text()


def test_cells_in_three_dimensions_have_tables_and_it_is_said(spatial, open_page, tmp_path):
    page = open_page(write_report([spatial], tmp_path / "report.html"))
    assert page.locator(".panel:visible").count() == 0
    assert "in three dimensions" in page.locator("#undrawn").inner_text()
    assert not page.locator("#legend").is_visible()
    assert not page.locator("#cell").is_visible()
    assert page.locator("#table tbody tr").count() == 1


def test_the_picture_in_the_documentation(report, open_page, tmp_path):
    page = open_page(report, 1320, 1330)
    page.locator("#panel1").focus()
    page.evaluate("document.activeElement.blur()")
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(500)
    update = os.environ.get("TRAMWAY_WRITE_PICTURES")
    path = SCREENSHOT if update else tmp_path / "report.png"
    page.screenshot(path=path)
    assert 10_000 < path.stat().st_size < 400_000
    assert SCREENSHOT.is_file()
