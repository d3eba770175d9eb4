"""The report as JUnit XML, which every CI reads: a test case for each law and class of elements."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from erlangen.auditing import text

if TYPE_CHECKING:
    from erlangen.auditing.report import AuditReport, Row

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0, however written


def junit(report: "AuditReport") -> bytes:
    """The report as an XML file in UTF-8. It has a failure exactly where the audit has not passed.

    A judged row fails with its sentence; a row beside the verdict is skipped where it is not exact, and says why.
    """
    cases = [_case(report, r) for r in report.verdicts]
    if report.symmetry != report.asked:
        cases.append(_failing(_named(report.asked, "the whole"), "undefined", text.outcome(report)))
    counts = {name: str(sum(case.find(tag) is not None for case in cases)) for name, tag in COUNTED.items()}
    suite = ET.Element("testsuite", {"name": _xml(text.headline(report)), "tests": str(len(cases)), **counts})
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        if value is None:
            continue
        ET.SubElement(properties, "property", {"name": _xml(name), "value": _xml(value)})
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = _xml(str(report))
    whole = ET.Element("testsuites", {"name": "erlangen audit", "tests": str(len(cases)), **counts})
    whole.append(suite)
    ET.indent(whole)
    return ET.tostring(whole, encoding="utf-8", xml_declaration=True) + b"\n"


COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def _case(report: "AuditReport", r: "Row") -> ET.Element:
    case = _named(r.law, r.elements)
    said = text.said_of(r)
    if r.judged and not report.passes(r):
        causes = [str(cause) for cause in report.causes if cause.law == r.law]
        return _failing(case, r.verdict, said, *text.notes(r), *causes)
    if not r.judged and r.verdict not in ("exact", "proved"):
        why = f"{r.word}, and no part of the verdict. {' '.join([said, *text.notes(r)])}"
        ET.SubElement(case, "skipped", {"message": _xml(why)})
    return case


def _failing(case: ET.Element, verdict: str, said: str, *more: str) -> ET.Element:
    failure = ET.SubElement(case, "failure", {"type": verdict, "message": _xml(said)})
    failure.text = _xml("\n".join([said, *more]))
    return case


def _named(law: str, elements: str) -> ET.Element:
    return ET.Element("testcase", {"classname": _xml(law), "name": _xml(elements)})


def _properties(report: "AuditReport") -> Iterator[tuple[str, Any]]:
    for name in ("model", "domain", "symmetry", "asked", "output", "verdict", "error", "tolerance", "passed"):
        yield name, getattr(report, name)
    for i, warning in enumerate(report.warnings):
        yield f"warning.{i + 1}", warning
    yield from _flat(report.settings)


def _flat(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _xml(value: Any) -> str:
    """Text that XML can hold: what it forbids, as a terminal's escape codes, stands as Python writes it, \\x1b."""
    return FORBIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), str(value))
