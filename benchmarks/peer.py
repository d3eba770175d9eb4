"""The peer, escnn, and erlangen over the same plain twin: training, construction, the error at 45°, 1 × 1 convolutions.

Both sides run in one process, so in an environment of its own that has both. The peer's newest release, 1.0.11, asks
for lie_learn, which needs numpy below 2, and py3nj, which needs a Fortran compiler (`apt-get install gfortran`):

    python3.11 -m venv peer-venv
    peer-venv/bin/pip install torch==2.13.0 numpy==1.26.4 'scipy<1.15' joblib autograd requests
    peer-venv/bin/pip install --no-deps escnn==1.0.11 pymanopt lie_learn py3nj
    peer-venv/bin/pip install sympy safetensors jinja2 typer rich lazy-loader
    peer-venv/bin/pip install --no-deps --editable .
    peer-venv/bin/python benchmarks/peer.py

A number after it, as in `benchmarks/peer.py 3`, is the rounds of each timing (41), for a try. Where escnn is missing
nothing is measured, and benchmarks/results/peer.json stays as it was.

The peer's networks are ours layer for layer, with the defaults of its own kernels. Ours are derived without window and
antialiasing and with ReLU, so that both compute the same kind of function, and differ so from training_step.py's.
"""

import math
import statistics
import sys
import tempfile
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import isotypic
import torch
import training_step
from construction import SPACE, cold
from measure import interleaved, keep, ratio, steady_memory
from plain import twin
from torch import Tensor, nn
from turned import error_of, feature_error, summary

import erlangen as er
from erlangen.layers import leaves

TRAINED = {  # cases of training_step.py and the peer's names of their groups
    "2-D C4": ("rot2dOnR2", 4),
    "2-D C8": ("rot2dOnR2", 8),
    "3-D octahedral, regular fields": ("octaOnR3",),
    "3-D SO(3), functions on the group up to degree 2": ("rot3dOnR3",),
}
ONE_BY_ONE = {  # cases of isotypic.py
    "C4, 256 channels, 29²": ("rot2dOnR2", 4),
    "D4, 256 channels, 29²": ("flipRot2dOnR2", 4),
    "octahedral, 384 channels, 13³": ("octaOnR3",),
}
SAMPLES = {"type": "thomson_cube", "N": 3}  # 72 elements of SO(3), as many as ours; its tutorial takes 96
PEER_SPACE = """
space = gspaces.rot3dOnR3()
here, layers = nn.FieldType(space, [space.trivial_repr]), []
for m in (2, 2, 2):
    phi = nn.FourierPointwise(space, m, space.fibergroup.bl_irreps(2), type="thomson_cube", N=3)
    layers += [nn.R3Conv(here, phi.in_type, 5, padding=2, bias=False), nn.IIDBatchNorm3d(phi.in_type), phi]
    here = phi.out_type
nn.SequentialModule(*layers)
"""
PEER_IMPORTS = """
import joblib
on_disk = joblib.Memory
joblib.Memory = lambda *_, **__: on_disk({folder!r}, verbose=0)  # else it is kept where escnn is installed
from escnn import gspaces, nn
"""


def peer(room: str) -> Any:
    """A module of the peer, imported when first asked for: not every environment that runs the benchmarks has it."""
    return import_module(f"escnn.{room}")


class Peer(nn.Module):
    """Layers of the peer from a plain tensor to a plain tensor, averaged over the points if a linear layer follows."""

    def __init__(self, layers: list[Any], answer: nn.Module | None = None):
        super().__init__()
        enn = peer("nn")
        self.layers, self.answer, self.wrapped = enn.SequentialModule(*layers), answer, enn.GeometricTensor

    def forward(self, x: Tensor) -> Tensor:
        y = self.layers(self.wrapped(x, self.layers.in_type)).tensor
        return y if self.answer is None else self.answer(y.flatten(2).mean(2))


def space_named(name: str, *arguments: int) -> Any:
    """The peer's group and how it acts."""
    return getattr(peer("gspaces"), name)(*arguments)


