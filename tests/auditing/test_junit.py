"""JUnit XML: a case for each row, a failure exactly where the audit has not passed, and nothing that XML forbids."""

from xml.etree import ElementTree as ET

import pytest

from erlangen.domains import Grid
from erlangen.groups import C, D, Translations
from erlangen.task import Equivariant
from tests.auditing.models import isotropic_classifier, isotropic_field, noise, plain_classifier
from tests.auditing.models import measured as audit

X = noise(16, 1, 12, 12)


def suite_of(report, tmp_path):
    return ET.parse(report.to_junit(tmp_path / "new" / "audit.xml")).getroot()[0]


def counts(suite):
    return {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}


def test_a_broken_model_has_a_failure_for_each_broken_row(tmp_path):
    report = audit(plain_classifier(), Grid(2), C(4), X, seed=3)
    suite = suite_of(report, tmp_path)
    cases = suite.findall("testcase")
    assert [(c.get("classname"), c.get("name")) for c in cases] == [(r.law, r.elements) for r in report.verdicts]
    assert [c.find("failure") is not None for c in cases] == [r.judged for r in report.verdicts]
    judged = len(report.judged)
    assert counts(suite) == {"tests": len(cases), "failures": judged, "errors": 0, "skipped": len(cases) - judged}
    failure = cases[0].find("failure")
    assert failure.get("type") == "broken"
    assert f"largest for {report.verdicts[0].element}, input" in failure.get("message")
    assert "flatten" in failure.text.lower()
    properties = {p.get("name"): p.get("value") for p in suite.find("properties")}
    assert properties["seed"] == "3"
    assert properties["domain"] == "Grid(2)"
    assert properties["replay"].startswith("er.audit(model, er.Grid(2), er.C(4), inputs")
    assert "versions.torch" in properties
    assert suite.find("system-out").text.startswith("BROKEN")


def test_what_passes_has_no_failure_and_what_is_beside_the_verdict_is_skipped(tmp_path):
    report = audit(isotropic_classifier(), Grid(2), D(4), X)
    suite = suite_of(report, tmp_path)
    assert report.passed
    assert counts(suite)["failures"] == 0
    for case, r in zip(suite.findall("testcase"), report.verdicts, strict=True):
        assert (case.find("skipped") is None) == (r.judged or r.verdict == "exact")


def test_a_tolerance_decides_here_as_there(tmp_path):
    def nearly(x):
        return x + 0.01 * x[..., :1, :1]

    for tolerance in (None, 0.1):
        report = audit(nearly, Grid(2), Translations(), X, Equivariant(1), tolerance=tolerance)
        assert report.passed == (tolerance is not None) == (counts(suite_of(report, tmp_path))["failures"] == 0)


def test_a_part_that_is_exact_is_not_the_whole(tmp_path):
    with pytest.warns(UserWarning, match="Only C"):
        report = audit(isotropic_field(), Grid(2), D(4), X, Equivariant(C(4).trivial + C(4).irrep(2)))
    suite = suite_of(report, tmp_path)
    assert not report.passed
    assert counts(suite)["failures"] >= 1
    assert "could be judged" in suite.findall("testcase")[-1].find("failure").get("message")


@pytest.mark.parametrize("name", ["a\x1b[31mb", "<&>\"'", "a\x00b", "\ud800", "\ufffe", "line\nline\ttab", "Ω 🦊"])
def test_every_name_is_well_formed(name, tmp_path):
    report = audit(isotropic_classifier(), Grid(2), C(4), X, name=name)
    properties = {p.get("name"): p.get("value") for p in suite_of(report, tmp_path).find("properties")}
    forbidden = {"a\x1b[31mb": "a\\x1b[31mb", "a\x00b": "a\\x00b", "\ud800": "\\ud800", "\ufffe": "\\ufffe"}
    assert properties["model"] == forbidden.get(name, name)
