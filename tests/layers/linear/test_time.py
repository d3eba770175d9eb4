"""Layers in time: left padding, both laws of warping, blanks, lengths; beside torch's own kernels and closed forms."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import erlangen as er
from erlangen.errors import InputError, SpaceError, TaskError
from erlangen.layers import GatedRecurrence, Layer, Recurrent, StateSpace, TimePool
from tests.laws.signals import SEEDS

NONE = er.Trivial().trivial
EXACT = {torch.float64: 1e-12, torch.float32: 1e-5}


def sequence(channels: int) -> er.Space:
    return er.Space(er.Sequence(), channels * NONE)


CLOCKED: dict[str, Callable[[int, int], Layer]] = {
    "gated": lambda c, out: GatedRecurrence(sequence(c), sequence(out)),
    "gated, cloglog": lambda c, out: GatedRecurrence(sequence(c), sequence(out), "cloglog"),
    "gated, slow": lambda c, out: GatedRecurrence(sequence(c), sequence(out), slowest=50),
    "state space": lambda c, out: StateSpace(sequence(c), sequence(out), 3),
    "state space, fixed": lambda c, out: StateSpace(sequence(c), sequence(out), 3, selective=False),
}
CELLS = {cell: lambda c, out, cell=cell: Recurrent(sequence(c), sequence(out), cell) for cell in ("lstm", "gru", "rnn")}
CELLS |= {
    f"{cell}, slow": lambda c, out, cell=cell: Recurrent(sequence(c), sequence(out), cell, 30)
    for cell in ("lstm", "gru")
}
EVERY = CLOCKED | CELLS


def network(
    kinds: tuple[str, ...], seed: int, residual: bool = True, dtype: torch.dtype = torch.float64
) -> er.Blueprint:
    """A stack of layers in time, 3 channels in, 5 out, whose biases are not at their start."""
    torch.manual_seed(seed)
    made: list[Layer] = [EVERY[kinds[0]](3, 5)]
    for kind in kinds[1:]:
        inner = EVERY[kind](5, 5)
        made.append(er.layers.skip([inner], join="add") if residual else inner)
    net = er.Blueprint(made)
    for name, parameter in net.named_parameters():
        if "bias" in name or "gates" in name or "rate" in name:
            nn.init.normal_(parameter, std=0.5)
    return net.to(dtype)


def split(x: Tensor, seed: int, most: int = 5) -> tuple[dict[str, Tensor], Tensor]:
    """Every step in 1 … 5 unequal parts of a random length together; and where the holds end."""
    generator = torch.Generator().manual_seed(seed)
    steps = x.shape[-1]
    parts = torch.randint(1, most + 1, (steps,), generator=generator)
    share = torch.rand(int(parts.sum()), generator=generator, dtype=x.dtype) + 0.1
    hold = torch.arange(steps).repeat_interleave(parts)
    share = share / torch.zeros(steps, dtype=x.dtype).index_add(0, hold, share)[hold]
    return {"holds": hold.expand(len(x), -1), "share": share.expand(len(x), -1)}, parts.cumsum(0) - 1


stacks = st.lists(st.sampled_from(list(CLOCKED)), min_size=1, max_size=3).map(tuple)


@given(kinds=stacks, seed=SEEDS, dtype=st.sampled_from(list(EXACT)))
@settings(max_examples=60)
def test_the_clock_law(kinds: tuple[str, ...], seed: int, dtype: torch.dtype):
    """f(x ∘ c, Δt split) = f(x, Δt) ∘ c at the ends of holds: alone, stacked, residual; whatever the split."""
    net, x = network(kinds, seed, dtype=dtype), torch.randn(2, 3, 7, dtype=dtype)
    dt = 0.2 + torch.rand(2, 7, dtype=dtype)
    parts, ends = split(x, seed)
    hold, share = parts["holds"][0], parts["share"][0]
    with torch.no_grad():
        y = net(x, dt=dt)
        z = net(x[..., hold], dt=dt[:, hold] * share, holds=parts["holds"])[..., ends]
    assert (z - y).abs().max() <= EXACT[dtype] * y.abs().max().clamp(min=1.0)


@given(kinds=stacks, seed=SEEDS, factor=st.sampled_from([2, 3, 7]))
@settings(max_examples=40)
def test_the_class_law(kinds: tuple[str, ...], seed: int, factor: int):
    """f_{Tθ}(x ∘ c) = f_θ(x) ∘ c, no clock given, every step `factor` times; a stack is told the holds."""
    net, x = network(kinds, seed), torch.randn(2, 3, 6, dtype=torch.float64)
    slower = net.warped(factor)
    told = {} if len(kinds) == 1 else {"holds": torch.arange(6).repeat_interleave(factor).expand(2, -1)}
    with torch.no_grad():
        y = net(x)
        z = slower(x.repeat_interleave(factor, -1), **told)[..., factor - 1 :: factor]
    assert (z - y).abs().max() <= 1e-12 * y.abs().max().clamp(min=1.0)


def test_a_stack_that_is_not_told_the_holds_is_not_exact():
    """What a layer hears within a hold changes, where the layer below it is still on its way."""
    net, x = network(("gated", "gated"), 0), torch.randn(2, 3, 6, dtype=torch.float64)
    dt = torch.full((2, 24), 0.25, dtype=torch.float64)
    wide = x.repeat_interleave(4, -1)
    holds = torch.arange(6).repeat_interleave(4).expand(2, -1)
    assert (net(wide, dt=dt, holds=holds)[..., 3::4] - net(x)).abs().max() < 1e-12
    assert (net(wide, dt=dt)[..., 3::4] - net(x)).abs().max() > 1e-3


@given(kinds=stacks, seed=SEEDS)
@settings(max_examples=30)
def test_blanks_of_no_time_change_nothing(kinds: tuple[str, ...], seed: int):
    """Steps with Δt = 0, whatever they say, are as if they were not there."""
    net, x = network(kinds, seed), torch.randn(1, 3, 5, dtype=torch.float64)
    at = torch.tensor([0, 0, 1, 2, 2, 2, 3, 4])
    blank = torch.tensor([True, False, False, False, True, True, False, False])
    noise = torch.where(blank, torch.randn(1, 3, 8, dtype=torch.float64), x[..., at])
    with torch.no_grad():
        y = net(noise, dt=(~blank).double()[None])[..., ~blank]
    assert (y - net(x)).abs().max() <= 1e-12


@pytest.mark.parametrize("kind", EVERY)
@given(seed=SEEDS)
@settings(max_examples=8)
def test_zeros_on_the_left_come_and_go(kind: str, seed: int):
    """f(0 … 0 x) = 0 … 0 f(x) at every step, the first ones included, in a stack too."""
    net, x = network((kind, kind), seed), torch.randn(2, 3, 6, dtype=torch.float64)
    with torch.no_grad():
        y, later = net(x), net(nn.functional.pad(x, (20, 0)))
    assert (later[..., 20:] - y).abs().max() <= 1e-12 and later[..., :20].abs().max() == 0


@pytest.mark.parametrize("kind", EVERY)
def test_it_is_causal_and_varies_and_learns(kind: str):
    net, x = network((kind,), 1), torch.randn(2, 3, 8, dtype=torch.float64, requires_grad=True)
    y = net(x)
    (grad,) = torch.autograd.grad(y[..., 4].sum(), x, retain_graph=True)
    assert grad[..., 5:].abs().max() == 0 and (grad[..., :5].abs().sum(1) > 0).all()
    y.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
    assert y.detach().std() > 1e-3


@pytest.mark.parametrize("kind", EVERY)
def test_states_of_white_noise_neither_fade_nor_grow(kind: str):
    """At their start: the second moment at 200 steps is that at 100, and no more than that of what came in."""
    moments = []
    for seed in range(4):
        torch.manual_seed(seed)
        with torch.no_grad():
            y = EVERY[kind](32, 32)(torch.randn(16, 32, 201))
        moments.append([float(y[..., t - 20 : t].square().mean()) for t in (100, 200)])
    half, whole = torch.tensor(moments).mean(0)
    assert 1e-3 < whole < 1 and 0.8 < whole / half < 1.25


# ---- witnesses -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("cell", "theirs"), [("lstm", nn.LSTM), ("gru", nn.GRU), ("rnn", nn.RNN)])
def test_a_cell_is_torch_s_own_with_a_candidate_without_bias(cell: str, theirs: type[nn.Module]):
    net, x = network((cell,), 2), torch.randn(2, 3, 9, dtype=torch.float64)
    ours: Recurrent = net[0]  # type: ignore[assignment]
    other = theirs(3, 5, batch_first=True).double()
    with torch.no_grad():
        other.weight_ih_l0.copy_(ours.into)
        other.weight_hh_l0.copy_(ours.again)
        other.bias_ih_l0.zero_()
        other.bias_hh_l0.zero_()
        if cell == "lstm":  # torch's order: input, forget, candidate, output
            other.bias_ih_l0[:10], other.bias_ih_l0[15:] = ours.gates[:2].flatten(), ours.gates[2]
        if cell == "gru":  # reset, keep, candidate
            other.bias_ih_l0[:10] = ours.gates.flatten()
    assert torch.allclose(net(x), other(x.transpose(1, 2))[0].transpose(1, 2), atol=1e-12)


def test_at_steps_of_length_one_the_gate_is_a_sigmoid():
    """1 − exp(−softplus(u)) = σ(u): the minimal GRU."""
    layer, x = GatedRecurrence(sequence(3), sequence(4)).double(), torch.randn(1, 3, 6, dtype=torch.float64)
    with torch.no_grad():
        layer.log_rate.zero_()
        z, c = layer.rate(x.transpose(1, 2)).sigmoid()[0], layer.candidate(x.transpose(1, 2)).tanh()[0]
        h, found = torch.zeros(4, dtype=torch.float64), []
        for step in range(6):
            h = (1 - z[step]) * h + z[step] * c[step]
            found.append(h)
        assert torch.allclose(layer(x)[0].T, torch.stack(found), atol=1e-12)


def test_a_state_space_is_the_solution_of_its_equation():
    """Against a thousand small steps of Euler's between two changes of the input."""
    layer, x = StateSpace(sequence(2), sequence(3), 2).double(), torch.randn(1, 2, 3, dtype=torch.float64)
    fine = 4000
    with torch.no_grad():
        v, held = layer.inner(x.transpose(1, 2))[0], x.transpose(1, 2)
        pace = (nn.functional.softplus(layer.pace(held)) * layer.log_rate.exp())[0]
        write, read = layer.write(held)[0], layer.read(held)[0]
        h = torch.zeros(3, 2, dtype=torch.float64)
        for t in range(3):
            for _ in range(fine):
                h = h + pace[t][:, None] / fine * (-layer.log_decay.exp() * h + write[t] * v[t][:, None])
        wanted = (h * read[2]).sum(-1) + layer.skip * v[2]
        assert torch.allclose(layer(x)[0, :, -1], wanted, atol=1e-3)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_chrono_gates_remember_from_two_to_so_many_steps(cell: str):
    """T = 1 + eᵇ is uniform on [2, slowest]."""
    torch.manual_seed(0)
    layer = Recurrent(sequence(1), sequence(4000), cell, slowest=1000)
    kept = 1 + layer.gates[1].detach().exp()
    assert float(kept.min()) >= 2 and float(kept.max()) <= 1000 and abs(float(kept.mean()) - 501) < 15
    if cell == "lstm":
        assert torch.equal(layer.gates[0], -layer.gates[1])


