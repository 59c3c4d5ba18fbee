"""The page on this computer, with maps that are solved anew as weights of priors change."""

import hmac
import json
import secrets
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tramway.arguments import checked
from tramway.errors import InvalidInputError, TramwayError

from .page import render_report
from .region import describe, describe_maps
from .results import MapResult, MovieResults

_HOST = "127.0.0.1"
_LONGEST_QUESTION = 10_000  # bytes
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'unsafe-inline'; img-src data:; font-src data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def weights_of(result: MapResult) -> dict[str, float | None]:
    """Weights of priors that maps can be solved with anew, and their values; none if they cannot.

    Parameters
    ----------
    result
        Maps of any model. Those of tracks, or of the original or a function, have none.
    """
    model = result.maps.model
    if model is None or model.of_tracks or model.likelihood is None:
        return {}
    said: Mapping[str, Any] = result.maps.attributes
    return {
        name: said.get(name)
        for name, parameter in model.parameters.items()
        if parameter.weighs and not parameter.in_time
    }


def solve(result: MapResult, weights: Mapping[str, Any]) -> MapResult:
    """Infer the maps of a region again, with other weights of priors; all else stays.

    Parameters
    ----------
    result
        Maps that have :func:`weights_of`.
    weights
        Numbers ≥ 0, ``'auto'`` or None, by name.

    Raises
    ------
    InvalidInputError
        If a name is no weight of the model, or a value is none.
    """
    model, known = result.maps.model, weights_of(result)
    unknown = [name for name in weights if name not in known]
    if model is None or not known or unknown:
        raise InvalidInputError(
            f"`weights` are of {', '.join(map(str, weights)) or 'nothing'}, expected some of "
            f"{', '.join(known) or 'none: these maps cannot be solved here'}"
        )
    said: Mapping[str, Any] = result.maps.attributes
    given = {name: said[name] for name in model.parameters if name in said} | dict(weights)
    maps = model.infer(
        result.partition,
        localization_precision=said.get("sigma") or 0.0,
        exposure_time=said.get("exposure_time") or 0.0,
        mode=result.maps.mode,
        **model.checked(given),
    )
    return replace(result, maps=maps, record=None)


class _Solver:
    """Solves and describes what the page asks for: the maps at once, all else when it asks again.

    A slider on the move needs maps only; their wells, times and warnings take longer than they do.
    """

    def __init__(self, results: Sequence[MapResult]) -> None:
        self._results = results
        self._one_at_a_time = threading.Lock()
        self._latest: tuple[int, MapResult, float] | None = None

    def answer(self, question: Any) -> dict[str, Any]:
        """Describe maps solved with some weights; all there is to say of them if `whole`."""
        at, weights, whole = _question(question, len(self._results))
        with self._one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the page tells them among its remarks
            solved, seconds = self._solved(at, weights)
            said = describe(solved, in_file=False) if whole else describe_maps(solved)
            return said | {"weights": weights_of(solved), "seconds": seconds}

    def _solved(self, at: int, weights: dict[str, Any]) -> tuple[MapResult, float]:
        """Give the latest maps if these are they, or solve; with the seconds that it took."""
        latest = self._latest
        if latest is None or latest[0] != at or weights_of(latest[1]) != weights:
            begin = time.perf_counter()
            solved = solve(self._results[at], weights)
            latest = self._latest = (at, solved, time.perf_counter() - begin)
        return latest[1:]


