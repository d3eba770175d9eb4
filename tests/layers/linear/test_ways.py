"""The ways of computing one linear map: equal values and gradients, the same weights, and a choice that says why."""

import copy
import itertools
import json
import pickle
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.func import functional_call, grad, vmap

import erlangen as er
from erlangen.domains import Grid, HexGrid, Point
from erlangen.errors import InputError
from erlangen.groups import C, D, Group, Octahedral
from erlangen.layers import Dense, LatticeConv
from erlangen.layers._base import Layer
from erlangen.signal import Space
from tests.laws.catalogue import QUATERNIONS

ISOTYPIC, EXPORT = import_module("erlangen.layers.linear._isotypic"), import_module("erlangen.blueprint.export")

BLOCKS = [  # irreps of real, of complex and of quaternionic type; found in closed form and by numbers
    (Grid(2), C(4), (5, 6)),
    (Grid(2, "periodic"), D(4), (4, 7)),
    (HexGrid(), D(6), (5, 5)),
    (Grid(3), Octahedral(), (3, 4, 2)),
    (Point(), C(8), ()),
    (Point(), QUATERNIONS, ()),
    (Point(), er.wreath(er.Mirror(), 2), ()),
]
each = pytest.mark.parametrize(("domain", "group", "size"), BLOCKS, ids=lambda value: repr(value))


def pair(domain, group: Group, way: str = "isotypic", **choices) -> tuple[Layer, Layer]:
    """A layer in float64 computed that way, and the dense one of the same weights."""
    source, target = Space(domain, 2 * group.regular), Space(domain, 3 * group.regular)
    kind = Dense if domain == Point() else LatticeConv
    choices = choices if domain == Point() else {"kernel_size": 1, **choices}
    layers = [kind(source, target, way=name, **choices).double() for name in (way, "dense")]
    for parameter in layers[0].parameters():
        torch.nn.init.normal_(parameter)
    layers[1].load_state_dict(layers[0].state_dict())
    return layers[0], layers[1]


def noise(layer: Layer, size: tuple[int, ...], batch: int = 3) -> Tensor:
    return torch.randn(batch, layer.source.channels, *size, dtype=torch.float64)


def same(layer: Layer, dense: Layer, x: Tensor) -> bool:
    """Values and all gradients agree to 1e-12."""
    found = []
    for each in (layer, dense):
        given = x.clone().requires_grad_()
        y = each(given)
        found.append((y, *torch.autograd.grad(y.tanh().sum(), [given, *each.parameters()])))
    return all(torch.allclose(a, b, rtol=1e-12, atol=1e-12) for a, b in zip(*found, strict=True))


# ---- equal ---------------------------------------------------------------------------------------------------------
@each
def test_blocks_give_the_values_and_gradients_of_the_dense_map(domain, group, size):
    layer, dense = pair(domain, group)
    assert layer.way.name == "isotypic" and dense.way.name == "dense"
    assert list(layer.state_dict()) == list(dense.state_dict())
    assert same(layer, dense, noise(layer, size))
    assert same(*pair(domain, group, bias=False), noise(layer, size))


@pytest.mark.parametrize("threads", [1, 2])
def test_what_passes_in_parts_is_the_same(monkeypatch: pytest.MonkeyPatch, threads: int):
    monkeypatch.setattr(ISOTYPIC, "BLOCK", 1500)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    for bias in (True, False):
        layer, dense = pair(Grid(2), D(4), bias=bias)
        x = noise(layer, (9, 5), batch=5)
        assert same(layer, dense, x)
        with torch.no_grad():
            assert torch.allclose(layer(x), dense(x), atol=1e-12)
            assert torch.allclose(vmap(layer)(x[None])[0], dense(x), atol=1e-12)
            with torch.autocast("cpu", torch.bfloat16):
                assert layer.float()(x.float()).dtype == torch.bfloat16


def test_blocks_under_a_stride():
    group = D(4)
    source, target = Space(Grid(2), group.regular), Space(Grid(2).coarser(), group.regular)
    layers = [LatticeConv(source, target, 1, stride=2, way=way).double() for way in ("isotypic", "dense")]
    layers[1].load_state_dict(layers[0].state_dict())
    x = noise(layers[0], (7, 8))
    assert torch.allclose(layers[0](x), layers[1](x), atol=1e-12)
    assert torch.allclose(layers[0].export()(x), layers[1](x), atol=1e-12)


