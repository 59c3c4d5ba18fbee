"""Results as one page that opens in any browser, without a network."""

from .page import render_report, write_report
from .results import MapResult, MovieResults, read_results
from .server import ReportServer

__all__ = [
    "MapResult",
    "MovieResults",
    "ReportServer",
    "read_results",
    "render_report",
    "write_report",
]