# ---- beside the values ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("method", ["last", "mean"])
def test_sequences_of_several_lengths_are_answered_as_each_alone(kind: str, method: str):
    torch.manual_seed(0)
    layer = EVERY[kind](3, 5)
    net = er.Blueprint([layer, TimePool(layer.target, method)]).double()
    x, lengths = torch.randn(3, 3, 9, dtype=torch.float64), [9, 4, 1]
    together = net(x, lengths=lengths)
    for i, length in enumerate(lengths):
        assert torch.allclose(together[i], net(x[i : i + 1, :, :length])[0], atol=1e-12)


@given(seed=SEEDS)
@settings(max_examples=10)
def test_the_mean_over_time_keeps_the_clock_law(seed: int):
    net = network(("gated",), seed)
    net = er.Blueprint([*net, TimePool(net.target, "mean")]).double()
    x, dt = torch.randn(2, 3, 6, dtype=torch.float64), 0.2 + torch.rand(2, 6, dtype=torch.float64)
    parts, _ = split(x, seed)
    hold = parts["holds"][0]
    z = net(x[..., hold], dt=dt[:, hold] * parts["share"], holds=parts["holds"])
    assert torch.allclose(z, net(x, dt=dt), atol=1e-12)


def test_packed_sequences_and_what_has_lengths_are_taken_as_they_are():
    """Torch's own container, in whatever order it sorts; and a dictionary or an object of values and what is beside."""
    torch.manual_seed(0)
    task = er.Task(er.Sequence(), er.TimeWarp(), input=3, output=er.Equivariant(2))
    net = er.derive(task, width=8).double().eval()
    parts = [torch.randn(3, n, dtype=torch.float64) for n in (4, 9, 1)]
    x = torch.nn.utils.rnn.pad_sequence([part.T for part in parts], batch_first=True).transpose(1, 2)
    packed = torch.nn.utils.rnn.pack_sequence([part.T for part in parts], enforce_sorted=False)
    held = {"x": x, "lengths": [4, 9, 1]}
    for data in (packed, held, SimpleNamespace(**held)):
        assert torch.allclose(net(data), net(x, lengths=[4, 9, 1]), atol=1e-12)
    dt = torch.rand(3, 9, dtype=torch.float64)
    assert torch.allclose(net({**held, "dt": dt}), net(x, dt=dt, lengths=[4, 9, 1]), atol=1e-12)
    with pytest.raises(SpaceError, match="a dict"):
        net({"lengths": [4, 9, 1]})


