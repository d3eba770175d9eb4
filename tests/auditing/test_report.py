"""The report as text and as a page, looked at in a real browser where there is one."""

import re
import shutil

import pytest
import torch
from torch import nn

from erlangen.auditing.drawing import pictures
from erlangen.auditing.nucleotides import nucleotides
from erlangen.domains import Dna, Grid, HexGrid
from erlangen.groups import C, D, Mirror, Octahedral, Translations
from erlangen.task import Equivariant
from tests.auditing.models import Hexagonal, isotropic_classifier, isotropic_field, noise, plain_classifier
from tests.auditing.models import measured as audit

X = noise(24, 1, 12, 12)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def broken():
    return audit(plain_classifier(), Grid(2), D(4), X)


def test_the_text_opens_with_the_verdict_and_its_table_is_aligned(broken):
    lines = str(broken).splitlines()
    assert lines[0] == "BROKEN: A chain of 7 layers (Sequential) under D(4) on Grid(2)"
    head = next(i for i, line in enumerate(lines) if line.startswith("motions "))
    rows = lines[head + 2 : head + 2 + len(broken.verdicts)]
    column = lines[head].index("verdict")
    assert all(row[column:].startswith(r.verdict) for row, r in zip(rows, broken.verdicts, strict=True))
    assert max(map(len, lines)) <= 140
    assert any(line.startswith("Cause: flatten") for line in lines)


def test_the_text_of_an_exact_and_of_an_undefined_report():
    exact = audit(isotropic_classifier(), Grid(2), C(4), X, name="Mine")
    assert str(exact).startswith("EXACT: Mine under C(4)")
    undefined = str(audit(lambda x: torch.ones(len(x), 3), Grid(2), C(4), X))
    assert undefined.startswith("UNDEFINED: A function under")
    assert "vary too little" in undefined
    assert "nan" not in undefined


def test_the_representation_is_one_line(broken):
    assert repr(broken).startswith("AuditReport(broken: A chain of 7 layers (Sequential) under D(4) on Grid(2), error ")


def page_of(report, tmp_path):
    path = report.to_html(tmp_path / "report.html")
    return path.read_text(encoding="utf-8")


def test_the_page_holds_everything_and_needs_no_network(broken, tmp_path):
    page = page_of(broken, tmp_path)
    assert page.index("Broken" if "Broken" in page else "broken") < page.index("The group asked about")
    for name in ("x", "g·x", "f(x)", "f(g·x)", "g·f(x)", "f(g·x) − g·f(x)"):
        assert f"<b>{name}</b>" in page
    assert "http" not in page
    assert set(re.findall(r'src="([^:"]*):', page)) == {"data"}
    assert "Flatten and filters" in page
    assert str(torch.__version__) in page
    assert "nan" not in page.lower().replace("nanm", "")


@pytest.mark.parametrize(
    ("model", "domain", "group", "x", "drawings"),
    [
        (nn.Conv1d(1, 2, 3, padding=1), Grid(1), Mirror(), noise(20, 1, 16), "<polyline"),
        (nn.Conv2d(3, 2, 3, padding=1), Grid(2), C(4), noise(20, 3, 8, 8), "data:image/png"),
        (isotropic_field(3, group=Octahedral()), Grid(3), Octahedral(), noise(16, 1, 5, 5, 5), "data:image/png"),
        (Hexagonal(), HexGrid(), D(6), noise(20, 1, 9, 9) * HexGrid().mask(torch.zeros(9, 9)), '<svg class="mosaic"'),
    ],
)
def test_every_lattice_has_its_pictures(model, domain, group, x, drawings, tmp_path):
    report = audit(model.eval(), domain, group, x, Equivariant(2), bootstrap=50, max_elements=8)
    assert page_of(report, tmp_path).count(drawings) >= 6


def test_many_scores_and_answers_without_pictures_are_drawn_as_bars(tmp_path):
    torch.manual_seed(0)
    many = nn.Sequential(nn.Flatten(), nn.Linear(144, 1000)).eval()
    assert page_of(audit(many, Grid(2), C(4), X), tmp_path).count("<rect") < 400
    with pytest.warns(UserWarning, match="axes like the input"):
        report = audit(nn.Conv2d(1, 2, 3).eval(), Grid(2), C(4), X)
    assert "<rect" in page_of(report, tmp_path)


def test_names_of_the_user_s_own_are_escaped(tmp_path):
    class Net(nn.Module):
        def forward(self, x):
            return x.mean((2, 3))

    Net.__name__ = "<img src=x>"
    assert "<img src=x>" not in page_of(audit(Net().eval(), Grid(2), C(4), X), tmp_path)


def law(boundary, stride):
    """What a derived network declares of shifts."""

    class Law:
        pass

    Law.boundary, Law.stride = boundary, stride
    return Law()