def fields(space: Any, channels: int) -> Any:
    """So many channels of regular fields; of SO(3) functions on the group up to degree 2, in irreps."""
    group = space.fibergroup
    finite = group.order() > 0
    regular = group.regular_representation if finite else group.spectral_regular_representation(*group.bl_irreps(2))
    return peer("nn").FieldType(space, [regular] * (channels // regular.size))


def convolution(source: Any, target: Any, size: int, bias: bool) -> Any:
    enn = peer("nn")
    conv = enn.R2Conv if source.gspace.dimensionality == 2 else enn.R3Conv
    return conv(source, target, size, padding=size // 2, bias=bias)


def peer_of(net: er.Blueprint, space: Any) -> Peer:
    """The peer's own network, layer for layer; of functions on SO(3) it has one length a field, where ours has nine."""
    enn = peer("nn")
    finite, flat = space.fibergroup.order() > 0, space.dimensionality == 2
    pool = enn.PointwiseAvgPool2D if flat else enn.PointwiseAvgPool3D
    here, layers = enn.FieldType(space, [space.trivial_repr]), []
    for layer in leaves(net):
        match layer:
            case er.layers.LatticeConv():
                there = fields(space, layer.target.channels)
                layers.append(convolution(here, there, layer.kernel_size[0], layer.bias is not None))
            case er.layers.FieldBatchNorm():
                layers.append(enn.InnerBatchNorm(here))
            case er.layers.FunctionBatchNorm():
                layers.append(enn.IIDBatchNorm3d(here))
            case er.layers.Pointwise():
                layers.append(enn.ReLU(here, inplace=True))
            case er.layers.FourierNonlinearity():
                degrees = space.fibergroup.bl_irreps(2)
                layers.append(enn.FourierPointwise(space, len(here), degrees, **SAMPLES))
            case er.layers.LatticePool():
                layers.append(pool(here, 2))
            case er.layers.FibrePool():
                layers.append(enn.GroupPooling(here) if finite else enn.NormPool(here))
        here = layers[-1].out_type
    return Peer(layers, nn.Linear(here.size, net.target.channels))


def beside(seconds: dict[str, list[float]]) -> dict[str, float]:
    """Ours and the peer over the plain twin, and ours over the peer, round by round."""
    theirs = ratio(seconds, "peer", "plain")
    del theirs["plain_ms"]
    named = {f"peer_{k.removeprefix('peer_')}": v for k, v in theirs.items()}
    return {**ratio(seconds, "ours", "plain"), **named, "ours_over_peer": ratio(seconds, "ours", "peer")["ratio"]}


def training(case: str, space: Any, rounds: int) -> dict[str, Any]:
    """One training step of three networks of the same channels."""
    domain, group, width, size, shape = training_step.CASES[case]
    torch.manual_seed(0)
    task = er.Task(domain, group, input=1, output=er.Invariant(10))
    same = {"fields": "regular", "function": "relu", "pool": "average", "window": False}
    net = er.derive(task, width=width, kernel_size=size, **same)
    nets = {"ours": net, "peer": peer_of(net, space), "plain": twin(net)}
    x, y = torch.randn(*shape), torch.randint(10, (shape[0],))
    seconds = interleaved({k: lambda m=m: training_step.step(m, x, y) for k, m in nets.items()}, rounds)
    weights = {f"{k}_weights": sum(p.numel() for p in m.parameters()) for k, m in nets.items()}
    return {**beside(seconds), **weights}


def one_by_one(case: str, space: Any, rounds: int) -> dict[str, Any]:
    """A 1 × 1 convolution without gradients, the peer in eval, where it keeps the kernel it has made."""
    domain, group, channels, shape, _ = isotypic.CASES[case]
    torch.manual_seed(0)
    ours = er.Space(domain, channels // group.order * group.regular)
    theirs = fields(space, channels)
    sides: dict[str, nn.Module] = {
        "ours": er.layers.LatticeConv(ours, ours, kernel_size=1),
        "peer": Peer([convolution(theirs, theirs, 1, bias=True)]).eval(),
        "plain": (nn.Conv2d if domain.dim == 2 else nn.Conv3d)(channels, channels, 1),
    }
    x = torch.randn(shape[0], channels, *shape[1:])
    with torch.no_grad():
        return beside(interleaved({k: lambda m=m: m(x) for k, m in sides.items()}, rounds))


def construction(rounds: int) -> dict[str, float]:
    """Three layers of SO(3) in fresh processes; the peer first with nothing on disk, then with what it put there."""
    found: dict[str, list[tuple[float, float]]] = {"ours": [], "peer": [], "peer_again": []}
    for _ in range(rounds):
        found["ours"].append(cold(SPACE))
        with tempfile.TemporaryDirectory() as folder:
            for side in ("peer", "peer_again"):
                found[side].append(cold(PEER_SPACE, PEER_IMPORTS.format(folder=folder)))
    row = {f"{side}_s": statistics.median(seconds for seconds, _ in runs) for side, runs in found.items()}
    return {**row, **{f"{side}_peak_mb": max(peak for _, peak in runs) for side, runs in found.items()}}


def turned(size: int) -> dict[str, float]:
    """The error of C8 features by a turn of 45°, as turned.py measures it, with the peer's own convolutions."""
    space = space_named("rot2dOnR2", 8)

    def make() -> tuple[Any, Any]:
        hidden = fields(space, 64)
        sources = (peer("nn").FieldType(space, [space.trivial_repr]), hidden)
        first, second = (Peer([convolution(source, hidden, size, bias=False)]) for source in sources)
        # In single precision: .double() would turn the bases that the peer shares between its models.
        return lambda x: first(x.float()).double(), lambda x: second(x.float()).double()

    row = {f"peer_{k}": v for k, v in summary(error_of(make, True, math.pi / 4)).items()}
    row["peer at 90°"] = statistics.median(error_of(make, True, math.pi / 2))
    return {**row, **{f"ours_{k}": v for k, v in summary(feature_error(size, None, True, math.pi / 4)).items()}}


def main(rounds: int = 41) -> None:
    if find_spec("escnn") is None:
        sys.stdout.write("peer: escnn is not installed here; the docstring of benchmarks/peer.py says how.\n")
        return
    torch.set_num_threads(2)
    rows: dict[str, dict] = {}
    # First, since a process starts with the peak memory of the one that started it.
    rows["three layers 5 × 5 × 5, SO(3) up to degree 2, 70 channels, cold"] = construction(min(rounds, 5))
    for case, name in TRAINED.items():
        rows[f"training step, {case}"] = training(case, space_named(*name), rounds)
    steady_memory()  # as isotypic.py, and training_step.py not
    for threads in (1, 2):
        torch.set_num_threads(threads)
        said = f"{threads} thread{'s' * (threads > 1)}"
        for case, name in ONE_BY_ONE.items():
            rows[f"1 × 1 forward, {case}, {said}"] = one_by_one(case, space_named(*name), rounds)
    for size in (3, 5, 7, 9):
        rows[f"C8 features at 45°, {size} × {size}"] = turned(size)
    keep("peer", rows, escnn=version("escnn"))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