def test_convolutions_in_time_take_lengths():
    net = er.derive(er.Task(er.Sequence(), input=2, output=er.Invariant(3)), width=8).double().eval()
    x = torch.randn(2, 2, 12, dtype=torch.float64)
    together = net(x, lengths=[12, 7])
    assert torch.allclose(together[1], net(x[1:, :, :7])[0], atol=1e-12)


def test_derived_networks_keep_their_laws_and_their_recipes():
    for layer in ("gated", "state-space"):
        for output in (er.Invariant(3), er.Equivariant(2)):
            torch.manual_seed(0)
            net = er.derive(
                er.Task(er.Sequence(), er.TimeWarp(), input=3, output=output), layer=layer, width=6
            ).double()
            x = torch.randn(2, 3, 5, dtype=torch.float64)
            holds = torch.arange(5).repeat_interleave(3).expand(2, -1)
            y, z = net(x), net.warped(3)(x.repeat_interleave(3, -1), holds=holds)
            assert torch.allclose(z if isinstance(output, er.Invariant) else z[..., 2::3], y, atol=1e-12)
            again = er.build(net.recipe).double()
            again.load_state_dict(net.state_dict())
            assert torch.equal(again(x), y) and again.task == net.task and again.task.warped
    assert "TimeWarp()" in repr(net.task)
    plain = er.derive(er.Task(er.Sequence(), input=3, output=er.Invariant(3)), layer="lstm", width=6)
    with pytest.raises(TaskError, match="Recurrent, which has no map"):
        plain.warped(2)


