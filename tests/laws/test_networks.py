"""What holds of every derived network: its symmetry at every size, its law of translations, that it says something."""

import copy
from collections.abc import Callable
from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import erlangen as er
from erlangen.auditing.motion import Turn
from erlangen.auditing.proof import Prover
from erlangen.chance import reseed
from erlangen.layers import DomainPool, FibrePool, Footprint, LatticePool
from erlangen.layers.linear._blocks import KernelBlock, TiedBlock
from erlangen.layers.linear._isotypic import Isotypic
from tests.effort import covering
from tests.laws.built import CHOSEN, MOVED_NETWORKS, NETWORKS
from tests.laws.signals import EXACT, SEEDS, difference, equivariance_error, noise, sizes, some_of

Network = Callable[[], er.Blueprint]
# Of every third domain and group the network that answers at every point, which holds the other's layers as well; and
# every choice, but for those that take the longest and are proved on squares, too.
NAMED = [m for m in NETWORKS if not str(m.id).startswith(("classes on", "masks on", "values on"))]
WHOLE = [m for m in NETWORKS if str(m.id).startswith(("masks on", "values on"))]
LONG = ("separable cube", "separable on hexagons")
PROVED = covering(NETWORKS, [*WHOLE[::3], *(m for m in NAMED if m.id not in LONG)])


def settled(make: Network, dtype: torch.dtype = torch.float64, seed: int = 0) -> er.Blueprint:
    """A network in eval whose normalisation has seen data and whose biases are not zero."""
    return copy.deepcopy(_settled(make, dtype, seed))


@cache
def _settled(make: Network, dtype: torch.dtype, seed: int) -> er.Blueprint:
    reseed(seed)
    net = make().to(dtype)
    with torch.no_grad():
        for name, p in net.named_parameters():
            if "bias" in name or "shift" in name:
                p.normal_(std=0.3)
        side = max(net.minimum_size, 9)
        net(noise(net.source, net.source.domain.size(side + 1 - side % 2), seed, batch=8, dtype=dtype))
    return net.eval()


# --- symmetry


@pytest.mark.parametrize("make", NETWORKS)
@given(data=st.data(), seed=SEEDS)
@settings(max_examples=2)
def test_it_keeps_its_symmetry_at_every_size(make: Network, data: st.DataObject, seed: int):
    """f(g·x) = g·f(x) in float64 and float32, for lines, planes and hexagons of 5 … 64 sites and cubes of 5 … 17."""
    net = settled(make)
    size = data.draw(sizes(net.source.domain, least=net.minimum_size))
    elements = some_of(net.source, seed, most=4 if net.source.domain.axes == 3 else 2)
    x = noise(net.source, size, seed)
    assert equivariance_error(net, x, elements) <= EXACT[torch.float64]
    cancels = net.target.domain.axes == 0 and not net.target.rho.is_trivial  # a mean near zero keeps fewer digits
    assert equivariance_error(net.float(), x.float(), elements) <= (20 if cancels else 1) * EXACT[torch.float32]


@pytest.mark.parametrize("make", PROVED)
def test_it_is_proved_where_its_weights_are_tied(make: Network):
    """For all inputs of a size, by the field proof."""
    net = settled(make, torch.float32)
    tied = all(isinstance(part, TiedBlock) for part in net.modules() if isinstance(part, KernelBlock))
    tied &= not any(isinstance(part, Isotypic) for part in net.modules())  # whose numbers are sines, and round
    domain, rho = net.source.domain, net.source.rho
    motions = [Turn(g, domain, None if rho.is_trivial else rho, output_of(net)) for g in net.source.group.generators]
    if not tied or not motions:
        return
    side = max(net.minimum_size, 5)
    prover = Prover(net, lambda y: y, torch.zeros(1))
    proofs = prover.prove(motions, (net.source.channels, *domain.size(side + 1 - side % 2)))
    assert {proof.verdict for proof in proofs} == {"proved"}, proofs


def output_of(net: er.Blueprint) -> er.Invariant | er.Equivariant:
    """How its answer moves."""
    return net.task.output if net.task else er.Equivariant(net.target.rho, pooled=not net.target.domain.axes)