class ReportServer:
    """Serves the page of some results, to this computer only.

    Only the page itself and maps solved from these results are given; no file is. The address has
    a token, without which nothing is answered, so that neither other users of this computer
    nor pages of other sites can ask.

    Parameters
    ----------
    movies
        What :func:`read_results` returned.
    port
        Port of the loopback interface; 0: any that is free.

    Attributes
    ----------
    address
        Where the page is, with its token.

    Examples
    --------
    >>> import threading, urllib.request
    >>> from tramway.files import Analysis, save_rwa
    >>> from tramway.report import read_results
    >>> tree = Analysis(movie)
    >>> node = tree.add(partition, "roi000").add(maps, "dv")
    >>> _ = save_rwa("cell6.rwa", tree)
    >>> server = ReportServer(read_results(["cell6.rwa"]))
    >>> threading.Thread(target=server.serve).start()
    >>> urllib.request.urlopen(server.address).status
    200
    >>> server.close()
    """

    @checked
    def __init__(self, movies: Sequence[MovieResults], port: int = 0) -> None:
        results = [result for movie in movies for result in movie.results]
        live = {"weights": [weights_of(result) for result in results]}
        page = render_report(movies, live=live).encode("utf-8")
        token = secrets.token_urlsafe(24)
        solver = _Solver(results)

        class Handler(_Handler):
            def page(self) -> bytes:
                return page

            def answer(self, question: Any) -> dict[str, Any]:
                return solver.answer(question)

        try:
            self._server = ThreadingHTTPServer((_HOST, port), Handler)
        except OSError as error:
            raise InvalidInputError(
                f"`port` {port} cannot be served on: {error.strerror or error}; leave it out, or "
                "take another one"
            ) from error
        self._server.daemon_threads = True
        number = self._server.server_address[1]
        Handler.token = token
        Handler.hosts = (f"{_HOST}:{number}", f"localhost:{number}")
        self.address = f"http://{_HOST}:{number}/{token}/"

    def serve(self) -> None:
        """Serve until :meth:`close`, or an interrupt."""
        self._server.serve_forever()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def _question(question: Any, count: int) -> tuple[int, dict[str, Any], bool]:
    """Take apart what was asked."""
    if isinstance(question, dict) and set(question) == {"at", "weights", "whole"}:
        at, weights, whole = question["at"], question["weights"], question["whole"]
        is_number = isinstance(at, int) and not isinstance(at, bool) and 0 <= at < count
        if is_number and isinstance(weights, dict) and isinstance(whole, bool):
            return at, weights, whole
    raise InvalidInputError(
        f"asked for {str(question)[:80]}, expected `at`, a number below {count}, `weights`, and "
        "whether `whole`"
    )


class _Handler(BaseHTTPRequestHandler):
    """Answers what the page asks, and nothing else."""

    protocol_version = "HTTP/1.1"  # one connection for all that a slider asks
    disable_nagle_algorithm = True  # or the content would wait until the head is acknowledged
    token = ""
    hosts: tuple[str, ...] = ()
    server_version = "tramway"
    sys_version = ""
    timeout = 30  # s

    def page(self) -> bytes:
        raise NotImplementedError

    def answer(self, question: Any) -> dict[str, Any]:
        raise NotImplementedError

    def do_GET(self) -> None:
        if self._is_ours(""):
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.page())

    def do_POST(self) -> None:
        if not self._is_ours("solve"):
            return
        length = self.headers.get("Content-Length", "")
        if self.headers.get_content_type() != "application/json" or not length.isdigit():
            self._refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            return
        if int(length) > _LONGEST_QUESTION:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        try:
            answer = self.answer(json.loads(self.rfile.read(int(length))))
            status = HTTPStatus.OK
        except (TramwayError, ValueError, TypeError) as error:
            answer, status = {"error": str(error)}, HTTPStatus.BAD_REQUEST
        content = json.dumps(answer, allow_nan=False).encode("utf-8")
        self._send(status, "application/json", content)

    def _is_ours(self, place: str) -> bool:
        """Whether it is asked by this computer, with the token; anything else is not found."""
        expected = f"/{self.token}/{place}"
        is_here = self.headers.get("Host", "") in self.hosts  # not a name that points here
        if is_here and hmac.compare_digest(self.path.encode(), expected.encode()):
            return True
        self._refuse(HTTPStatus.NOT_FOUND)
        return False

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self._send(status, "text/plain; charset=utf-8", status.phrase.encode())

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        for name, value in (_HEADERS | {"Content-Type": kind}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the token is in what would be said."""
