"""Derived networks live well in PyTorch: copied, pickled, compiled, exported, mapped, in every dtype and size."""

import copy
import io
import pickle
import warnings

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from erlangen.blueprint import Blueprint, derive
from erlangen.domains import Grid, HexGrid
from erlangen.groups import SO, C, D, Octahedral
from erlangen.task import Equivariant, Invariant, Task
from tests.effort import covering
from tests.laws.signals import some_of

SQUARE = Task(Grid(2), C(4), 1, Invariant(10))
MASKS = Task(Grid(2), D(4), 1, Equivariant(3))
NETWORKS = {
    "classes": (SQUARE, {}),
    "masks": (MASKS, {"width": 8}),
    "ring": (Task(Grid(2, "periodic"), C(4), 1, Equivariant(2)), {}),
    "irreps": (SQUARE, {"fields": C(4).trivial + C(4).irrep(1), "residual": True}),
    "hexagon": (Task(HexGrid(), C(6), 1, Equivariant(2)), {"width": 6}),
    "separable": (SQUARE, {"block": "separable", "depth": 2, "scales": 2}),
    "eighth turns": (Task(Grid(2), C(8), 1, Invariant(10)), {}),
    "turns": (Task(Grid(2), SO(2), 1, Equivariant(2)), {"max_frequency": 2}),
    "cube": (Task(Grid(3), Octahedral(), 1, Invariant(4)), {"width": 24, "depth": 1}),
}
SIZES = [(9, 17), (29, 29), (31, 20), (33, 64)]  # none is the size that the network was exported at


def fresh_one(name: str) -> Blueprint:
    """A small network of that kind."""
    task, choices = NETWORKS[name]
    return derive(task, **{"width": 8, "depth": 1, "scales": 2, **choices})


def settled(name: str) -> tuple[Blueprint, Tensor]:
    """A small network in eval whose normalisation has seen data, and an input."""
    net = fresh_one(name)
    x = torch.randn(4, 1, *(17 if name == "hexagon" else 16,) * net.source.domain.axes)
    with torch.no_grad():
        net(x)
    return net.eval(), x