@pytest.mark.parametrize("make", [*CHOSEN, *MOVED_NETWORKS])
@pytest.mark.parametrize("extra", [0, 1])
def test_it_keeps_its_symmetry_at_its_least_size_and_in_training(make: Network, extra: int):
    net = settled(make)
    domain = net.source.domain
    least = net.minimum_size + extra * (2 if isinstance(domain, er.HexGrid) else 1)
    x = noise(net.source, (least,) * domain.axes, batch=4)
    elements = some_of(net.source, 0, most=2)
    assert equivariance_error(net, x, elements) <= 1e-10
    assert equivariance_error(net.train(), x, elements) <= 1e-10
    with pytest.raises(
        er.SymmetryError, match="at least one site" if net.minimum_size == 1 else f"at least {net.minimum_size} sites"
    ):
        net(noise(net.source, (net.minimum_size - (2 if isinstance(domain, er.HexGrid) else 1),) * domain.axes))


@pytest.mark.parametrize("make", NETWORKS)
def test_its_answer_varies_and_every_weight_counts(make: Network):
    """But for irreps that neither the input nor the answer shares, which theory leaves without weights on the way."""
    net = settled(make)
    x = noise(net.source, net.source.domain.size(max(9, net.minimum_size)), batch=8)
    assert net(x).detach().reshape(8, net.target.channels, -1).std(dim=(0, 2)).min() > 1e-4
    net.train()(x).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())
    convolutions = [layer for layer in er.layers.leaves(net) if isinstance(layer, er.layers.LatticeConv)]
    if all(layer.target.rho.is_permutation for layer in convolutions):
        assert not [name for name, p in net.named_parameters() if p.numel() and not p.grad.abs().sum()]


@pytest.mark.parametrize(
    "make", [m for m in CHOSEN if m.id in ("defaults, classes", "mean over the fibre", "residual irreps")]
)
def test_predictions_stay_where_the_margin_is_clear(make: Network):
    net = settled(make, torch.float32)
    x = noise(net.source, (17, 17), batch=32, dtype=torch.float32)
    with torch.no_grad():
        y = net(x)
        even = y.mean(dim=0)  # so that all classes are predicted
        first, second = (y - even).topk(2, dim=1).values.T
        clear = first - second > 1e-4
        predicted = (y - even).argmax(dim=1)
        assert clear.sum() > 16 and predicted.unique().numel() > 1
        for g in net.source.group.elements:
            again = (net(net.source.act(g, x)) - even).argmax(dim=1)
            assert torch.equal(again[clear], predicted[clear])


@pytest.mark.parametrize(
    ("group", "other"), [(er.C(4), er.D(4)), (er.C(2), er.C(4)), (er.Mirror(), er.D(4)), (er.Trivial(), er.C(2))]
)
def test_it_keeps_no_symmetry_that_was_not_asked_for(group: er.Group, other: er.Group):
    net = settled(lambda: er.derive(er.Task(er.Grid(2), group, 1, er.Invariant(3)), width=8, depth=2, scales=2))
    x = noise(net.source, (12, 12))
    broken = [g for g in other.elements if difference(net(er.Grid(2).act(g, x)), net(x)) > 1e-3]
    assert len(broken) == (other.order or 0) - (group.order or 0)


def test_variance_lasts_through_depth_without_normalisation():
    """He's gains: white input comes out of twelve convolutions neither faded nor blown up, if fields are many."""
    for group, fields, kind in (
        (er.C(4), er.C(4).regular, None),
        (er.C(4), er.C(4).trivial + er.C(4).irrep(1), "gate"),
        (er.C(4), er.C(4).trivial + er.C(4).irrep(1), "norm"),
    ):
        task = er.Task(er.Grid(2, "periodic"), group, 1, er.Equivariant(8))
        moments = []
        for seed in range(3):
            torch.manual_seed(seed)
            net = er.derive(
                task, width=32 * fields.dim, depth=12, scales=1, normalize=False, fields=fields, nonlinearity=kind
            )
            with torch.no_grad():
                hidden = noise(net.source, (12, 12), seed, dtype=torch.float32)
                for layer in list(net)[:-1]:
                    hidden = layer(hidden)
                moments.append(hidden.square().mean())
        assert 0.1 < torch.stack(moments).log().mean().exp() < 10, (fields, kind, moments)