def test_what_does_not_fit_is_refused():
    net = network(("gated",), 0)
    x = torch.randn(2, 3, 4, dtype=torch.float64)
    for given_beside, words in (
        ({"dt": [1.0, 1.0]}, "dt of shape"),
        ({"dt": -torch.ones(2, 4)}, "negative or infinite dt"),
        ({"holds": [[0, 1, 0, 1]] * 2}, "holds that fall"),
        ({"lengths": [5, 1]}, "numbers from 1 to 4"),
        ({"batch": torch.zeros(2)}, "dt, holds, lengths"),
    ):
        with pytest.raises(InputError, match=words):
            net(x, **given_beside)
    with pytest.raises(InputError, match="x alone"):
        er.derive(er.Task(er.Grid(1), input=3, output=er.Invariant(1)), scales=1)(x.float(), dt=torch.ones(2, 4))
    with pytest.raises(SpaceError, match="scalars on one er.Sequence"):
        GatedRecurrence(er.Space(er.Grid(1), NONE), er.Space(er.Grid(1), NONE))
    with pytest.raises(SpaceError, match="one of rate, cloglog"):
        GatedRecurrence(sequence(1), sequence(1), "sigmoid")
    with pytest.raises(SpaceError, match="no gate to set"):
        Recurrent(sequence(1), sequence(1), "rnn", slowest=10)
    with pytest.raises(TaskError, match="gated, state-space"):
        er.derive(er.Task(er.Sequence(), er.TimeWarp(), input=1, output=er.Invariant(1)), layer="lstm")
    with pytest.raises(TaskError, match="a group that acts"):
        er.Task(er.Grid(1), er.TimeWarp(), input=1, output=er.Invariant(1))


