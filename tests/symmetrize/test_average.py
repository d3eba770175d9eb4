"""The Reynolds operator: exact where the domain keeps the group, the identity on what is symmetric already."""

import copy
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import erlangen as er
from erlangen.domains import Domain
from erlangen.errors import DomainError, GroupError, InputError, TaskError
from erlangen.symmetrize.action import read_action
from erlangen.symmetrize.orbit import orbit
from tests.laws.catalogue import DOMAINS, MOVED
from tests.laws.signals import SEEDS, difference, noise, sizes, some, some_of
from tests.symmetrize.plain import Plain, varies, vectors

average = er.symmetrize.average
MOVING = [param for param in DOMAINS if param.values[1].order > 1]


def outputs(group: er.Group) -> list[Any]:
    rho = vectors(group)
    return [er.Invariant(2), er.Equivariant(2), er.Equivariant(rho), er.Equivariant(rho, pooled=True)]


def symmetrised(domain: Domain, group: er.Group, output: Any, rho: Any, **named: Any) -> nn.Module:
    action = read_action(domain, group, output, rho)
    return average(
        Plain(domain, rho.dim, action.answer_channels, action.dense), domain, group, output=output, input=rho, **named
    )


@pytest.mark.parametrize(("domain", "group"), MOVING)
@settings(max_examples=6)
@given(data=st.data(), seed=SEEDS)
def test_average_is_exact(domain: Domain, group: er.Group, data: st.DataObject, seed: int):
    size = data.draw(sizes(domain, 3, 9 if domain.axes < 3 else 5))
    output = data.draw(st.sampled_from(outputs(group)))
    natural = domain.natural_input(group)
    rho = natural if natural is not None else data.draw(st.sampled_from([2 * group.trivial, vectors(group)]))
    F = symmetrised(domain, group, output, rho, batch_size=data.draw(st.sampled_from([1, 7, 999])))
    x = noise(er.Space(domain, rho), size, seed, batch=3)
    with torch.no_grad():
        y = F(x)
        assert varies(y)
        for g in some(group, seed):
            assert difference(F(er.Space(domain, rho).act(g, x)), output.act(g, y, domain)) <= 1e-10


@pytest.mark.parametrize(("domain", "group", "size"), MOVED)
def test_what_the_lattice_keeps_of_a_larger_group_stays_exact(domain: Domain, group: er.Group, size: Any):
    """Also on arrays that are not square, where a turn between the sites and one of the sites do not commute."""
    space = er.Space(domain, 1 * group.trivial)
    sides = {1: (6,), 2: (7, 5), 3: (5, 4, 4)}[domain.axes] if not domain.masked else (7, 7)
    output = er.Equivariant(vectors(group))
    named = {} if group.order else {"samples": 3}
    F = symmetrised(domain, group, output, space.rho, **named)
    assert "approximate" in repr(F)
    x = noise(space, sides, 1, batch=2)
    y = F(x)
    for g in some_of(space, 0):
        assert difference(F(space.act(g, x)), output.act(g, y, domain)) <= 1e-10


@pytest.mark.parametrize(("domain", "group"), [(p.values[0], p.values[1]) for p in MOVED if p.values[1].order])
def test_each_element_of_a_finite_group_is_averaged_over_once(domain: Domain, group: er.Group):
    steps = orbit(read_action(domain, group, er.Invariant(1), 1), None, 0).steps
    elements = [step.k if step.r is None else step.k @ step.r for step in steps]
    assert len(elements) == group.order
    assert set(elements) == set(group.elements)
    assert all(domain.keeps(step.k) for step in steps)


@pytest.mark.parametrize(("domain", "group"), MOVING[::3])
def test_a_symmetric_model_is_its_own_average(domain: Domain, group: er.Group):
    output = er.Equivariant(vectors(group))
    rho = domain.natural_input(group) or 1 * group.trivial
    once = symmetrised(domain, group, output, rho)
    twice = average(once, domain, group, output=output, input=rho)
    x = noise(er.Space(domain, rho), (5,) * domain.axes, 2)
    assert difference(twice(x), once(x)) < 1e-12
    plain = once.get_submodule("model")
    assert difference(plain(x), once(x)) > 1e-2


def test_a_derived_network_is_its_own_average_and_says_its_own_output():
    net = er.derive(er.Task(er.Grid(2), er.D(4), 1, er.Invariant(3)), width=8).double().eval()
    F = average(net, er.Grid(2), er.D(4))
    x = torch.randn(2, 1, 9, 9, dtype=torch.float64)
    assert torch.allclose(F(x), net(x), atol=1e-12)


