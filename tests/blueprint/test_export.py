"""Exported networks of every lattice are right at sizes the exporter never saw, and need nothing of this library."""

import io
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.export import Dim

from erlangen.blueprint import Blueprint, derive
from erlangen.domains import Dna, Grid, HexGrid, Sequence
from erlangen.groups import SO, C, D, Mirror, O, Octahedral
from erlangen.task import Equivariant, Invariant, Task
from tests.effort import covering

IRREPS = C(4).trivial + C(4).irrep(1)
SMALL = {"width": 4, "depth": 1, "scales": 2}
NETWORKS = {
    "line": (Task(Grid(1), Mirror(), 1, Equivariant(2)), SMALL, (28,), [(9,), (33,), (64,)]),
    "time": (Task(Sequence(), input=2, output=Equivariant(2)), {**SMALL, "scales": 1}, (28,), [(9,), (33,), (64,)]),
    "dna": (Task(Dna(), output=Invariant(2)), SMALL, (28,), [(9,), (33,), (64,)]),
    "vector": (Task(Grid(2), D(4), 1, Equivariant(D(4).standard, pooled=True)), SMALL, (28, 28), [(9, 17), (33, 64)]),
    "gates": (
        Task(Grid(2), C(4), 1, Equivariant(2)),
        {**SMALL, "fields": IRREPS, "nonlinearity": "gate"},
        (28, 28),
        [(9, 17), (29, 29), (33, 64)],
    ),
    "ring": (
        Task(Grid(2, "periodic"), C(4), 1, Equivariant(2)),
        {**SMALL, "pool": "antialiased"},
        (28, 28),
        [(9, 17), (29, 29), (33, 64)],
    ),
    "cube": (Task(Grid(3), Octahedral(), 1, Equivariant(2)), SMALL, (8, 8, 8), [(9, 11, 10), (5, 6, 12)]),
    "turns": (
        Task(Grid(2), O(2), 1, Equivariant(2)),
        {**SMALL, "max_frequency": 1},
        (28, 28),
        [(9, 17), (29, 29), (33, 64)],
    ),
    "space": (
        Task(Grid(3), SO(3), 1, Invariant(2)),
        {**SMALL, "max_frequency": 1},
        (8, 8, 8),
        [(9, 11, 10), (5, 6, 12)],
    ),
    "hexagon": (Task(HexGrid(), C(6), 1, Equivariant(2)), SMALL, (17, 17), [(9, 9), (19, 19), (33, 33)]),
}


def settled(name: str) -> Blueprint:
    """A small network in eval whose normalisation has seen data."""
    task, choices, size, _ = NETWORKS[name]
    net = derive(task, **choices)
    with torch.no_grad():
        net(torch.randn(4, net.source.channels, *size))
    return net.eval()


def dynamic(name: str) -> dict[int, object]:
    """Batch and sizes left open; a hexagon's array has one odd side."""
    axes = len(NETWORKS[name][2])
    if name == "hexagon":
        side = 2 * Dim("radius", min=4, max=100) + 1
        return {0: Dim("batch"), 2: side, 3: side}
    return {0: Dim("batch"), **{2 + i: Dim(f"n{i}", min=5) for i in range(axes)}}


def example(name: str, net: Blueprint) -> Tensor:
    return torch.randn(2, net.source.channels, *NETWORKS[name][2])


