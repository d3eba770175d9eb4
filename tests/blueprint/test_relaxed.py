"""Networks that may break their symmetry where the data do: as they start, as they are kept, and what is refused."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import erlangen as er
from erlangen.errors import TaskError
from erlangen.layers.linear._free import FreePart
from tests.effort import covering

RING = er.Finite(er.C(6), [(1, 2, 3, 4, 5, 0)])
SMALL: dict[str, Any] = {"width": 8, "depth": 1, "scales": 2}
TASK = er.Task(er.Grid(2), er.C(4), 1, er.Invariant(3))
TASKS: dict[str, tuple[er.Task, dict[str, Any]]] = {
    "classes": (TASK, SMALL),
    "residual, homogeneous": (TASK, {**SMALL, "depth": 2, "residual": True, "homogeneous": True}),
    "masks": (er.Task(er.Grid(2), er.D(4), 1, er.Equivariant(2)), SMALL),
    "hexagons": (er.Task(er.HexGrid(), er.C(6), 1, er.Invariant(2)), {**SMALL, "width": 12}),
    "DNA": (er.Task(er.Dna(), output=er.Invariant(2)), SMALL),
    "every turn": (er.Task(er.Grid(2), er.SO(2), 1, er.Invariant(2)), SMALL),
    "a ring": (er.Task(RING, input=2, output=er.Equivariant(2)), {"width": 12}),
    "a vector": (er.Task(er.Finite(er.Mirror(), [[[1.0, 0.0], [0.0, -1.0]]]), output=er.Invariant(2)), {"width": 8}),
}
# A free part is one module for every field. It leaves torch on squares, on hexagons, along DNA, for every turn and on
# finite domains moved by permutations and by matrices, each in one of two ways; squares and finite domains in both.
COMPILED = covering(TASKS, ["masks", "a vector"])
EXPORTED = covering(TASKS, ["classes", "DNA", "every turn", "a ring"])


def freed(net: er.Blueprint, seed: int = 0) -> er.Blueprint:
    """With free parts that are not nought."""
    torch.manual_seed(seed)
    for part in free_parts(net):
        for block in part.blocks.values():
            torch.nn.init.normal_(block.weight)
    return net.eval()


def free_parts(net: er.Blueprint) -> list[FreePart]:
    """Of kernels and of biases."""
    return [part for part in net.modules() if isinstance(part, FreePart)]


def some(net: er.Blueprint) -> Tensor:
    torch.manual_seed(3)
    domain = net.source.domain
    size = domain.size(9) if domain.axes and not isinstance(domain, er.Finite) else ((6,) if domain == RING else ())
    return torch.randn(16, net.source.channels, *size)


@pytest.mark.parametrize("name", TASKS)
def test_it_starts_as_the_strict_network_and_pays_nothing(name: str) -> None:
    task, choices = TASKS[name]
    torch.manual_seed(0)
    plain = er.derive(task, **choices)
    torch.manual_seed(0)
    net = er.derive(task, **choices, relaxed=True)
    x = some(net)
    assert torch.equal(net(x), plain(x))
    assert net.relaxation() and set(net.relaxation().values()) == {0.0}
    assert float(net.prior().detach()) == 0 == float(plain.prior())
    assert not plain.relaxation()


@pytest.mark.parametrize("name", TASKS)
def test_its_free_parts_change_what_it_answers_and_all_of_it_learns(name: str) -> None:
    task, choices = TASKS[name]
    net = freed(er.derive(task, **choices, relaxed=0.5))
    x = some(net)
    assert (net(x) - net.strict()(x)).abs().max() > 1e-3
    assert min(net.relaxation().values()) > 0
    (net(x).square().sum() + net.prior()).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())
    expected = sum(float(part.prior().detach()) for part in free_parts(net))
    assert float(net.prior().detach()) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", TASKS)
def test_strictly_it_is_the_network_without_them(name: str) -> None:
    task, choices = TASKS[name]
    net = freed(er.derive(task, **choices, relaxed=0.5))
    strict, x = net.strict(), some(net)
    assert strict.recipe == er.derive(task, **choices).recipe and not strict.relaxation() and not strict.training
    nought = deepcopy(net)
    for part in free_parts(nought):
        for block in part.blocks.values():
            torch.nn.init.zeros_(block.weight)
    assert torch.equal(strict(x), nought(x))
    with torch.no_grad():
        next(strict.parameters()).add_(1.0)
    assert not torch.equal(strict(x), nought(x)), "it is a copy"


@pytest.mark.parametrize("name", TASKS)
def test_it_is_kept_copied_and_written_plainly(name: str, tmp_path: Path) -> None:
    task, choices = TASKS[name]
    net = freed(er.derive(task, **choices, relaxed=0.5))
    x = some(net)
    y = net(x).detach()
    er.save(net, tmp_path / "net.safetensors")
    again = er.load(tmp_path / "net.safetensors").eval()
    assert torch.equal(again(x), y) and again.recipe == net.recipe and again.relaxation() == net.relaxation()
    assert torch.equal(deepcopy(net)(x), y)
    assert torch.allclose(net.export()(x), y, atol=1e-5)
    assert torch.allclose(net.double()(x.double()).float(), y, atol=1e-4)


@pytest.mark.parametrize("name", COMPILED)
def test_it_is_compiled(name: str) -> None:
    task, choices = TASKS[name]
    net = freed(er.derive(task, **choices, relaxed=0.5))
    torch._dynamo.reset()  # the graphs other tests compiled of the same code count against its limit
    compiled: Callable[..., Tensor] = torch.compile(net, backend="aot_eager", fullgraph=True)
    assert torch.allclose(compiled(some(net)), net(some(net)), atol=1e-5)


@pytest.mark.parametrize("name", EXPORTED)
def test_it_is_exported(name: str) -> None:
    task, choices = TASKS[name]
    net = freed(er.derive(task, **choices, relaxed=0.5))
    x = some(net)
    assert torch.allclose(torch.export.export(net, (x,)).module()(x), net(x), atol=1e-5)


def test_a_strict_network_can_be_relaxed_from_where_it_is() -> None:
    torch.manual_seed(0)
    learnt = er.derive(TASK, **SMALL).eval()
    net = er.derive(TASK, **SMALL, relaxed=True).eval()
    missing, more = net.load_state_dict(learnt.state_dict(), strict=False)
    assert not more and all(".free." in name for name in missing)
    assert torch.equal(net(some(net)), learnt(some(net)))


def test_an_audit_takes_it_as_what_it_is() -> None:
    net = er.derive(TASK, **SMALL, relaxed=1.0).eval()
    x = some(net)
    assert er.audit(net, er.Grid(2), er.C(4), x, er.Invariant(3)).verdict == "proved"  # nothing is learnt yet
    freed(net)
    report = er.audit(net, er.Grid(2), er.C(4), x, er.Invariant(3))
    assert report.verdict == "broken" and report.error > 0.1
    assert er.audit(net.strict(), er.Grid(2), er.C(4), x, er.Invariant(3)).verdict == "proved"


def test_what_it_has_learnt_is_explained(tmp_path: Path) -> None:
    net = freed(er.derive(TASK, **SMALL, relaxed=0.5))
    told = net.explain()
    assert "expected, not promised" in str(told) and "unless the data show that it matters" in told.blind
    assert [row.breaks for row in told.rows if row.breaks is not None] == list(net.relaxation().values())
    first = next(row for row in told.rows if row.name == "LatticeConv")
    assert first.free == first.unconstrained - 2 and "free part" in first.law and "%" in first.broken
    assert first.broken in str(told) and "arXiv:2112.01388" in str(told) and any("Relaxed" in n for n in told.notes)
    page = told.to_html(tmp_path / "explain.html").read_text(encoding="utf-8")
    assert "breaks it" in page and first.broken in page and "by construction" not in page
    strict = net.strict().explain()
    assert "breaks it" not in str(strict) and all(row.breaks is None for row in strict.rows)
    assert strict.notes == er.derive(TASK, **SMALL).explain().notes and "by construction" in strict._page()["sentence"]


@pytest.mark.parametrize(
    ("task", "why"),
    [
        (er.Task(er.Set(), input=3, output=er.Invariant(2)), "no order of their own"),
        (er.Task(er.Graph(), input=3, output=er.Invariant(2)), "no order of their own"),
        (er.Task(er.Points(3), input=3, output=er.Invariant(2)), "further input"),
        (er.Task(er.Mesh(), output=er.Invariant(2)), "further input"),
        (er.Task(er.Sphere(), input=1, output=er.Invariant(2)), "further input"),
        (er.Task(er.Sequence(), er.TimeWarp(), 3, er.Invariant(2)), "lstm"),
        (er.Task(er.Grid(2), input=1, output=er.Invariant(2)), "Leave it out"),
        (er.Task(er.Sequence(), input=1, output=er.Invariant(2)), "Leave it out"),
    ],
    ids=str,
)
def test_where_nothing_can_be_relaxed_the_reason_is_said(task: er.Task, why: str) -> None:
    with pytest.raises(TaskError, match=why):
        er.derive(task, relaxed=True)
    assert not er.derive(task, relaxed=False).relaxation()


@pytest.mark.parametrize("relaxed", [0, -1.0, float("inf"), "much", None])
@pytest.mark.parametrize(
    "task", [TASK, TASKS["a ring"][0], er.Task(er.Set(), input=3, output=er.Invariant(2))], ids=str
)
def test_what_is_no_strength_is_refused(task: er.Task, relaxed: Any) -> None:
    with pytest.raises(TaskError, match="relaxed"):
        er.derive(task, relaxed=relaxed)


def test_a_homogeneous_network_stays_homogeneous() -> None:
    net = freed(er.derive(TASK, **SMALL, homogeneous=True, relaxed=1.0)).double()
    x = some(net).double()
    assert torch.allclose(net(3 * x), 3 * net(x), atol=1e-9)


def test_separable_blocks_are_not_relaxed() -> None:
    with pytest.raises(TaskError, match="separable"):
        er.derive(TASK, relaxed=True, block="separable")