@pytest.mark.parametrize(
    ("domain", "group", "step"), [(er.Grid(1), er.Mirror(), 1), (er.Grid(2), er.D(4), 1), (er.HexGrid(), er.D(6), 2)]
)
def test_no_size_is_left_out(domain: er.Grid, group: er.Group, step: int):
    """All lines, squares and hexagons of 5 … 64 sites, and as many rectangles."""
    net = settled(lambda: er.derive(er.Task(domain, group, 1, er.Equivariant(2)), width=1, depth=1, scales=2))
    for n in range(5, 65, step):
        for size in {(n,) * domain.dim, *([(n, 69 - n)] if domain == er.Grid(2) else [])}:
            error = equivariance_error(net, noise(net.source, size, batch=1), list(group.generators))
            assert error <= 1e-10, f"{error} at {size}"


# --- translations


def window(make: Network, n: int) -> tuple[er.Blueprint, Tensor]:
    """A network and wider noise than it is to see, so that two windows of n sites of it are shifts of each other."""
    net = settled(make)
    return net, noise(net.source, (n + 8,) * net.source.domain.axes, batch=1)


@pytest.mark.parametrize("make", [m for m in NETWORKS if "periodic" in m.id or "ring" in m.id])
@given(data=st.data(), seed=SEEDS)
@settings(max_examples=3)
def test_on_a_ring_shifts_by_the_stride_are_exact_where_it_divides_the_size(
    make: Network, data: st.DataObject, seed: int
):
    net = settled(make)
    law, domain = net.translation_law, net.source.domain
    assert law is not None and law.boundary == "periodic"
    count = st.integers(3, 4 if domain.axes == 3 else 12)
    size = tuple(law.stride * data.draw(count) for _ in range(domain.axes))
    shifts = tuple(law.stride * data.draw(st.integers(0, 5)) for _ in range(domain.axes))
    x = noise(net.source, size, seed)
    y = net(x)
    expected = domain.roll(y, shifts) if y.dim() > 2 else y
    assert difference(net(domain.roll(x, shifts)), expected) <= 1e-10


def test_on_a_ring_other_shifts_are_not():
    net = settled(lambda: er.derive(er.Task(er.Grid(1, "periodic"), None, 1, er.Equivariant(1)), width=8, depth=1))
    x = noise(net.source, (24,))
    assert difference(net(x.roll(2, -1)), net(x).roll(2, -1)) > 1e-3
    assert difference(net(x[..., :22].roll(4, -1)), net(x[..., :22]).roll(4, -1)) > 1e-3


LOCAL = (
    "masks on Grid(1) Mirror()",
    "masks on Dna() Mirror()",
    "masks on Grid(2) D(4)",
    "antialiased pooling",
    "residual",
)
OPEN = [m for m in NETWORKS if m.id in LOCAL]


@pytest.mark.parametrize("make", OPEN)
@pytest.mark.parametrize("parity", [0, 1, 2, 3])
def test_on_an_open_grid_shifts_by_the_stride_are_exact_off_the_border(make: Network, parity: int):
    """Two windows of one scene, `stride` apart: answers whose receptive fields lie in both agree, at every parity."""
    net = settled(make)
    law, axes = net.translation_law, net.source.domain.axes
    assert law is not None and law.receptive_field is not None
    n = 2 * law.receptive_field + 9 + parity
    scene = noise(net.source, (n + law.stride,) * axes, batch=1)
    here, there = scene[(..., *[slice(0, n)] * axes)], scene[(..., *[slice(law.stride, None)] * axes)]
    edge, s = law.receptive_field, law.stride
    kept = slice(edge, n - edge)
    moved = slice(edge - s, n - edge - s)
    with torch.no_grad():
        assert difference(net(there)[(..., *[moved] * axes)], net(here)[(..., *[kept] * axes)]) <= 1e-10
        nearer = slice(edge - s + 1, n - edge - s + 1)
        assert difference(net(there)[(..., *[nearer] * axes)], net(here)[(..., *[kept] * axes)]) > 1e-3


