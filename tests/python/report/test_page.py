import builtins
import re

import pytest

from tramway.errors import InvalidInputError, MissingPackageError
from tramway.report import page, read_results, render_report, write_report
from tramway.report.region import describe


def test_the_page_needs_nothing_from_elsewhere(report):
    text = report.read_text(encoding="utf-8")
    own = re.sub(r'<script type="text/plain" id="bokeh">.*?</script>', "", text, flags=re.DOTALL)
    assert not re.search(r'(src|href)="(?!data:)', own)
    assert "@@" not in own
    assert "http" not in own.replace("http://www.w3.org", "")


def test_the_same_results_are_the_same_page(results):
    movies = read_results([results])
    assert render_report(movies) == render_report(movies)


def test_titles_and_labels_are_text_and_no_code(results):
    text = render_report(read_results([results]), title="<script>alert(1)</script> & so on")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; so on" in text


def test_where_it_cannot_be_written(results, tmp_path):
    for output in (tmp_path, tmp_path / "missing" / "report.html"):
        with pytest.raises(InvalidInputError, match="expected a file in a folder that exists"):
            write_report([results], output)


def test_without_bokeh(results, monkeypatch):
    imported = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.startswith("bokeh"):
            raise ImportError("No module named 'bokeh'")
        return imported(name, *args, **kwargs)

    movies = read_results([results])
    page._figures.cache_clear()
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingPackageError, match=r"pip install 'tramway-rs\[report\]'"):
        render_report(movies)


def test_a_page_of_many_cells_is_small(results):
    # By cell, with four maps, errors and fit: 45 bytes; 30,000 of them make 1.4 MB.
    movies = read_results([results])
    told = [describe(result) for movie in movies for result in movie.results]
    arrays = sum(len(each["data"].pop("bytes")) for each in told)
    assert arrays / sum(each["summary"]["cells"] for each in told) < 60  # 42 in larger regions
    text = render_report(movies)
    assert '"findings"' not in text  # texts of regions are compressed to a quarter
    assert len(text) < 700_000  # most of it is Bokeh