@pytest.mark.parametrize(("domain", "group", "size"), [BLOCKS[0], BLOCKS[2], BLOCKS[4]], ids=lambda value: repr(value))
def test_gradients_are_those_of_differences(domain, group, size):
    layer, _ = pair(domain, group)
    names, weights = zip(*layer.named_parameters(), strict=True)
    x = noise(layer, (3,) * len(size), batch=1).requires_grad_()

    def moved(x: Tensor, *parts: Tensor) -> Tensor:
        return functional_call(layer, dict(zip(names, parts, strict=True)), (x,)).flatten()[:5]

    assert torch.autograd.gradcheck(moved, (x, *weights))


RINGS = [  # odd and even, not square, kernels that reach round the ring, dilated, strided
    (1, (7,), {"kernel_size": 5}),
    (1, (6,), {"kernel_size": 13}),
    (1, (1,), {"kernel_size": 3}),
    (2, (6, 7), {"kernel_size": 3}),
    (2, (3, 8), {"kernel_size": 7}),
    (2, (9, 4), {"kernel_size": 3, "dilation": 2}),
    (2, (8, 5), {"kernel_size": 5, "stride": 2}),
    (2, (6, 6), {"kernel_size": 3, "bias": False}),
    (3, (3, 4, 5), {"kernel_size": 3}),
]


@pytest.mark.parametrize(("dim", "size", "choices"), RINGS, ids=lambda value: repr(value))
def test_on_a_ring_multiplying_spectra_is_the_spatial_convolution(dim, size, choices):
    group = {1: er.Mirror(), 2: D(4), 3: Octahedral()}[dim]
    ring = Grid(dim, "periodic")
    source = Space(ring, group.regular + group.irreps()[-1])
    target = Space(ring.coarser() if "stride" in choices else ring, group.regular + group.trivial)
    layer, dense = (LatticeConv(source, target, way=way, **choices).double() for way in ("spectral", "dense"))
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    dense.load_state_dict(layer.state_dict())
    assert layer.way.name == "spectral"
    x = noise(layer, size)
    assert same(layer, dense, x)
    assert torch.equal(layer.export()(x), dense.export()(x))


def test_the_gradients_of_spectra_are_those_of_differences():
    space = Space(Grid(2, "periodic"), C(2).regular)
    layer = LatticeConv(space, space, way="spectral").double()
    names, weights = zip(*layer.named_parameters(), strict=True)

    def moved(x: Tensor, *parts: Tensor) -> Tensor:
        return functional_call(layer, dict(zip(names, parts, strict=True)), (x,))

    assert torch.autograd.gradcheck(moved, (noise(layer, (3, 4), batch=1).requires_grad_(), *weights))


@pytest.mark.parametrize(
    ("domain", "group", "way"),
    [
        (Point(), D(4), "isotypic"),
        (Grid(2), D(4), "isotypic"),
        (Grid(1, "periodic"), er.Mirror(), "spectral"),
        (Grid(2, "periodic"), D(4), "spectral"),
        (Grid(2, "periodic"), D(4), "dense"),
    ],
    ids=repr,
)
def test_an_empty_batch_has_an_empty_answer_and_no_gradient(domain, group, way):
    layer, _ = pair(domain, group, way)
    x = noise(layer, (4, 5)[: domain.axes], batch=0)
    y = layer(x)
    assert y.shape == (0, layer.target.channels, *x.shape[2:])
    y.sum().backward()
    assert all(p.grad is not None and not p.grad.any() for p in layer.parameters())
    assert layer.export()(x).shape == y.shape


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
@pytest.mark.parametrize("way", ["dense", "spectral"])
def test_an_answer_has_the_dtype_of_its_input(way: str, dtype: torch.dtype):
    space = Space(Grid(2, "periodic"), C(4).regular)
    layer = LatticeConv(space, space, 3, way=way)
    x = torch.randn(2, 4, 6, 7)
    found = copy.deepcopy(layer).to(dtype)(x.to(dtype))
    assert found.dtype == dtype
    assert torch.allclose(found.float(), layer(x), atol=0.1)