def outputs(net: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        return net(x)


each = pytest.mark.parametrize("name", NETWORKS)


# ---- copies, files, modes ------------------------------------------------------------------------------------------
@each
def test_deepcopy_and_pickle_give_the_same_outputs(name):
    net, x = settled(name)
    y = outputs(net, x)
    assert torch.equal(outputs(copy.deepcopy(net), x), y)
    assert torch.equal(outputs(pickle.loads(pickle.dumps(net)), x), y)


@each
def test_state_dicts_are_equal_in_train_and_eval_and_carry_all(name):
    net, x = settled(name)
    in_eval = {name: value.clone() for name, value in net.state_dict().items()}
    in_train = net.train().state_dict()
    assert list(in_eval) == list(in_train)
    assert all(torch.equal(in_eval[name], in_train[name]) for name in in_eval)
    fresh = fresh_one(name)
    assert not torch.equal(outputs(fresh.eval(), x), outputs(net.eval(), x))
    fresh.load_state_dict(in_eval)
    assert torch.equal(outputs(fresh, x), outputs(net, x))


@each
def test_a_copy_made_after_eval_can_be_averaged(name):
    net, x = settled(name)
    averaged = torch.optim.swa_utils.AveragedModel(net)
    averaged.update_parameters(net)
    assert torch.allclose(outputs(averaged.eval(), x), outputs(net, x), atol=1e-6)


@each
def test_weights_changed_in_eval_are_used_at_once(name):
    net, x = settled(name)
    before = outputs(net, x)
    with torch.no_grad():
        next(net.parameters()).add_(1.0)
    assert not torch.allclose(outputs(net, x), before)


@each
def test_a_second_backward_in_eval_gives_the_same_gradient(name):
    net, x = settled(name)
    found = []
    for _ in range(2):
        net.zero_grad()
        net(x).square().sum().backward()
        found.append(next(net.parameters()).grad.clone())
    assert torch.equal(*found)
    assert found[0].abs().max() > 0


# ---- dtypes and devices --------------------------------------------------------------------------------------------
@each
def test_doubling_one_network_leaves_others_alone_and_loses_nothing(name):
    net, x = settled(name)
    y = outputs(net, x)
    there = copy.deepcopy(net).double()
    back_and_there = copy.deepcopy(net).double().float().double()
    assert torch.equal(outputs(there, x.double()), outputs(back_and_there, x.double()))
    assert torch.allclose(outputs(there, x.double()).float(), y, atol=1e-4)
    assert torch.equal(outputs(net, x), y)
    g = some_of(net.source, 0)[-1]
    moved = outputs(back_and_there, net.source.act(g, x.double()))
    error = (moved - net.target.act(g, outputs(back_and_there, x.double()))).abs().max()
    assert error <= 1e-10 * moved.abs().max()


@each
def test_bf16_autocast_runs_and_stays_near(name):
    net, x = settled(name)
    y = outputs(net, x)
    with torch.autocast("cpu", torch.bfloat16):
        half = outputs(net, x)
    assert (half.float() - y).abs().max() <= 0.1 * y.abs().max()


@pytest.mark.parametrize("name", ["irreps", "turns"])
def test_a_network_made_on_meta_can_be_emptied_and_loaded(name):
    net, x = settled(name)
    with torch.device("meta"):
        ghost = fresh_one(name)
    assert all(p.is_meta for p in ghost.parameters())
    ghost = ghost.to_empty(device="cpu")
    ghost.load_state_dict(net.state_dict())
    assert torch.allclose(outputs(ghost.eval(), x), outputs(net, x), atol=1e-6)


@each
def test_a_network_on_meta_takes_the_weights_of_another_whole(name):
    net, x = settled(name)
    with torch.device("meta"):
        ghost = fresh_one(name)
    ghost.load_state_dict(net.state_dict(), assign=True)
    assert torch.equal(outputs(ghost.eval(), x), outputs(net, x))


# ---- transforms ----------------------------------------------------------------------------------------------------
def per_example_gradients(net: nn.Module, x: Tensor) -> dict[str, Tensor]:
    parameters = {name: p.detach() for name, p in net.named_parameters()}
    buffers = dict(net.named_buffers())

    def loss(weights: dict[str, Tensor], one: Tensor) -> Tensor:
        return functional_call(net, (weights, buffers), (one[None],)).square().sum()

    return vmap(grad(loss), (None, 0))(parameters, x)


@each
def test_vmap_of_grad_in_eval_is_the_gradient_of_each_example(name):
    net, x = settled(name)
    gradients = per_example_gradients(net, x)
    net.zero_grad()
    net(x[:1]).square().sum().backward()
    for name, parameter in net.named_parameters():
        if parameter.numel():
            assert torch.allclose(gradients[name][0], parameter.grad, rtol=1e-3, atol=1e-4), name


@each
def test_vmap_of_grad_in_train_once_batch_norms_are_replaced(name):
    net, x = settled(name)
    net.train()
    torch.func.replace_all_batch_norm_modules_(net)
    gradients = per_example_gradients(net, x)
    assert all(torch.isfinite(value).all() for value in gradients.values())


# ---- compilers and exporters ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_a_copy_that_never_ran_can_be_compiled(copied):
    torch._dynamo.reset()
    net, x = settled("irreps")
    compiled = torch.compile(copied(net), fullgraph=True, backend="eager")
    assert torch.allclose(outputs(compiled, x), outputs(net, x), atol=1e-6)


# Hexagons have masks, turns have gates of frequencies and are on squares; masks are relaxed in
# test_relaxed.py, and compiled whole there.
@pytest.mark.parametrize("name", covering(["masks", "irreps", "hexagon", "turns"], ["hexagon", "turns"]))
def test_compiled_whole_by_aot_it_gives_the_same(name):
    torch._dynamo.reset()
    net, x = settled(name)
    compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
    assert torch.allclose(outputs(compiled, x), outputs(net, x), atol=1e-5)
    net.train()
    compiled(x).square().sum().backward()
    assert next(net.parameters()).grad.abs().max() > 0


# Sizes meet the pooling and the kernels, which are those of every field: regular ones and frequencies show both.
@pytest.mark.parametrize("name", covering(["classes", "irreps", "turns"], ["classes", "turns"]))
def test_compiled_once_it_serves_every_size_without_a_break(name):
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    net = fresh_one(name).eval()
    compiled = torch.compile(net, backend="eager")
    for size in [(28, 28), *SIZES, (12, 12), (13, 13), (14, 15), (40, 41), (60, 60)]:
        x = torch.randn(2, 1, *size)
        assert torch.allclose(outputs(compiled, x), outputs(net, x), atol=1e-5)
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] <= 3  # one size, any size, any square
    assert not torch._dynamo.utils.counters["graph_break"]


