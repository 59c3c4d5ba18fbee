import pytest

from tramway.inference import Maps
from tramway.report import read_results
from tramway.report.findings import findings_of, fit_of


@pytest.fixture(scope="module")
def result(results):
    return read_results([results])[0].results[0]


def changed(result, **parts):
    return type(result)(**(vars(result) | parts))


def kinds(result, fit=None):
    return [finding.kind for finding in findings_of(result, fit)]


def test_noise_is_said_to_be_large_where_it_is(result):
    # σ² = 0.0004 µm² is 0.2 D Δt; the warning begins at a tenth.
    assert "localization noise is large" in kinds(result)


def test_a_search_that_ended_early(result):
    assert "the search for the maximum ended early" not in kinds(result)
    maps = Maps(result.maps.maps, result.maps.mode, **result.maps.attributes)
    maps.attributes["resolution"] = "maximum number of iterations"
    assert "the search for the maximum ended early" in kinds(changed(result, maps=maps))


def test_cells_without_values(result):
    table = result.maps.maps.copy()
    table.iloc[:2, :] = float("nan")
    maps = Maps(table, result.maps.mode, partition=result.partition, **result.maps.attributes)
    found = findings_of(changed(result, maps=maps), None)
    assert any(
        f.kind.startswith("cells without all values") and f.text == f"2 of {len(table)}"
        for f in found
    )


def test_cells_on_the_bound_have_values(result):
    table = result.maps.maps.copy()
    table.loc[table.index[:3], "diffusivity"] = 0.0
    maps = Maps(table, result.maps.mode, partition=result.partition, **result.maps.attributes)
    found = findings_of(changed(result, maps=maps), None)
    assert ("cells to be read with care: at the lower bound", f"3 of {len(table)}") in found


def test_cells_that_do_not_fit(result):
    fit = fit_of(result)
    assert "cells that the model does not fit" not in kinds(result, fit)
    fit.maps.iloc[0, 0] = 9.0
    found = [f for f in findings_of(result, fit) if f.kind == "cells that the model does not fit"]
    assert found[0].text.startswith(f"1 of {len(fit.maps)}")


def test_maps_of_something_else_have_no_fit(result):
    own = changed(result, maps=Maps(result.maps.maps, "own", partition=result.partition))
    assert fit_of(own) is None
    assert "localization noise is large" not in kinds(own)