# ---- what stands behind the end of a sequence, and blanks ------------------------------------------------------------
@pytest.mark.parametrize("method", ["last", "mean"])
def test_padding_is_heard_neither_by_holds_nor_by_what_stands_there(method: str):
    net = network(("gated", "state space"), 0)
    net = er.Blueprint([*net, TimePool(net.target, method)]).double()
    lengths = torch.tensor([5, 8, 1])
    x = torch.randn(3, 3, 8, dtype=torch.float64)
    holds = torch.minimum(torch.arange(8).expand(3, 8), lengths[:, None] - 1)  # the last number goes on behind the end
    rubbish = torch.where(torch.arange(8) < lengths[:, None], x.transpose(0, 1), 1e3).transpose(0, 1)
    together = net(rubbish, holds=holds, lengths=lengths)
    for i, length in enumerate(lengths.tolist()):
        assert torch.allclose(together[i], net(x[i : i + 1, :, :length])[0], atol=1e-12)


@pytest.mark.parametrize("kind", ["gated", "state space"])
@pytest.mark.parametrize("method", ["last", "mean"])
def test_a_blank_behind_the_last_step_says_nothing(kind: str, method: str):
    net = network((kind, kind), 1)
    net = er.Blueprint([*net, TimePool(net.target, method)]).double()
    x = torch.randn(2, 3, 6, dtype=torch.float64)
    blank = torch.cat([x, torch.randn(2, 3, 1, dtype=torch.float64)], dim=-1)
    dt = torch.tensor([1.0] * 6 + [0.0], dtype=torch.float64).expand(2, -1)
    assert torch.allclose(net(blank, dt=dt), net(x), atol=1e-12)


def test_batch_statistics_are_of_the_steps_that_there_are():
    torch.manual_seed(0)
    net = er.derive(er.Task(er.Sequence(), input=2, output=er.Invariant(3)), width=8).double().train()
    x, lengths = torch.randn(4, 2, 9, dtype=torch.float64), torch.tensor([9, 5, 7, 2])
    wider = torch.nn.functional.pad(x, (0, 6), value=50.0)
    rubbish = torch.where(torch.arange(15) < lengths[:, None, None], wider, 1e3)
    assert torch.allclose(net(rubbish, lengths=lengths), net(x, lengths=lengths), atol=1e-10)
    assert not torch.allclose(net(wider), net(x), atol=1e-2)


def test_layers_that_hear_no_time_are_not_told_of_it():
    x = torch.randn(2, 3, 4)
    for layer in ("lstm", None):
        task = er.Task(er.Sequence(), input=3, output=er.Invariant(2))
        net = er.derive(task, width=8, **({"layer": layer} if layer else {})).eval()
        net(x, lengths=[4, 2])
        with pytest.raises(InputError, match="keeps the clock"):
            net(x, dt=torch.ones(2, 4))


def test_slow_gates_are_not_rounded_away_under_autocast():
    torch.manual_seed(0)
    space = er.Space(er.Sequence(), 4 * er.Trivial().trivial)
    layer = er.layers.GatedRecurrence(space, space, slowest=1000.0)
    x = torch.ones(1, 4, 1000)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = layer(x)[..., -1].float()
    assert torch.allclose(half, layer(x)[..., -1], rtol=0.05, atol=0.02)