@pytest.mark.parametrize(("domain", "group", "sides"), [(er.Grid(2), er.D(4), (8, 8)), (er.HexGrid(), er.C(6), (9, 9))])
@pytest.mark.parametrize("dense", [False, True])
def test_the_witness_agrees(domain: Domain, group: er.Group, sides: tuple[int, ...], dense: bool):
    output = er.Equivariant(vectors(group)) if dense else er.Invariant(3)
    F = symmetrised(domain, group, output, 1 * group.trivial).eval()
    x = noise(er.Space(domain, 1 * group.trivial), sides, 0, batch=16)
    report = er.audit(F, domain, group, x, output=output, shifts=[])
    assert report.passed and report.verdict in ("proved", "exact")  # a vector turned by 60° is mixed, not moved
    plain = er.audit(F.get_submodule("model"), domain, group, x, output=output, shifts=[])
    assert plain.verdict == "broken"


def test_single_precision_is_exact_too():
    model = Plain(er.Grid(2), 1, 3, False).float()
    F = average(model, er.Grid(2), er.D(4), output=er.Invariant(3)).eval()
    x = torch.randn(16, 1, 8, 8)
    assert er.audit(F, er.Grid(2), er.D(4), x, output=er.Invariant(3), shifts=[]).verdict == "proved"


def test_every_gradient_is_the_mean_of_its_parts():
    group, x = er.C(4), torch.randn(2, 1, 6, 6, dtype=torch.float64, requires_grad=True)
    F = symmetrised(er.Grid(2), group, er.Invariant(2), 1 * group.trivial)
    plain = copy.deepcopy(F.get_submodule("model"))
    F(x).square().sum().backward()
    whole = sum(plain(er.Grid(2).act(g, x.detach())) for g in group.elements) / 4
    whole.square().sum().backward()
    assert x.grad is not None
    assert float(x.grad.abs().sum()) > 0
    for mine, alone in zip(F.parameters(), plain.parameters(), strict=True):
        assert mine.grad is not None and alone.grad is not None
        assert torch.allclose(mine.grad, alone.grad, atol=1e-12)


def test_batch_statistics_of_one_call_are_those_of_the_whole_orbit():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2)).double()
    F = average(model, er.Grid(2), er.C(4), output=er.Invariant(2)).train()
    x = torch.randn(5, 1, 6, 6, dtype=torch.float64)
    assert torch.allclose(F(torch.rot90(x, 1, (-2, -1))), F(x), atol=1e-12)


def test_one_call_where_it_may_and_as_many_as_it_must():
    class Counted(nn.Module):
        calls: list[tuple[int, ...]] = []  # noqa: RUF012 # the test reads it

        def forward(self, x: Tensor) -> Tensor:
            self.calls.append(tuple(x.shape))
            return x.mean((2, 3))

    def calls(x: Tensor, limit: int) -> list[tuple[int, ...]]:
        Counted.calls.clear()
        average(Counted(), er.Grid(2), er.C(4), output=er.Invariant(1), batch_size=limit)(x)
        return list(Counted.calls)

    square, oblong = torch.randn(3, 1, 4, 4), torch.randn(3, 1, 4, 6)
    assert calls(square, 12) == [(12, 1, 4, 4)]
    assert calls(square, 7) == [(6, 1, 4, 4)] * 2
    assert calls(square, 1) == [(3, 1, 4, 4)] * 4
    assert sorted(calls(oblong, 12)) == [(3, 1, 4, 6)] * 2 + [(3, 1, 6, 4)] * 2


def test_it_is_an_ordinary_module(tmp_path):
    group = er.D(4)
    F = symmetrised(er.Grid(2), group, er.Equivariant(vectors(group)), 1 * group.trivial)
    x = torch.randn(2, 1, 6, 6, dtype=torch.float64)
    assert set(F.state_dict()) == {f"model.{name}" for name in F.get_submodule("model").state_dict()}
    twin = copy.deepcopy(F)
    assert torch.equal(twin(x), F(x))
    with torch.no_grad():
        twin.get_submodule("model").first.weight.zero_()
    assert not torch.equal(twin(x), F(x))
    twin.load_state_dict(F.state_dict())
    assert torch.equal(twin(x), F(x))
    torch.save(F, tmp_path / "F.pt")
    assert torch.equal(torch.load(tmp_path / "F.pt", weights_only=False)(x), F(x))
    assert len(F(x[:0])) == 0
    program = torch.export.export(F, (x,))
    assert torch.allclose(program.module()(x), F(x), atol=1e-12)