# ---- it lives well in torch ----------------------------------------------------------------------------------------
@pytest.fixture(params=["square", "point", "ring"])
def settled(request: pytest.FixtureRequest) -> tuple[er.Blueprint, Tensor]:
    """Two maps in blocks, or by spectra, with a function between, in float32."""
    if request.param == "ring":
        a, b = (Space(Grid(2, "periodic"), m * D(4).regular) for m in (1, 2))
        first, last = LatticeConv(a, b, 3, way="spectral"), LatticeConv(b, a, 5, way="spectral")
        return er.Blueprint([first, er.layers.Pointwise(b), last]), torch.randn(3, a.channels, 6, 7)
    square = request.param == "square"
    a, b = (Space(Grid(2) if square else Point(), m * D(4).regular) for m in (2, 3))
    first = LatticeConv(a, b, kernel_size=1, way="isotypic") if square else Dense(a, b, way="isotypic")
    last = LatticeConv(b, a, kernel_size=1, way="isotypic") if square else Dense(b, a, way="isotypic")
    net = er.Blueprint([first, er.layers.Pointwise(b), last])
    return net, torch.randn(3, a.channels, *((6, 7) if square else ()))


def test_copies_files_and_recipes_keep_the_way(settled):
    net, x = settled
    assert torch.equal(copy.deepcopy(net)(x), net(x))
    assert torch.equal(pickle.loads(pickle.dumps(net))(x), net(x))
    again = er.build(net.recipe)
    assert again.recipe == net.recipe
    assert again[0].way.name == again[2].way.name == net[0].way.name != "dense"
    again.load_state_dict(net.state_dict())
    assert torch.equal(again(x), net(x))


def test_dtype_changes_lose_nothing(settled):
    net, x = settled
    there = copy.deepcopy(net).double()
    back_and_there = copy.deepcopy(net).double().float().double()
    assert torch.equal(there(x.double()), back_and_there(x.double()))
    assert torch.allclose(there(x.double()).float(), net(x), atol=1e-5)
    with torch.autocast("cpu", torch.bfloat16):
        half = net(x)
    assert half.dtype == (torch.float32 if net[0].way.name == "spectral" else torch.bfloat16)
    assert (half.float() - net(x)).abs().max() <= 0.05 * net(x).abs().max()


def test_made_on_meta_it_takes_weights_whole(settled):
    net, x = settled
    with torch.device("meta"):
        ghost = er.build(net.recipe)
    ghost.load_state_dict(net.state_dict(), assign=True)
    assert torch.equal(ghost(x), net(x))
    with torch.device("meta"):
        ghost = er.build(net.recipe)
    ghost = ghost.to_empty(device="cpu")
    ghost.load_state_dict(net.state_dict())
    assert torch.equal(ghost(x), net(x))


def test_compiled_whole_it_gives_the_same(settled):
    net, x = settled
    torch._dynamo.reset()
    compiled = torch.compile(net, fullgraph=True, backend="aot_eager")
    assert torch.allclose(compiled(x), net(x), atol=1e-5)
    compiled(x).square().sum().backward()
    assert next(net.parameters()).grad.abs().max() > 0


def test_mapped_over_examples_it_gives_the_gradient_of_each(settled):
    net, x = settled
    weights = {name: p.detach() for name, p in net.named_parameters()}

    def loss(weights: dict[str, Tensor], one: Tensor) -> Tensor:
        return functional_call(net, weights, (one[None],)).square().sum()

    each = vmap(grad(loss), (None, 0))(weights, x)
    net(x[1:2]).square().sum().backward()
    for name, p in net.named_parameters():
        assert torch.allclose(each[name][1], p.grad, rtol=1e-4, atol=1e-4)


def test_exported_by_torch_it_serves_every_batch_and_size(settled):
    net, x = settled
    free = {axis: torch.export.Dim.DYNAMIC for axis in (0, *range(2, x.dim()))}
    program = torch.export.export(net, (x,), dynamic_shapes=(free,)).module()
    z = torch.randn(5, x.shape[1], *(n + 3 for n in x.shape[2:]))
    assert torch.allclose(program(z), net(z), atol=1e-5)


