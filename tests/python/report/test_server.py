import http.client
import json
import socket
import threading
from urllib.parse import urlsplit

import numpy as np
import pytest

from tramway.errors import InvalidInputError
from tramway.report import ReportServer, read_results
from tramway.report import server as server_module
from tramway.report.region import describe
from tramway.report.server import solve, weights_of


@pytest.fixture(scope="module")
def movies(results):
    return read_results([results])


@pytest.fixture(scope="module")
def server(movies):
    made = ReportServer(movies)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    yield made
    made.close()
    thread.join(10)


def ask(server, method="GET", path=None, body=None, **headers):
    """Status and content of an answer."""
    place = urlsplit(server.address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    kind = {"Content-Type": "application/json"} if method == "POST" else {}
    connection.request(method, place.path if path is None else path, body, kind | headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def solved(server, question, **headers):
    """Status and content of what a page that asks so gets; maps only, unless it says otherwise."""
    if isinstance(question, dict):
        question = {"whole": False} | question
    path = urlsplit(server.address).path + "solve"
    return ask(server, "POST", path, json.dumps(question), **headers)


def test_the_page_is_given_with_the_token_only(server):
    answer, content = ask(server)
    assert answer.status == 200
    assert b'<div id="live"' in content
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    token = urlsplit(server.address).path.strip("/")
    assert len(token) >= 32
    paths = ("/", f"/{token}", f"/{token}/x", f"/{token[:-1]}/", f"/{token}/../../etc/passwd")
    for path in (*paths, "/etc/passwd", f"/{token}/%2e%2e/cell1.rpt.rwa"):
        answer, content = ask(server, path=path)
        assert (answer.status, content) == (404, b"Not Found"), path


def test_it_is_this_computer_that_is_answered(server):
    # A name of another site that points here is not this one.
    assert ask(server, Host="example.org")[0].status == 404
    place = urlsplit(server.address)
    assert place.hostname == "127.0.0.1"
    other = socket.socket()
    try:
        with pytest.raises(OSError, match=r"refused|unreachable"):
            other.connect(("127.0.0.2", place.port))
    finally:
        other.close()


def test_maps_are_solved_with_other_weights(server, movies):
    answer, content = solved(server, {"at": 0, "weights": {"potential_prior": 100.0}})
    assert answer.status == 200
    said = json.loads(content)
    assert said["weights"]["potential_prior"] == 100
    limits = {f["name"]: f["limits"] for f in said["features"]}
    stored = movies[0].results[0].maps.maps["potential"].max()
    assert limits["potential"][1] < 0.8 * stored  # a smoother map has less relief


def test_all_there_is_to_say_is_what_a_report_says(server, movies):
    result = movies[0].results[0]
    weights = weights_of(result)
    _, content = solved(server, {"at": 0, "weights": weights})
    maps = json.loads(content)
    _, content = solved(server, {"at": 0, "weights": weights, "whole": True})
    whole = json.loads(content)
    told = describe(result)
    assert whole["status"] == told["status"]
    assert whole["findings"] == told["findings"]
    assert [w["cells"] for w in whole["wells"]] == [w["cells"] for w in told["wells"]]
    assert maps["log_evidence"] == whole["summary"]["log_evidence"]
    # The first answer has the same maps, without the goodness of fit.
    assert maps["features"] == whole["features"][:3]
    assert whole["features"][3]["name"] == "variance ratio"
    assert "wells" not in maps


def test_maps_that_were_just_solved_are_not_solved_again(movies, monkeypatch):
    calls = []
    monkeypatch.setattr(
        server_module, "solve", lambda *given: (calls.append(given), solve(*given))[1]
    )
    solver = server_module._Solver(movies[0].results)
    question = {"at": 0, "weights": {"diffusivity_prior": "auto", "potential_prior": "auto"}}
    chosen = solver.answer(question | {"whole": False})["weights"]
    solver.answer({"at": 0, "weights": chosen, "whole": True})
    assert len(calls) == 1
    solver.answer({"at": 1, "weights": chosen, "whole": True})
    assert len(calls) == 2


def test_a_connection_is_kept_until_something_is_refused(server):
    place = urlsplit(server.address)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
    connection.request("GET", place.path)
    connection.getresponse().read()
    kept = connection.sock
    assert kept is not None
    connection.request("GET", place.path)
    connection.getresponse().read()
    assert connection.sock is kept
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    assert (answer.status, answer.headers["Connection"]) == (404, "close")
    connection.close()


def test_what_is_asked_wrongly(server):
    for question, message in (
        ({"at": 99, "weights": {}}, "a number below 4"),
        ({"at": True, "weights": {}}, "a number below 4"),
        ({"at": 0, "weights": {}, "whole": 1}, "whether `whole`"),
        ({"at": 0, "weights": {"sigma": 1}}, "expected some of diffusivity_prior"),
        ({"at": 0, "weights": {"potential_prior": -1}}, "potential_prior"),
        ({"at": 0, "weights": {"potential_prior": "much"}}, "potential_prior"),
        ([], "expected `at`"),
    ):
        answer, content = solved(server, question)
        assert answer.status == 400
        assert message in json.loads(content)["error"]
    path = urlsplit(server.address).path + "solve"
    assert ask(server, "POST", path, "{")[0].status == 400
    assert ask(server, "POST", path, "{}", **{"Content-Type": "text/plain"})[0].status == 415
    assert ask(server, "POST", path, " " * 20_000)[0].status == 413
    assert ask(server, "POST", "/solve", "{}")[0].status == 404
    assert ask(server, "DELETE")[0].status == 501


def test_the_stored_weights_give_the_stored_maps(movies):
    result = movies[0].results[0]
    again = solve(result, weights_of(result))
    np.testing.assert_allclose(again.maps.maps, result.maps.maps, rtol=1e-6, atol=1e-9)


def test_maps_that_cannot_be_solved(movies):
    result = movies[0].results[0]
    own = type(result)(
        **(vars(result) | {"maps": type(result.maps)(result.maps.maps, "a function")})
    )
    assert weights_of(own) == {}
    with pytest.raises(InvalidInputError, match="cannot be solved here"):
        solve(own, {"potential_prior": 1})


def test_a_port_that_is_taken(movies, server):
    with pytest.raises(InvalidInputError, match="cannot be served on"):
        ReportServer(movies, urlsplit(server.address).port)


@pytest.mark.slow
def test_sliders_in_a_browser(server, open_page):
    page = open_page(server.address)
    relief = "window.tramway.results[0].features.find(f => f.name === 'potential').limits[1]"
    before = page.evaluate(relief)
    page.locator("[id='weight potential_prior']").focus()
    page.keyboard.press("End")
    page.wait_for_function(f"{relief} < {0.5 * before}")
    assert "solved in" in page.locator("#solved").inner_text()
    page.wait_for_selector("body:not(.partial)")
    page.click("#stored")
    page.wait_for_function(f"Math.abs({relief} - {before}) < 1e-3")
    page.click("#auto")
    page.wait_for_function("document.querySelector('#solved').innerText.includes('evidence')")
    page.click("#next")
    page.wait_for_selector("body[data-shown='1']")
    assert page.locator("#live input").count() == 2


@pytest.mark.slow
def test_maps_are_painted_first_and_the_rest_when_the_slider_rests(server, open_page):
    page = open_page(server.address)
    page.evaluate("""() => {
        const ask = window.fetch;
        window.asked = [];
        window.fetch = async (...given) => {
            const { whole } = JSON.parse(given[1].body);
            window.asked.push(whole);
            if (whole) await new Promise((done) => { window.answer = done; });
            return ask(...given);
        };
        const drawn = (name) => Bokeh.documents[0].get_model_by_name(name).data;
        window.seen = () => [drawn("cells 1").share[0], drawn("dots 1").y.at(-1),
                             drawn("cells 3").share[0], drawn("depths 1").text.length];
    }""")
    share, value, fit, wells = page.evaluate("window.seen()")
    assert wells == 1
    # Three steps at once: between keys, a busy machine may rest for as long as the slider has to.
    page.evaluate("""() => {
        const slider = document.getElementById("weight potential_prior");
        slider.focus();
        for (let step = 0; step < 3; step++) {
            slider.stepUp();
            slider.dispatchEvent(new Event("input"));
        }
    }""")
    page.wait_for_function("Boolean(window.answer)")
    now = page.evaluate("window.seen()")
    assert now[0] != share  # the map
    assert now[1:] == [value, fit, 0]  # the others as they were, but for wells of other weights
    assert page.locator("body.partial #wells").count() == 1
    page.evaluate("window.answer()")
    page.wait_for_selector("body:not(.partial)")
    now = page.evaluate("window.seen()")
    assert now[1] != value
    assert now[2] != fit
    assert now[3] == 1
    assert page.evaluate("window.asked.filter((whole) => whole).length") == 1


@pytest.mark.slow
def test_a_region_left_too_early_is_made_whole_when_it_is_seen_again(server, open_page):
    page = open_page(server.address)
    page.locator("[id='weight potential_prior']").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("body.partial")
    page.click("#next")
    page.wait_for_selector("body[data-shown='1']:not(.partial)")
    page.click("#previous")
    page.wait_for_selector("body[data-shown='0']:not(.partial)")
    wells = "Bokeh.documents[0].get_model_by_name('depths 1').data.text.length"
    page.wait_for_function(f"{wells} === 1")
