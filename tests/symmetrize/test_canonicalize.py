"""Canonical forms: exact for every network, at ties too; they learn; how near a jump is can be asked."""

import copy
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import erlangen as er
from erlangen.domains import Domain
from erlangen.errors import DomainError, GroupError, InputError
from erlangen.symmetrize.action import read_action
from tests.effort import covering
from tests.laws.catalogue import DOMAINS
from tests.laws.signals import SEEDS, difference, noise, sizes, some
from tests.symmetrize.plain import Plain, varies, vectors

canonicalize = er.symmetrize.canonicalize
MOVING = [param for param in DOMAINS if param.values[1].order > 1]


def canonical(domain: Domain, group: er.Group, output: Any, rho: Any = None, **named: Any) -> er.symmetrize.Canonical:
    action = read_action(domain, group, output, rho)
    channels = 1 if rho is None else rho.dim
    model = Plain(domain, channels, action.answer_channels, action.dense)
    return canonicalize(model, domain, group, output=output, input=rho, **named)


def outputs(group: er.Group) -> list[Any]:
    rho = vectors(group)
    return [er.Invariant(2), er.Equivariant(2), er.Equivariant(rho), er.Equivariant(rho, pooled=True)]


@pytest.mark.parametrize(("domain", "group"), MOVING)
@settings(max_examples=4)
@given(data=st.data(), seed=SEEDS)
def test_canonical_answers_are_exact(domain: Domain, group: er.Group, data: st.DataObject, seed: int):
    size = data.draw(sizes(domain, 3, 9 if domain.axes < 3 else 5))
    output = data.draw(st.sampled_from(outputs(group)))
    natural = domain.natural_input(group)
    rho = natural if natural is not None else data.draw(st.sampled_from([2 * group.trivial, vectors(group)]))
    F = canonical(domain, group, output, rho, batch_size=data.draw(st.sampled_from([1, 7, 999])))
    space = er.Space(domain, rho)
    x = noise(space, size, seed, batch=3)
    F.train(data.draw(st.booleans()))
    y, elements = F(x, with_element=True)
    assert varies(y)
    for g in some(group, seed):
        turned, there = F(space.act(g, x), with_element=True)
        assert difference(turned, output.act(g, y, domain)) <= 1e-10
        assert list(there) == [g @ h for h in elements]


@pytest.mark.parametrize(
    ("domain", "group"), [(er.Grid(2), er.D(4)), (er.HexGrid(), er.D(6)), (er.Grid(3), er.Octahedral())]
)
@pytest.mark.parametrize("number", covering(range(4), range(0, 4, 3)))
def test_symmetric_inputs_tie_and_stay_exact(domain: Domain, group: er.Group, number: int):
    """An input that part of the group leaves alone must have an answer that this part leaves alone."""
    output = outputs(group)[number]
    F = canonical(domain, group, output, 1 * group.trivial)
    x = noise(er.Space(domain, 1 * group.trivial), (7 if domain.axes < 3 else 5,) * domain.axes, 3)
    for part in (group.subgroup(group.generators[0]), group.subgroup(group.generators[-1]), group):
        fixed = sum(domain.act(h, x) for h in part.elements) / part.order
        y = F(fixed)
        for g in [*part.generators, *group.generators]:
            assert difference(F(domain.act(g, fixed)), output.act(g, y, domain)) <= 1e-10
        with pytest.warns(UserWarning, match="2 of 2 inputs lie near a tie"):
            assert float(F.margin(fixed).max()) < 1e-12


def test_one_call_of_the_model_and_the_same_value_as_by_hand():
    group, calls = er.C(4), []
    F = canonical(er.Grid(2), group, er.Equivariant(2))
    F.model.register_forward_pre_hook(lambda module, args: calls.append(tuple(args[0].shape)))
    x = torch.randn(5, 1, 6, 6, dtype=torch.float64)
    y, elements = F(x, with_element=True)
    assert calls == [(5, 1, 6, 6)]
    scores = F.form.scores(x)
    for i, h in enumerate(elements):
        assert group.elements[int(scores[i].argmax())] == h
        by_hand = er.Grid(2).act(h, F.model(er.Grid(2).act(~h, x[i : i + 1])))
        assert torch.allclose(by_hand, y[i : i + 1], atol=1e-14)
    assert len(set(map(str, elements))) > 1


def test_the_answer_alone_and_nothing_kept():
    F = canonical(er.Grid(2), er.C(4), er.Invariant(2))
    before = {name: dict(vars(module)) for name, module in F.named_modules()}
    y = F(torch.randn(3, 1, 6, 6, dtype=torch.float64))
    assert isinstance(y, Tensor)
    assert {name: dict(vars(module)) for name, module in F.named_modules()} == before


# ---- learning


class Upright(nn.Module):
    """Says how much of the light is in the upper half: easy upright, hopeless when turned."""

    def forward(self, x: Tensor) -> Tensor:
        return (x[:, :, :4].mean((2, 3)) - x[:, :, 4:].mean((2, 3))) * 4


def half_lit(count: int) -> Tensor:
    x = 0.1 * torch.randn(count, 1, 8, 8)
    x[:, :, :4] += 1
    return er.symmetrize.augment(er.Grid(2), er.C(4))(x)


def test_the_energy_learns_by_the_straight_through_slope():
    """Pictures lit in one half, turned at random: only the energy can learn to show the lit half above."""
    F = canonicalize(Upright(), er.Grid(2), er.C(4), output=er.Invariant(1), input=1)
    optimizer = torch.optim.Adam(F.parameters(), 1e-2)
    x = half_lit(64)
    before = float(F(x).mean().detach())
    for _ in range(40):
        optimizer.zero_grad()
        (-F(half_lit(64)).mean()).backward()
        optimizer.step()
    assert float(F.eval()(x).mean().detach()) > 3.9 > 3 > before


