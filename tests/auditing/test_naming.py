"""One name for one thing, in text, page and dictionary alike."""

import pytest
import torch
from torch import nn

from erlangen import derive
from erlangen.auditing import audit
from erlangen.auditing.naming import class_name, element_name, model_name
from erlangen.domains import Dna, Grid, HexGrid
from erlangen.errors import InputError
from erlangen.groups import SO, C, D, FullOctahedral, Group, Mirror, Octahedral
from erlangen.task import Invariant, Task
from tests.auditing.models import isotropic_classifier, noise, plain_classifier

X = noise(24, 1, 12, 12)


@pytest.mark.parametrize(
    ("g", "domain", "name"),
    [
        (C(4).generators[0] ** 3, Grid(2), "rotation by 270° (r^3)"),
        (D(4).generators[1], Grid(2), "mirror that keeps the line at 0° (m)"),
        (C(6).generators[0], HexGrid(), "rotation by 60° (r)"),
        (SO(2).element(1.0), Grid(2), "rotation by 57.3°"),
        (C(4).identity, Grid(2), "identity"),
        (Mirror().generators[0], Dna(), "reverse complement (m)"),
        (Mirror().generators[0], Grid(1), "reversal (m)"),
        (Mirror().generators[0], Grid(2), "mirror that keeps the line at 0° (m)"),
        (C(4).generators[0], Grid(3), "rotation by 90° about (0, 0, 1) (r)"),
        (Octahedral().generators[0], Grid(3), "rotation by 90° about (0, 0, 1)"),
        ((C(4) * Mirror()).generators[0], Grid(3), "rotation by 90° about (0, 0, 1) (r, e)"),
        (Group.from_matrices([[[0, -1], [1, 1]]]).generators[0], HexGrid(), "rotation by 60°"),
    ],
)
def test_an_element_is_called_by_what_it_does_and_by_its_name_in_the_group(g, domain, name):
    assert element_name(g, domain) == name
    assert class_name([g], domain) == name


def test_several_elements_in_one_phrase():
    classes = [class_name(c, HexGrid()) for c in D(6).conjugacy_classes]
    assert classes[1] == "rotations by 60° and 300° (r, r^5)"
    assert classes[4] == "mirrors that keep the lines at 0°, 60° and 120° (m, r^2 m, r^4 m)"
    solid = [class_name(c, Grid(3)) for c in FullOctahedral().conjugacy_classes]
    assert solid[1] == "6 rotations by 90°, such as about (0, 0, 1)"
    assert solid[6] == "6 rotation-inversions by 90°, such as about (0, 0, 1)"
    assert solid[7] == "3 mirrors, such as across the plane normal to (0, 0, 1)"
    assert len(set(solid)) == len(solid)
    assert class_name(D(16).conjugacy_classes[-2], Grid(2)) == "8 mirrors, such as the one that keeps the line at 0°"


def test_text_page_and_dictionary_use_the_same_names(tmp_path):
    report = audit(plain_classifier(), Grid(2), D(4), X)
    page = report.to_html(tmp_path / "report.html").read_text(encoding="utf-8")
    for kept, row in zip(report.to_dict()["elements"], report.elements, strict=True):
        assert kept["elements"] == kept["element"] == row.element
        assert row.element in page
    assert report.worst.element in str(report)
    assert report.causes[0].element == report.worst.element
    assert "counter-clockwise" in page
    assert "counter-clockwise" in str(report)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (isotropic_classifier(), "A chain of 6 layers (Sequential)"),
        (nn.Sequential(nn.Flatten()), "A chain of 1 layer (Sequential)"),
        (nn.Conv2d(1, 1, 1), "A Conv2d"),
        (nn.Identity(), "An Identity"),
        (lambda x: x, "A function"),
        (noise, "The function noise"),
        (torch.fx.symbolic_trace(isotropic_classifier()), "An exported network (GraphModule)"),
        (torch.compile(isotropic_classifier(), backend="eager"), "A chain of 6 layers (Sequential), compiled"),
    ],
)
def test_a_model_without_a_name_is_called_what_it_is(model, name):
    assert model_name(model) == name


def test_the_name_given_or_the_author_s_own_is_the_title(tmp_path):
    class Beholder(nn.Module):
        def forward(self, x):
            return x.mean((2, 3))

    assert audit(Beholder().eval(), Grid(2), C(4), X).model == "Beholder"
    report = audit(Beholder().eval(), Grid(2), C(4), X, name="My <first> network")
    assert str(report).startswith("PROVED: My <first> network under C(4)")
    assert "<h1>My &lt;first&gt; network under C(4)</h1>" in report.to_html(tmp_path / "a.html").read_text("utf-8")
    for wrong in ("", " ", 3):
        with pytest.raises(InputError, match="name="):
            audit(Beholder().eval(), Grid(2), C(4), X, name=wrong)  # pyright: ignore[reportArgumentType]


def test_a_derived_network_and_its_export_say_what_they_are():
    net = derive(Task(Grid(2), C(4), input=1, output=Invariant(3)), width=8, depth=1, scales=1).eval()
    assert model_name(net) == "A derived network"
    assert model_name(net.export()) == "An exported network (GraphModule)"