@pytest.mark.parametrize(
    ("domain", "choices"),
    [
        (er.Grid(1), {}),
        (er.Grid(1), {"scales": 3}),
        (er.Grid(1), {"scales": 3, "pool": "antialiased", "depth": 2}),
        (er.Grid(1), {"scales": 4, "residual": True}),
        (er.Grid(2), {"kernel_size": 5}),
        (er.HexGrid(), {"scales": 3}),
        (er.HexGrid(), {"pool": "antialiased"}),
        (er.Sequence(), {"scales": 1, "depth": 4}),
    ],
)
def test_an_answer_sees_no_more_than_it_says_and_not_much_less(domain: er.Grid, choices: dict):
    small = {"width": 4, "depth": 1, "scales": 2, "function": "tanh"}
    net = settled(lambda: er.derive(er.Task(domain, None, 1, er.Equivariant(1)), **{**small, **choices}))
    law, axes = net.translation_law, domain.axes
    assert law is not None and law.receptive_field is not None
    seen = []
    for n in range(2 * law.receptive_field, 2 * law.receptive_field + 8):
        if isinstance(domain, er.HexGrid) and n % 2 == 0:
            continue
        x = noise(net.source, (n,) * axes, batch=1).requires_grad_()
        y = net(x)
        for step in range(2 * law.stride if axes == 1 else 3):
            at = (0, 0, *(n // 2 + step if axis + 1 == axes else n // 2 for axis in range(axes)))
            (grad,) = torch.autograd.grad(y[at], x, retain_graph=True)
            places = grad.abs().reshape(-1, n).sum(dim=0).nonzero()
            seen.append(int(places.max() - places.min()) + 1)
    assert 0.9 * law.receptive_field <= max(seen) <= law.receptive_field


@pytest.mark.parametrize("domain", [er.Grid(1), er.Dna(), er.Grid(2)], ids=repr)
def test_one_answer_for_the_whole_ignores_where_a_small_signal_lies(domain: er.Grid):
    """What lies further from the border than the layers before the mean see may be moved by the stride."""
    net = settled(lambda: er.derive(er.Task(domain, None, 1, er.Invariant(3)), width=4, depth=1, scales=2))
    before = Footprint()
    for layer in net:
        before = before if isinstance(layer, DomainPool | FibrePool) else before.then(layer.footprint())
        if isinstance(layer, DomainPool):
            break
    assert net.translation_law.receptive_field is None
    edge, s = before.receptive_field + 1, net.translation_law.stride
    for n in (2 * edge + 16, 2 * edge + 17):
        x = torch.zeros(1, 1, *(n,) * domain.axes, dtype=torch.float64)
        blob = noise(er.Space(domain, er.Trivial().trivial), (4,) * domain.axes, batch=1)
        x[(0, 0, *[slice(edge, edge + 4)] * domain.axes)] = blob[0, 0]
        moved = x.roll((2 * s,) * domain.axes, tuple(range(2, 2 + domain.axes)))
        assert difference(net(moved), net(x)) <= 1e-10
        assert difference(net(x.roll(s // 2, -1)), net(x)) > 1e-7


@pytest.mark.parametrize("make", [m for m in NETWORKS if "Sequence" in m.id or "time" in m.id])
def test_time_runs_one_way(make: Network):
    """What comes later changes nothing earlier; a later start is the same past the first steps."""
    net = settled(make)
    x = noise(net.source, (40,), batch=1)
    changed = x.clone()
    changed[..., 25:] += 1
    y, z = net(x), net(changed)
    if y.dim() == 3:
        assert torch.equal(y[..., :25], z[..., :25]) and not torch.equal(y[..., 25:], z[..., 25:])
        law = net.translation_law
        assert law.causal and law.stride == 1
        later = net(x[..., 7:])
        assert difference(later[..., law.receptive_field - 1 :], y[..., 7 + law.receptive_field - 1 :]) <= 1e-12
    else:
        assert not torch.equal(y, z)


# --- what it says of itself


@pytest.mark.parametrize("make", [*CHOSEN, *MOVED_NETWORKS])
def test_it_says_what_it_halves(make: Network):
    net = make()
    halvings = sum(layer.halvings for layer in er.layers.leaves(net) if isinstance(layer, LatticePool))
    assert net.translation_law.stride == 2**halvings
    assert net(net.source) == net.target == net.task.target
    assert net.source == net.task.source