def test_a_break_that_a_network_declares_is_calm_and_keeps_its_number(tmp_path):
    model = isotropic_classifier()
    model.translation_law = law("open", 1)
    report = audit(model, Grid(2), D(4), X)
    shift = report.verdicts[-1]
    assert (shift.word, shift.expected, shift.note) == ("expected", "border", "border, expected")
    assert shift.verdict in ("approximate", "not resolved", "broken")
    assert shift.to_dict()["verdict"] == shift.verdict
    assert shift.to_dict()["error"] == shift.error > 1e-5
    line = next(line for line in str(report).splitlines() if line.startswith("circular roll"))
    assert " expected " in line
    assert "broken" not in line
    page = page_of(report, tmp_path)
    assert '<span class="badge tone-plain">expected</span>' in page
    assert "A shift, as expected: circular roll by 1" in page
    assert 'class="badge tone-bad">broken' not in page.split("What the verdicts mean")[0]


def test_a_break_that_no_network_declares_or_that_was_asked_about_still_alarms(tmp_path):
    model = isotropic_classifier()
    model.translation_law = law("periodic", 1)  # promises every roll, and pads with zeros
    for report in (audit(model, Grid(2), D(4), X), audit(isotropic_classifier(), Grid(2), D(4), X)):
        shift = report.verdicts[-1]
        assert (shift.word, shift.expected, shift.note) == (shift.verdict, "", "")
        assert "Worst shift: circular roll by 1" in page_of(report, tmp_path)
    model.translation_law = law("open", 1)
    asked = audit(model, Grid(2), Translations(), X)
    assert asked.verdicts[0].word == asked.verdict != "expected"
    assert asked.verdicts[0].note == "border, expected"
    assert "tone-plain" not in page_of(asked, tmp_path).split("<main")[1].split("How it was measured")[0]


# ---- DNA and volumes -------------------------------------------------------------------------------------------------
def bases(n, length, seed=0):
    places = torch.randint(4, (n, length), generator=torch.Generator().manual_seed(seed))
    return nn.functional.one_hot(places, 4).float().transpose(1, 2)


def letters(drawing):
    return "".join(re.findall(r">([ACGTN])</text>", drawing))


def test_short_dna_is_drawn_as_cells_with_letters(tmp_path):
    x = bases(20, 37)
    report = audit(nn.Sequential(nn.Conv1d(4, 2, 3), nn.AdaptiveAvgPool1d(1)).eval(), Dna(), Mirror(), x)
    case = report.worst.case
    drawn = pictures(case, Dna(), report.output)
    word = "".join("ACGT"[i] for i in case.x.argmax(0).tolist())
    assert letters(drawn[0].drawing) == word
    assert letters(drawn[1].drawing) == word[::-1].translate(str.maketrans("ACGT", "TGCA"))
    assert drawn[0].drawing in page_of(report, tmp_path)
    unknown = case.x.clone()
    unknown[:, 3] = 0
    assert letters(nucleotides([unknown.numpy()])[0])[3] == "N"


def test_long_or_uncertain_dna_is_drawn_as_four_rows_and_profiles_as_lines():
    for x in (bases(20, 200), noise(20, 4, 30)):
        report = audit(nn.Conv1d(4, 1, 3, padding=1).eval(), Dna(), Mirror(), x, Equivariant(1))
        drawn = [p.drawing for p in pictures(report.worst.case, Dna(), report.output)]
        assert all(letters(d) == "ACGT" and "data:image/png" in d for d in drawn[:2])
        assert all("<polyline" in d for d in drawn[2:])


def test_what_it_should_be_is_the_answer_to_x_only_where_it_stays_put():
    stays = audit(isotropic_classifier(), Grid(2), C(4), X)
    moves = audit(lambda x: x.mean((2, 3)).repeat(1, 2), Grid(2), C(4), X, Equivariant(C(4).standard, pooled=True))
    captions = [pictures(r.worst.case, r.domain, r.output)[4].caption for r in (stays, moves)]
    assert captions == ["what it should be: the answer to x", "what it should be"]
    volume = audit(lambda x: x.amax((2, 3, 4)), Grid(3), C(4), noise(16, 1, 5, 5, 5))
    assert pictures(volume.worst.case, Grid(3), volume.output)[0].caption.endswith("the middle slice across axis 2")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium installed")
def test_the_page_in_a_real_browser(broken, tmp_path):
    from playwright.sync_api import sync_playwright

    path = broken.to_html(tmp_path / "report.html")
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for width, scheme in ((1200, "light"), (390, "dark")):
            page = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
            asked, errors = [], []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("console", lambda message, errors=errors: errors.append(message.text))
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator("h1").inner_text() == "A chain of 7 layers (Sequential) under D(4)"
            assert page.locator(".hero .word").inner_text().lower() == "broken"
            assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
            assert all(url.startswith(("file:", "data:")) for url in asked)
            assert errors == []
        browser.close()
