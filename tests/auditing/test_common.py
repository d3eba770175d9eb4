"""Answers that move by a representation of another group than is asked about: offered, judged in part, or refused."""

import re

import pytest
import torch
from torch import nn

from erlangen.auditing.common import common_group, counterpart, extended
from erlangen.domains import Dna, Grid, HexGrid
from erlangen.errors import TaskError
from erlangen.groups import SO, C, D, FullOctahedral, Group, Mirror, O, Octahedral, Translations, Trivial
from erlangen.task import Equivariant
from tests.auditing.models import measured as audit
from tests.auditing.models import noise

X = noise(24, 1, 12, 12)


class Gradient(nn.Module):
    """A vector field, exact under D(4); `spin` adds a part that a mirror turns the other way."""

    def __init__(self, spin=0.0):
        super().__init__()
        self.spin = spin

    def forward(self, x):
        padded = nn.functional.pad(x, (1, 1, 1, 1))
        rows = padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
        columns = padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]
        return torch.cat([rows - self.spin * columns, columns + self.spin * rows], 1)


@pytest.mark.parametrize("group", [D(4), C(8), SO(2), O(2)], ids=repr)
def test_a_plain_reading_under_the_larger_group_is_offered(group):
    with pytest.raises(TaskError, match=r"standard of C4") as caught:
        audit(Gradient().eval(), Grid(2), group, X, Equivariant(C(4).standard))
    assert f"output=er.Equivariant(er.{group!r}.standard)" in caught.value.mend
    report = audit(Gradient().eval(), Grid(2), group, X, Equivariant(group.standard), max_elements=8)
    exact = [r for r in report.elements if r.judged and r.round_trip == 0]
    assert exact
    assert all(r.verdict == "exact" for r in exact)


def test_the_offer_names_sums_inputs_and_pooled_answers():
    mixed = Equivariant(2 * C(4).trivial + C(4).irrep(1), pooled=True)
    with pytest.raises(TaskError) as caught:
        audit(lambda x: x.mean((2, 3)).repeat(1, 4), Grid(2), D(4), X, mixed)
    assert "output=er.Equivariant(2 * er.D(4).trivial + er.D(4).standard, pooled=True)" in caught.value.mend
    vectors = noise(24, 2, 12, 12)
    with pytest.raises(TaskError, match=r"input=er\.D\(4\)\.standard"):
        audit(lambda v: v.square().mean((1, 2, 3)), Grid(2), D(4), vectors, input=C(4).standard)


@pytest.mark.parametrize("group", [Trivial(), C(2), C(4), Mirror()], ids=repr)
def test_smaller_groups_are_judged_by_the_elements_that_move_the_domain_alike(group):
    report = audit(Gradient().eval(), Grid(2), group, X, Equivariant(D(4).standard))
    assert report.verdict == "exact"
    assert report.passed
    assert (report.symmetry, report.asked) == (repr(group), repr(group))


def four_sides(x):
    """How bright the picture is on each of its four sides, counter-clockwise: they move as C(4).regular."""
    return torch.cat([torch.rot90(x, -k, (-2, -1))[..., :3].mean((-2, -1)) for k in range(4)], 1)


@pytest.mark.parametrize("group", [D(4), C(8), SO(2)], ids=repr)
def test_where_nothing_is_offered_the_common_subgroup_is_judged_and_that_is_said(group, tmp_path):
    output = Equivariant(C(4).regular, pooled=True)
    with pytest.warns(UserWarning, match=rf"Only C\(4\) was judged.*other elements of {re.escape(repr(group))}"):
        report = audit(four_sides, Grid(2), group, X, output)
    assert report.verdict == "exact"
    assert not report.passed
    assert (report.symmetry, report.asked) == ("C(4)", repr(group))
    assert report.to_dict()["asked"] == repr(group)
    first, outcome = str(report).splitlines()[:2]
    assert first.endswith(f"under C(4), of {group!r} asked about on Grid(2)")
    assert outcome == f"Not passed: {group!r} was asked about, and only C(4) could be judged."
    page = report.to_html(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "What could be judged: C(4)" in page
    assert "hero tone-good" not in page
    assert audit(four_sides, Grid(2), C(2), X, output).passed


def test_a_group_with_nothing_in_common_is_refused():
    with pytest.raises(TaskError, match="says how some element"):
        audit(four_sides, Grid(2), C(3), X, Equivariant(C(4).regular, pooled=True))


def test_counterparts_move_the_domain_alike():
    r = C(8).generators[0]
    assert counterpart(Grid(2), D(4), r @ r) == D(4).generators[0]
    assert counterpart(Grid(2), D(4), r) is None
    assert counterpart(Grid(2), SO(2), r) == SO(2).element(r.matrix)
    assert counterpart(Grid(2), D(4), Mirror().generators[0]) == D(4).generators[1]
    assert counterpart(Grid(3), Octahedral(), C(4).generators[0]) == Octahedral().generators[0]
    assert counterpart(Grid(3), C(4), Octahedral().generators[1]) is None
    assert counterpart(Grid(3), C(4), Octahedral().generators[0]) == C(4).generators[0]


@pytest.mark.parametrize(
    ("domain", "asked", "others", "common"),
    [
        (Grid(2), O(2), [D(4)], "D(4)"),
        (Grid(2), O(2), [SO(2)], "SO(2)"),
        (Grid(2), SO(2), [O(2)], "SO(2)"),
        (Grid(2), D(4), [C(8)], "C(4)"),
        (Grid(2), D(4), [C(8), D(2)], "C(2)"),
        (Grid(2), Trivial(), [C(8)], "Trivial()"),
        (HexGrid(), D(6), [C(3)], "C(3)"),
        (Grid(3), FullOctahedral(), [Octahedral()], "Octahedral()"),
        (Grid(3), Octahedral(), [C(4)], "C(4)"),
    ],
)
def test_the_common_subgroup_has_its_name(domain, asked, others, common):
    assert repr(common_group(domain, asked, others)) == common


def test_what_extends_is_read_field_by_field():
    assert extended(Grid(2), C(4).standard, D(4)) == D(4).standard
    assert extended(Grid(2), D(2).sign, D(4)) == D(4).sign
    assert extended(Grid(2), C(4).regular, D(4)) is None
    assert extended(Grid(2), C(4).standard, D(2)) is None


# ---- DNA -----------------------------------------------------------------------------------------------------------
def test_plain_channels_of_dna_are_refused_as_in_a_task():
    x = noise(20, 4, 15)

    with pytest.raises(TaskError, match="leave as they are") as caught:
        audit(either_strand, Dna(), Mirror(), x, input=4)
    assert "Leave input out" in caught.value.mend
    assert audit(either_strand, Dna(), Mirror(), x).verdict == "exact"
    assert audit(either_strand, Dna(), Mirror(), x, input=4 * Mirror().trivial).verdict == "broken"
    assert audit(either_strand, Dna(), Translations(), x, input=4).symmetry == "Translations()"


def either_strand(x):
    """How often AC occurs, on either strand: on this one as AC or as GT."""
    return (x[:, 0, :-1] * x[:, 1, 1:] + x[:, 2, :-1] * x[:, 3, 1:]).sum(1)


def test_a_mirror_made_by_hand_is_the_reverse_complement_on_dna():
    flip = Group.from_matrices([[[-1]]])
    x = noise(20, 4, 15)
    report = audit(either_strand, Dna(), flip, x)
    assert report.verdict == "exact"
    assert [r.elements for r in report.verdicts if r.judged] == ["reverse complement"]
    assert audit(lambda x: x[:, 0].sum(1), Dna(), flip, x).verdict == "broken"