def outputs(net: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        return net(x)


# Space is the cube's sizes with the fields of turns, and has gates as turns have; the vector goes through the two ways
# below, the ring through test_lives_in_torch.py.
OPEN = covering(NETWORKS, [name for name in NETWORKS if name not in ("space", "vector", "ring", "gates")])


@pytest.mark.parametrize("name", OPEN)
def test_exported_at_one_size_it_is_right_at_others(name: str):
    net = settled(name)
    program = torch.export.export(net, (example(name, net),), dynamic_shapes=(dynamic(name),)).module()
    for size in NETWORKS[name][3]:
        x = torch.randn(3, net.source.channels, *size)
        assert torch.allclose(outputs(program, x), outputs(net, x), atol=1e-5), size


# One axis, steps in time, regular fields with one answer: where fields differ no sizes do, and above they are open too.
@pytest.mark.parametrize("name", covering(["line", "time", "vector", "gates", "turns"], ["line", "time", "vector"]))
def test_exported_with_sizes_left_to_the_exporter_it_is_right_at_others(name: str):
    net = settled(name)
    free = ({axis: Dim.AUTO for axis in dynamic(name)},)
    program = torch.export.export(net, (example(name, net),), dynamic_shapes=free).module()
    for size in NETWORKS[name][3]:
        x = torch.randn(3, net.source.channels, *size)
        assert torch.allclose(outputs(program, x), outputs(net, x), atol=1e-5), size


SPELLINGS = {
    "auto": {0: Dim.AUTO, 2: Dim.AUTO, 3: Dim.AUTO},
    "names": {0: "batch", 2: "rows", 3: "columns"},
    "no minimum": {0: Dim("batch"), 2: Dim("rows"), 3: Dim("columns")},
}


@pytest.mark.parametrize("spelling", covering(SPELLINGS, ["names"]))
def test_onnx_takes_open_sizes_however_they_are_spelled(spelling: str):
    onnxruntime = pytest.importorskip("onnxruntime")
    net, file = settled("vector"), io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the exporter says of its own insides
        shapes = (SPELLINGS[spelling],)
        torch.onnx.export(
            net.export(), (example("vector", net),), file, dynamo=True, verbose=False, dynamic_shapes=shapes
        )
    session = onnxruntime.InferenceSession(file.getvalue())
    for size in ((9, 17), (28, 28), (33, 64)):
        x = torch.randn(3, 1, *size)
        (y,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
        assert torch.allclose(torch.from_numpy(y), outputs(net, x), atol=1e-4), size


# One axis, and strands; squares go through the spellings above, cubes are pooled as they are, turns are exported above.
@pytest.mark.parametrize("name", covering(["line", "dna", "vector", "ring", "cube", "turns"], ["line", "dna"]))
def test_onnx_is_right_at_other_sizes(name: str):
    onnxruntime = pytest.importorskip("onnxruntime")
    net, file = settled(name), io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the exporter says of its own insides
        torch.onnx.export(
            net.export(),
            (example(name, net),),
            file,
            dynamo=True,
            verbose=False,
            input_names=["x"],
            dynamic_shapes=(dynamic(name),),
        )
    session = onnxruntime.InferenceSession(file.getvalue())
    for size in NETWORKS[name][3]:
        x = torch.randn(3, net.source.channels, *size)
        (y,) = session.run(None, {"x": x.numpy()})
        assert torch.allclose(torch.from_numpy(y), outputs(net, x), atol=1e-4), size


@pytest.mark.parametrize("name", NETWORKS)
def test_the_plain_export_is_the_same_network(name: str):
    net = settled(name)
    plain = net.export()
    for size in [NETWORKS[name][2], *NETWORKS[name][3]]:
        x = torch.randn(3, net.source.channels, *size)
        y = outputs(net, x)
        assert torch.allclose(outputs(plain, x), y, atol=1e-6 * max(1.0, float(y.abs().max()))), size
    double = torch.randn(1, net.source.channels, *NETWORKS[name][2], dtype=torch.float64)
    assert (outputs(net.double().export(), double) - outputs(net, double)).abs().max() < 1e-12


def test_the_plain_export_is_a_copy_and_leaves_the_network_in_its_mode():
    net = settled("gates").train()
    plain = net.export()
    assert not plain.training
    assert all(module.training for module in net.modules())
    assert not {p.data_ptr() for p in plain.parameters()} & {p.data_ptr() for p in net.parameters()}


ALONE = """
import sys
sys.modules["erlangen"] = None  # whoever imports it fails
import torch
net = torch.load(sys.argv[1], weights_only=False)
x, y = torch.load(sys.argv[2])
assert torch.allclose(net(x), y, atol=1e-6)
"""


def test_the_plain_export_runs_where_this_library_is_not_installed(tmp_path):
    net = settled("hexagon")
    x = torch.randn(2, 1, 19, 19)
    torch.save(net.export(), tmp_path / "plain.pt")
    torch.save((x, outputs(net, x)), tmp_path / "pair.pt")
    command = [sys.executable, "-W", "ignore", "-c", ALONE, str(tmp_path / "plain.pt"), str(tmp_path / "pair.pt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


HOME = Path(__file__).parents[2]
IN_PARALLEL = """
import os, sys
import torch
from torch import nn
from tests.blueprint.test_export import example, settled
torch.distributed.init_process_group("gloo", init_method=f"file://{sys.argv[2]}/store", rank=0, world_size=1)
net = settled(sys.argv[1]).train()
parallel = nn.parallel.DistributedDataParallel(net)
for _ in range(2):
    parallel(example(sys.argv[1], net)).square().sum().backward()
assert all(p.grad is not None for p in net.parameters())
sys.stdout.write("every weight was used")
sys.stdout.flush()
os._exit(0)  # Gloo's threads, joined as Python ends, may wait for Python for ever
"""


@pytest.mark.parametrize("name", ["gates"])
def test_training_over_several_processes_finds_every_weight_used(name: str, tmp_path):
    """DistributedDataParallel stops where a weight takes no part: a group of one process shows it."""
    command = [sys.executable, "-c", IN_PARALLEL, name, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HOME, timeout=300)
    assert done.returncode == 0 and done.stdout.endswith("every weight was used"), done.stderr