@pytest.mark.timeout(900)
def test_compiled_by_inductor_it_gives_the_same():
    torch._dynamo.reset()
    net, x = settled("classes")
    compiled = torch.compile(net, fullgraph=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the compiler says of its own insides
        assert torch.allclose(outputs(compiled, x), outputs(net, x), atol=1e-4)


# Turns are exported at open sizes in test_export.py.
@pytest.mark.parametrize("name", covering(["classes", "ring", "turns"], ["classes", "ring"]))
def test_exported_at_28_by_28_it_is_right_at_other_sizes(name):
    net, _ = settled(name)
    dynamic = {0: torch.export.Dim.DYNAMIC, 2: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}
    program = torch.export.export(net, (torch.randn(2, 1, 28, 28),), dynamic_shapes=(dynamic,)).module()
    for size in SIZES:
        x = torch.randn(3, 1, *size)
        assert torch.allclose(outputs(program, x), outputs(net, x), atol=1e-5), size


@each
def test_the_plain_export_holds_only_torch_and_gives_the_same(name):
    net, x = settled(name)
    plain = net.export()
    assert {type(module).__module__.split(".")[0] for module in plain.modules()} == {"torch"}
    assert "erlangen" not in plain.code
    sizes = {"hexagon": [(9, 9), (19, 19)]}.get(name, SIZES if x.dim() == 4 else [(9, 12, 10)])
    for size in sizes:
        z = torch.randn(3, 1, *size)
        assert torch.allclose(
            outputs(plain, z), outputs(net, z), atol=1e-6 * max(1.0, float(outputs(net, z).abs().max()))
        )


def test_the_plain_export_shares_no_weights_with_the_network():
    net, x = settled("classes")
    plain, y = net.export(), outputs(net, x)
    with torch.no_grad():
        for parameter in plain.parameters():
            parameter.zero_()
    assert torch.equal(outputs(net, x), y)


# Turns are written to ONNX in test_export.py, with all kinds.
@pytest.mark.parametrize("name", covering(["classes", "turns"], ["classes"]))
def test_onnx_of_the_export_is_right_at_other_sizes(name):
    onnxruntime = pytest.importorskip("onnxruntime")
    net, _ = settled(name)
    batch, high, wide = (torch.export.Dim(n, min=low) for n, low in (("batch", 1), ("high", 9), ("wide", 9)))
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the exporter says of its own insides
        torch.onnx.export(
            net.export(),
            (torch.randn(2, 1, 28, 28),),
            file,
            dynamo=True,
            verbose=False,
            input_names=["x"],
            dynamic_shapes=({0: batch, 2: high, 3: wide},),
        )
    session = onnxruntime.InferenceSession(file.getvalue())
    for size in SIZES:
        x = torch.randn(3, 1, *size)
        (y,) = session.run(None, {"x": x.numpy()})
        assert torch.allclose(torch.from_numpy(y), outputs(net, x), atol=1e-4), size
