import pytest

from tramway.report import read_results
from tramway.report.settings import log_evidence_of, settings_of, trials_of


@pytest.fixture(scope="module")
def result(results):
    return read_results([results])[0].results[0]


def test_settings_tell_which_weights_were_chosen(result):
    settings = dict(settings_of(result))
    assert settings["potential_prior"].endswith("(chosen by the evidence)")
    trials = trials_of(result)
    assert trials["names"] == ["diffusivity_prior", "potential_prior"]
    best = max(row[-1] for row in trials["rows"])
    assert float(settings["log_evidence"]) == pytest.approx(best, rel=1e-4)
    assert log_evidence_of(result) == pytest.approx(best, rel=1e-4)
