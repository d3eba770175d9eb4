"""Layers on points live well in PyTorch: in half precision, compiled whole, exported for clouds of every size.

Pools choose points by their distances: to a compiler a choice is one operation, of sizes that it leaves open.
"""

import copy
import io
import pickle
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim
from torch.utils._pytree import tree_map

import erlangen as er
from erlangen.domains.cloud import Cloud
from erlangen.layers import EGNN
from tests.effort import covering
from tests.laws.relabelled import PACKED_LAYERS, PACKED_NETWORKS, drawn, one_of

Maker = Callable[[], er.layers.Layer]
Signal = tuple[Tensor, Cloud]
EVERY = [p for p in [*PACKED_LAYERS, *PACKED_NETWORKS] if p.id.startswith("points")]
LAYERS = [p for p in PACKED_LAYERS if p.id.startswith("points")]
TAUGHT = ("EGNN that moves", "PaiNN", "pooled, and back", "forces across scales")


def ids(*names: str) -> list:
    return [p for p in LAYERS if p.id.removeprefix("points, ") in names]


# Every kind goes both ways: a sum, a norm or a normalisation, a kernel, EGNN, PaiNN, SEGNO, pools and back; forces are
# exported where they are saved. Of what they have in common (how points are joined, the group, bonds, the plane) one.
COMPILED = covering(
    LAYERS,
    ids("invariants", "within a radius", "EGNN that moves", "pooled by maxima, and back", "SEGNO", "norms")
    + ids("PaiNN", "PaiNN of vectors")
    + ids("forces of EGNN that moves", "by cuequivariance"),
)
EXPORTED = covering(
    LAYERS,
    ids("sum", "points normalised", "nearest", "points in the plane", "in a unit", "EGNN", "EGNN without vectors")
    + ids("PaiNN over bonds", "PaiNN without vectors", "SEGNO about an axis", "pooled, and back", "a finite group"),
)


class Run(nn.Module):
    """A network of values and the cloud that they are on, as compilers take it."""

    def __init__(self, make: Maker):
        super().__init__()
        torch.manual_seed(0)
        layer = make()
        self.net = layer if isinstance(layer, er.Blueprint) else er.Blueprint([layer])
        self.net.float()(drawn(self.net.source, 0, 8, torch.float32))  # normalisation has seen data
        self.eval()

    def forward(self, values: Tensor, cloud: Cloud) -> Tensor:
        return self.net.flow(self.net.admit(values), cloud)[0]

    def clouds(self, seed: int, count: int) -> Signal:
        return self.net.source.domain.read(drawn(self.net.source, seed, count, torch.float32))

    def one_cloud(self) -> Signal:
        data = drawn(self.net.source, 1, 6, torch.float32)
        return self.net.source.domain.read(one_of(data, int(data["batch"].bincount().argmax())))


@pytest.mark.parametrize("make", EVERY)
def test_bf16_autocast_runs_and_stays_near(make: Maker) -> None:
    run = Run(make)
    signal = run.clouds(1, 6)
    with torch.no_grad():
        y = run(*signal)
        with torch.autocast("cpu", torch.bfloat16):
            half = run(*signal)
    assert half.isfinite().all() and (half.float() - y).norm() <= 0.05 * y.norm()


@pytest.mark.parametrize("make", EVERY)
def test_in_bf16_it_learns(make: Maker) -> None:
    run = Run(make).train()
    with torch.autocast("cpu", torch.bfloat16):
        loss = run(*run.clouds(1, 6)).float().square().mean()
    loss.backward() if loss.requires_grad else None
    assert all(p.grad is not None and p.grad.isfinite().all() for p in run.parameters())


@pytest.mark.parametrize("make", COMPILED)
def test_it_is_compiled_as_one_graph_for_clouds_of_every_size(make: Maker) -> None:
    run = Run(make)
    torch._dynamo.reset()
    compiled = torch.compile(run, fullgraph=True, backend="eager", dynamic=True)
    for seed, count in ((1, 6), (2, 3)):
        signal = run.clouds(seed, count)
        assert torch.allclose(compiled(*signal), run(*signal), atol=1e-5)


@pytest.mark.parametrize("make", covering(ids(*TAUGHT), ids(*TAUGHT[:3])))  # moves, vectors, pools; slopes of slopes
def test_gradients_are_compiled_too(make: Maker) -> None:
    run = Run(make)
    torch._dynamo.reset()
    compiled, (values, cloud) = torch.compile(run, fullgraph=True, backend="aot_eager"), run.clouds(1, 6)
    by = [values.requires_grad_(), *run.parameters()]
    found = [torch.autograd.grad(called(values, cloud).square().sum(), by) for called in (run, compiled)]
    assert all(torch.allclose(a, b, atol=1e-4 * float(b.abs().max())) for a, b in zip(*found, strict=True))


@pytest.mark.parametrize("make", EXPORTED)
def test_it_is_exported_for_clouds_of_every_size(make: Maker) -> None:
    run = Run(make)
    signal = run.clouds(1, 6)
    sizes = tree_map(lambda t: {0: Dim.AUTO} if isinstance(t, Tensor) and t.dim() else None, signal)
    program = torch.export.export(run, signal, dynamic_shapes=sizes).module()
    others = [run.clouds(seed, count) for seed, count in ((1, 6), (2, 3), (3, 9))]
    if isinstance(run.net.target.domain, er.Points):  # else the answers are as many, and torch asks for two or more
        others.append(run.one_cloud())
    for signal in others:
        assert torch.allclose(program(*signal), run(*signal), atol=1e-5)


@pytest.mark.parametrize("make", covering(ids("pooled, and back", "forces"), ids("forces")))
def test_exported_programs_are_saved_and_loaded(make: Maker) -> None:
    run, held = Run(make), io.BytesIO()
    program = torch.export.export(run, signal := run.clouds(1, 6))
    torch.export.save(program, held)
    held.seek(0)
    assert torch.allclose(torch.export.load(held).module()(*signal), run(*signal), atol=1e-5)


@pytest.mark.parametrize("make", LAYERS)
def test_copies_and_pickles_give_the_same_answers(make: Maker) -> None:
    run = Run(make)
    signal = run.clouds(1, 4)
    y = run(*signal)
    assert torch.equal(copy.deepcopy(run)(*signal), y) and torch.equal(pickle.loads(pickle.dumps(run))(*signal), y)


def test_layers_made_on_meta_can_be_loaded() -> None:
    space = er.Space(er.Points(3, radius=2.0), 8 * er.O(3).trivial + 2 * er.O(3).standard)
    for kind in (EGNN, er.layers.PaiNN):
        with torch.device("meta"):
            ghost = kind(space, space)
        ghost.load_state_dict(kind(space, space).state_dict(), assign=True)
        data = drawn(space, 0, 3, torch.float32)
        assert er.Blueprint([ghost])(data).isfinite().all()