def test_it_says_what_it_is():
    model = Plain(er.Grid(2), 1, 1, False)
    output = er.Invariant(1)
    assert "exact: all 4 elements" in repr(average(model, er.Grid(2), er.C(4), output=output))
    assert "approximate: all 8 elements, interpolated; exact on C(4)" in repr(
        average(model, er.Grid(2), er.C(8), output=output)
    )
    assert "approximate: 8 drawn elements; exact on D(4)" in repr(
        average(model, er.Grid(2), er.O(2), output=output, samples=8)
    )


def test_more_turns_are_nearer_to_every_rotation():
    """Of a smooth picture the average over C16 changes less under a turn by 20° than that over C4."""
    axis, at = torch.arange(21, dtype=torch.float64) - 10, 5 * torch.rand(16, 4, 2, dtype=torch.float64) - 2.5
    away = (axis[:, None] - at[..., :1, None]) ** 2 + (axis - at[..., 1:, None]) ** 2
    x = 5 * (torch.randn(16, 4, 1, 1, dtype=torch.float64) * (-away / 8).exp()).sum(1, keepdim=True)
    turned = er.Grid(2).warp(er.SO(2).element(0.35), x)
    model, errors = nn.Sequential(nn.Flatten(), nn.Linear(441, 16), nn.Tanh(), nn.Linear(16, 4)).double(), []
    for group in (er.C(4), er.C(16)):
        F = average(model, er.Grid(2), group, output=er.Invariant(4)).requires_grad_(False)
        errors.append(float((F(turned) - F(x)).norm() / (F(x) - F(x).mean(0)).norm()))
    assert errors[1] < errors[0] / 4


class Wrong(nn.Module):
    def __init__(self, answer: Any):
        super().__init__()
        self.answer = answer

    def forward(self, x: Tensor) -> Any:
        return self.answer


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda m: average(m, er.Grid(2), er.SO(2), output=er.Invariant(1)), GroupError, "samples=16"),
        (lambda m: average(m, er.Grid(2), er.C(4), output=er.Invariant(1), samples=3), GroupError, "Leave samples out"),
        (lambda m: average(m, er.Grid(2), er.SO(2), output=er.Invariant(1), samples=0), InputError, "samples=0"),
        (lambda m: average(m, er.Grid(2), er.C(4)), TaskError, "er.Invariant"),
        (lambda m: average(m, er.Grid(2), er.C(4), output=3), TaskError, "er.Invariant"),
        (lambda m: average(m, "Grid(2)", er.C(4), output=er.Invariant(1)), TaskError, "a domain"),
        (lambda m: average(m, er.Grid(2), er.Octahedral(), output=er.Invariant(1)), DomainError, "Grid"),
        (lambda m: average(m, er.Grid(2), er.Translations(), output=er.Invariant(1)), TaskError, "pad and crop"),
        (lambda m: average(m, er.Grid(2), er.C(4), output=er.Equivariant(er.D(4).standard)), TaskError, "restrict"),
        (lambda m: average(m, er.Grid(2), er.C(4), output=er.Invariant(1), batch_size=0), InputError, "batch_size=0"),
        (lambda m: average(len, er.Grid(2), er.C(4), output=er.Invariant(1)), InputError, "Module"),
        (lambda m: average(m, er.Dna(), output=er.Invariant(1), input=4), TaskError, "the domain's own"),
    ],
)
def test_refusals(make: Any, error: type[Exception], text: str):
    with pytest.raises(error, match=text):
        make(Plain(er.Grid(2), 1, 1, False))


def test_refusals_of_inputs_and_answers():
    x = torch.randn(2, 1, 5, 5)
    F = average(Wrong(torch.zeros(8, 3)), er.Grid(2), er.C(4), output=er.Invariant(2))
    with pytest.raises(InputError, match=r"\[8, 2\]"):
        F(x)
    with pytest.raises(InputError, match=r"at \[0\]"):
        average(Wrong((x, x)), er.Grid(2), er.C(4), output=er.Invariant(2))(x)
    for bad, text in ((x[0], "batch"), (x.long(), "floating"), ([1], "tensor"), (er.Signal(x, SPACE), "values")):
        with pytest.raises(InputError, match=text):
            F(bad)
    turning = average(Wrong(x), er.Grid(2), er.C(4), output=er.Invariant(2), input=er.C(4).standard)
    with pytest.raises(InputError, match="2 on axis 1"):
        turning(x)


SPACE = er.Space(er.Grid(2), er.C(4).trivial)