@pytest.mark.parametrize("output", [er.Equivariant(2), er.Equivariant(er.C(4).standard, pooled=True)])
@pytest.mark.parametrize("sides", [(6, 6), (5, 7)])
def test_everything_gets_a_gradient_in_training_and_only_what_has_one_in_eval(output: Any, sides: tuple[int, int]):
    F = canonical(er.Grid(2), er.C(4), output, er.C(4).trivial)
    x = torch.randn(4, 1, *sides, dtype=torch.float64)
    for training in (True, False):
        F.train(training).zero_grad()
        F(x).square().sum().backward()
        assert all(p.grad is not None and float(p.grad.abs().max()) > 0 for p in F.model.parameters())
        assert [p.grad is not None and bool(p.grad.any()) for p in F.form.network.parameters()] == [training] * 5


def test_the_slope_in_the_input_is_that_of_the_function():
    """Also in training, where scores have a slope of their own."""
    F = canonical(er.Grid(2), er.C(4), er.Invariant(2)).train()
    x = torch.randn(2, 1, 5, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(F, (x,), atol=1e-6)


# ---- ties and jumps


def test_margin_and_jump_measure_the_discontinuity():
    """Along a line from x to its turned image the element changes; there the margin is nought and the answer jumps."""
    F = canonical(er.Grid(2), er.C(4), er.Invariant(2)).requires_grad_(False)
    x = torch.randn(1, 1, 6, 6, dtype=torch.float64)
    turned = torch.rot90(x, 1, (-2, -1))

    def at(t: float) -> Tensor:
        return (1 - t) * x + t * turned

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        same = F(at(middle), with_element=True)[1] == F(x, with_element=True)[1]
        low, high = (middle, high) if same else (low, middle)
    step = float((F(at(low - 1e-9)) - F(at(high + 1e-9))).norm() / F(at(low - 1e-9)).norm())
    assert step > 1e-2
    with pytest.warns(UserWarning, match="1 of 1 inputs"):
        assert float(F.margin(at(low - 1e-9))) < 1e-6
    assert float(F.jump(at(low - 1e-9))) == pytest.approx(step, rel=1e-4)
    assert float(F.margin(x)) > 1e-4
    scores = F.form.scores(x).sort(descending=True).values[0]
    assert float(F.margin(x)) == pytest.approx(float(scores[0] - scores[1]))


def test_a_network_that_keeps_the_group_ties_everywhere_and_gives_the_average():
    class Mean(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mean((1, 2, 3))

    F = canonical(er.Grid(2), er.C(4), er.Equivariant(2), network=Mean())
    x = torch.randn(3, 1, 6, 6, dtype=torch.float64)
    mean = er.symmetrize.average(F.model, er.Grid(2), er.C(4), output=er.Equivariant(2))
    assert torch.allclose(F(x), mean(x), atol=1e-12)


# ---- a module like others


@pytest.mark.parametrize(("domain", "group", "sides"), [(er.Grid(2), er.D(4), (8, 8)), (er.HexGrid(), er.C(6), (9, 9))])
@pytest.mark.parametrize("dense", [False, True])
def test_the_witness_agrees(domain: Domain, group: er.Group, sides: tuple[int, ...], dense: bool):
    output = er.Equivariant(vectors(group)) if dense else er.Invariant(3)
    F = canonical(domain, group, output, 1 * group.trivial).eval()
    x = noise(er.Space(domain, 1 * group.trivial), sides, 0, batch=16)
    assert er.audit(F, domain, group, x, output=output, shifts=[]).verdict == "exact"
    assert er.audit(F.float(), domain, group, x.float(), output=output, shifts=[]).verdict == "exact"


def test_it_is_an_ordinary_module(tmp_path):
    F = canonical(er.Grid(2), er.D(4), er.Equivariant(er.D(4).standard), er.D(4).trivial).eval()
    x = torch.randn(3, 1, 6, 6, dtype=torch.float64)
    twin = copy.deepcopy(F)
    assert torch.equal(twin(x), F(x))
    assert {name.split(".")[0] for name in F.state_dict()} == {"model", "form"}
    other = canonical(er.Grid(2), er.D(4), er.Equivariant(er.D(4).standard), er.D(4).trivial).eval()
    other.load_state_dict(F.state_dict())
    assert torch.equal(other(x), F(x))
    torch.save(F, tmp_path / "F.pt")
    assert torch.equal(torch.load(tmp_path / "F.pt", weights_only=False)(x), F(x))
    assert F.float()(x.float()).dtype == torch.float32
    assert "Grid(2), D(4), output=Equivariant(standard of D4)" in repr(F)


@pytest.mark.parametrize(
    ("group", "named", "error", "text"),
    [
        (er.C(8), {}, DomainError, "C\\(4\\)"),
        (er.SO(2), {}, DomainError, "C\\(4\\)"),
        (er.Trivial(), {}, GroupError, "two elements"),
        (er.C(4), {"network": len}, InputError, "leave it out"),
    ],
)
def test_refusals(group: er.Group, named: dict[str, Any], error: type[Exception], text: str):
    with pytest.raises(error, match=text):
        canonical(er.Grid(2), group, er.Invariant(1), group.trivial, **named)


def test_a_network_of_another_shape_is_refused():
    F = canonical(er.Grid(2), er.C(4), er.Invariant(1), network=nn.Flatten())
    with pytest.raises(InputError, match="one for each input"):
        F(torch.randn(2, 1, 6, 6, dtype=torch.float64))