def test_the_plain_export_is_of_torch_alone_and_takes_the_blocks_but_stays_spatial(settled):
    net, x = settled
    plain = net.export()
    assert {type(module).__module__.split(".")[0] for module in plain.modules()} == {"torch"}
    assert ("matmul" in plain.code) == (net[0].way.name == "isotypic")
    assert "fft" not in plain.code
    z = torch.randn(5, x.shape[1], *(n + 3 for n in x.shape[2:]))
    assert torch.allclose(plain(z), net(z), atol=1e-5)
    with torch.no_grad():
        for tensor in plain.state_dict().values():
            tensor.zero_()
    assert net(x).abs().max() > 0  # they share no weights


# ---- in a row ------------------------------------------------------------------------------------------------------
def pointwise_row(width: int = 512) -> er.layers.Chain:
    space = Space(Grid(2), width // 8 * D(4).regular)
    first, second, third = (LatticeConv(space, space, kernel_size=1, way="isotypic") for _ in range(3))
    return er.layers.Chain([first, second, er.layers.Pointwise(space), third])


def test_layers_in_a_row_share_one_transform_up_to_the_nonlinearity(monkeypatch: pytest.MonkeyPatch):
    counts = {"there": 0, "back": 0}
    for name in counts:
        once = getattr(ISOTYPIC.Isotypic, name)

        def counted(way: Any, values: torch.Tensor, name: str = name, once: Any = once) -> torch.Tensor:
            counts[name] += 1
            return once(way, values)

        monkeypatch.setattr(ISOTYPIC.Isotypic, name, counted)
    chain, x = pointwise_row(64).double(), torch.randn(3, 64, 5, 4, dtype=torch.float64)
    together = chain(x)
    assert counts == {"there": 2, "back": 2}
    alone = x
    for layer in chain:
        alone = layer(alone)
    assert counts == {"there": 5, "back": 5}
    assert torch.allclose(together, alone, atol=1e-12)
    assert torch.allclose(chain.export()(x), alone, atol=1e-12)
    gradients = [torch.autograd.grad(y.square().sum(), list(chain.parameters())) for y in (together, alone)]
    assert all(torch.allclose(a, b, atol=1e-10) for a, b in zip(*gradients, strict=True))


@pytest.mark.parametrize("threads", [1, 2])
def test_a_row_that_passes_signal_by_signal_is_the_same(monkeypatch: pytest.MonkeyPatch, threads: int):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    monkeypatch.setattr(ISOTYPIC, "BLOCK", 100)
    chain, x = pointwise_row(32).double(), torch.randn(3, 32, 5, 4, dtype=torch.float64)
    expected = x
    for layer in chain:
        expected = layer(expected)
    assert torch.allclose(chain(x), expected, atol=1e-12)
    with torch.no_grad():
        assert torch.allclose(chain(x), expected, atol=1e-12)


def test_a_stride_stands_between():
    space = Space(Grid(2), 4 * D(4).regular)
    coarse = Space(Grid(2).coarser(), 4 * D(4).regular)
    given = {"kernel_size": 1, "way": "isotypic"}
    chain = er.layers.Chain([LatticeConv(space, coarse, stride=2, **given), LatticeConv(coarse, coarse, **given)])
    x = torch.randn(2, 32, 6, 7)
    assert torch.allclose(chain(x), chain[1](chain[0](x)), atol=1e-6)


def test_the_export_takes_the_form_that_is_faster_at_the_shape_it_is_told(monkeypatch: pytest.MonkeyPatch):
    """The clock is drawn: once the dense form is the faster, once the blocks; either way the answers are the same."""
    space = Space(Grid(2), 8 * D(4).regular)
    net = er.Blueprint([LatticeConv(space, space, kernel_size=1), er.layers.skip([LatticeConv(space, space, 1)])])
    x = torch.randn(2, 64, 6, 5)
    dense, blocks = [0.0, 1.0, 1.0, 3.0], [0.0, 3.0, 3.0, 4.0]
    for drawn, in_blocks in ((dense, False), (blocks, True)):
        clock = itertools.cycle(drawn)
        monkeypatch.setattr(EXPORT.time, "perf_counter", lambda clock=clock: next(clock))
        plain = net.export(like=x)
        assert ("matmul" in plain.code) == in_blocks
        assert torch.allclose(plain(x), net(x), atol=1e-5)
    assert {layer.way.name for layer in er.layers.leaves(net) if hasattr(layer, "way")} == {"dense"}
    with pytest.raises(er.SymmetryError, match="a tensor that the network takes"):
        net.export(like=3)


# ---- the choice ----------------------------------------------------------------------------------------------------
def test_blocks_are_chosen_where_they_are_expected_to_pay_and_explain_says_so(monkeypatch: pytest.MonkeyPatch):
    """With several threads, which share the memory, for wider layers than with one."""
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)

    def one_by_one(width: int) -> LatticeConv:
        space = Space(Grid(2), width // 8 * D(4).regular)
        return LatticeConv(space, space, kernel_size=1)

    small, wide = one_by_one(32), one_by_one(512)
    assert (small.way.name, wide.way.name) == ("dense", "isotypic")
    assert small.reason().way == "dense: isotypic is counted as 4.6 times its work, and taken below 0.85"
    assert "isotypic is counted as 4.6" in " ".join(str(er.Blueprint([small]).explain()).split())
    assert "49,152 multiply-adds a site instead of 262,144" in wide.reason().way
    text = str(er.Blueprint([wide]).explain())
    assert "isotypic: one product an irrep" in " ".join(text.split())
    assert one_by_one(256).way.name == "isotypic"
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    assert [one_by_one(width).way.name for width in (256, 512)] == ["dense", "isotypic"]


def test_spectra_are_chosen_for_large_kernels_on_rings_alone():
    def wide(domain: Grid, kernel_size: int) -> LatticeConv:
        space = Space(domain, 2 * C(4).regular)
        return LatticeConv(space, space, kernel_size)

    assert [wide(Grid(2, "periodic"), k).way.name for k in (3, 9, 13)] == ["dense", "dense", "spectral"]
    assert wide(Grid(2), 13).way.name == "dense"
    assert "169 sites, where about 100 were measured" in wide(Grid(2, "periodic"), 13).reason().way
    assert wide(Grid(2, "periodic"), 5).reason().way.startswith("dense: spectral is counted as 4 times its work")
    assert wide(Grid(2), 5).reason().way == ""  # there is no other


def measured() -> dict[str, dict]:
    """What benchmarks/spectral.py found, by dimension and kernel size."""
    kept = Path(__file__).parents[3] / "benchmarks" / "results" / "spectral.json"
    return json.loads(kept.read_text(encoding="utf-8"))["rows"]


@pytest.mark.parametrize("case", measured())
def test_what_was_measured_to_pay_is_chosen_and_counted_as_it_was_measured(case: str):
    row, dim, size = measured()[case], int(case[0]), int(case.rpartition(" ")[2])
    group = {1: er.Mirror(), 2: C(4), 3: Octahedral()}[dim]
    space = Space(Grid(dim, "periodic"), group.regular)
    plain, spectral = (LatticeConv(space, space, size, way=way).way.work().cost for way in ("dense", "spectral"))
    pays = row["ratio"] < 0.85
    assert LatticeConv(space, space, size).way.name == row["chosen"] == ("spectral" if pays else "dense")
    assert not pays or spectral / plain == pytest.approx(row["ratio"], rel=0.2)


def test_fields_of_other_kinds_stay_dense():
    group = D(4)
    for rho in (64 * group.regular + 64 * group.trivial, 128 * group.irreps()[-1], 256 * group.trivial):
        assert LatticeConv(Space(Grid(2), rho), Space(Grid(2), 64 * group.regular), 1).way.name == "dense"
    space = Space(Grid(2), 64 * group.regular)
    assert LatticeConv(space, space, kernel_size=3).way.name == "dense"


@pytest.mark.parametrize(("kernel_size", "way"), [(3, "isotypic"), (3, "spectral"), (1, "fourier"), (1, 1)])
def test_a_way_that_there_is_not_is_refused(kernel_size, way):
    space = Space(Grid(2), D(4).regular)
    with pytest.raises(InputError, match="'dense'"):
        LatticeConv(space, space, kernel_size, way=way)
