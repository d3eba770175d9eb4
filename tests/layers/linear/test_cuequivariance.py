"""Products along edges by cuequivariance: one function with our own forms, asked for or taken by itself on a GPU.

Its operations on a CPU stand for its kernels: both compute the polynomial that we give.
"""

import copy
import sys
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

import erlangen as er
from erlangen.errors import InputError
from erlangen.layers import PointConv
from erlangen.layers.linear import _cuequivariance, _edge_product
from erlangen.layers.linear._cuequivariance import has_kernels
from tests.layers.linear.test_points import MANY, cloud, layer_of

NAME = "cuequivariance"


@pytest.fixture
def installed() -> None:
    pytest.importorskip("cuequivariance_torch", reason="cuequivariance-torch is not installed")


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Filled when the polynomial is computed."""
    called: list[int] = []
    own = _edge_product.sums_of
    monkeypatch.setattr(_edge_product, "sums_of", lambda *given: called.append(1) or own(*given))  # type: ignore[func-returns-value]
    return called


@pytest.fixture
def on_gpu(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if its kernels were installed and all devices had them."""
    monkeypatch.setattr(_edge_product, "has_kernels", lambda device: True)


@pytest.fixture
def deterministic() -> Iterator[None]:
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


def both(kind: str, **choices: object) -> tuple[PointConv, PointConv]:
    """The direct form and cuequivariance's, with the same weights."""
    direct, other = (layer_of(kind, hidden=4, way=way, **choices) for way in ("direct", NAME))
    other.load_state_dict(direct.state_dict())
    return direct, other


def given(layer: PointConv, n: int = 6) -> dict[str, Tensor]:
    """A cloud of which two points coincide."""
    data = cloud(layer.domain, layer.source.channels, n)
    data["pos"][1:3] = 0.5 * data["pos"][:1]
    return data


def slopes(layer: PointConv, device: str = "cpu") -> list[Tensor]:
    """Values, their gradients, and the gradients of those of positions, which training on forces takes."""
    layer = layer.to(device)
    data = {name: part.to(device).requires_grad_() for name, part in given(layer).items()}
    asked = [*data.values(), *layer.parameters()]
    y = er.Blueprint([layer])(data)
    first = torch.autograd.grad(y.square().sum(), asked, create_graph=True)
    second = torch.autograd.grad(first[1].square().sum(), asked, allow_unused=True)
    return [part.detach().cpu() for part in (y, *first, *second) if part is not None]


def close(a: Tensor, b: Tensor, relative: float) -> bool:
    return bool((a - b).abs().max() <= relative * (1 + b.abs().max()))


@pytest.mark.usefixtures("installed")
@MANY
@pytest.mark.parametrize("mixing", [False, True])
def test_it_is_the_direct_form_in_values_and_both_derivatives(kind: str, mixing: bool, taken: list[int]) -> None:
    direct, other = both(kind, mixing=mixing)
    assert list(direct.state_dict()) == list(other.state_dict())
    expected = slopes(direct)
    assert not taken
    found = slopes(other)
    assert taken and len(expected) == len(found) > len(list(direct.parameters()))
    assert all(close(a, b, 1e-10) for a, b in zip(found, expected, strict=True))


@pytest.mark.usefixtures("installed")
def test_in_single_precision_and_back_and_copied() -> None:
    direct, other = both("O(3)")
    data = given(direct)
    expected = er.Blueprint([direct])(data)
    single = {name: part.float() for name, part in data.items()}
    weights = copy.deepcopy(direct.state_dict())
    found = er.Blueprint([other.float()])(single)
    assert found.dtype == torch.float32 and close(found, expected.float(), 1e-5)
    again = copy.deepcopy(other).double()
    again.load_state_dict(weights)
    assert close(er.Blueprint([again])(data), expected, 1e-10)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("channels", [1, 3])
def test_one_channel_one_edge_and_none(channels: int) -> None:
    direct, other = both("SO(3)", channels=channels)
    for n, apart in ((1, 1.0), (2, 0.1), (2, 100.0)):
        data = cloud(direct.domain, direct.source.channels, n)
        data["pos"] *= apart
        assert close(er.Blueprint([other])(data), er.Blueprint([direct])(data), 1e-10)


@pytest.mark.usefixtures("installed")
def test_it_says_so_and_its_recipe_keeps_it() -> None:
    _, other = both("O(3)")
    assert other.reason().way == "cuequivariance: one polynomial of 37 coefficients, as asked; frame where it is " + (
        "compiled or exported"
    )
    net = er.Blueprint([other])
    again = er.build(net.recipe)
    assert [layer.way for layer in er.layers.leaves(again) if isinstance(layer, PointConv)] == [NAME]


@pytest.mark.usefixtures("installed")
def test_exported_it_is_of_torchs_own_operations() -> None:
    direct, other = both("O(3)")
    x = torch.randn(6, sum(field.dim for field in other.product.fields[0]), other.product.channels).double()
    _, near = other.domain.read({"pos": given(other)["pos"]})
    told = torch.randn(len(near.source), 4).double()
    expected = direct.product(x, told, near)
    exported = torch.export.export(other.product, (x, told, near), strict=False)
    assert close(exported.module()(x, told, near), expected, 1e-10)
    assert NAME not in str(exported.graph)


# ---- by itself -----------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("on_gpu")
def test_by_itself_it_is_taken_where_it_is_less_work(taken: list[int]) -> None:
    direct, other = layer_of("O(3)", way="direct"), layer_of("O(3)")
    assert other.reason().way.startswith(f"{NAME}: one polynomial of 37 coefficients, on this GPU")
    assert direct.reason().way == "direct, as asked"
    expected = er.Blueprint([direct])(given(direct))
    assert not taken and close(er.Blueprint([other])(given(other)), expected, 1e-10) and taken
    taken.clear()
    finite = layer_of("Icosahedral")  # with almost as many coefficients as the direct form has components
    assert er.Blueprint([finite])(given(finite)).isfinite().all() and not taken


@pytest.mark.usefixtures("on_gpu", "deterministic")
def test_by_itself_it_is_not_taken_where_the_order_of_sums_is_to_be_kept() -> None:
    assert layer_of("O(3)").reason().way.startswith("frame: ")


def test_on_a_cpu_nothing_of_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    has_kernels.cache_clear()
    monkeypatch.setattr(_cuequivariance, "importlib", None)
    layer = layer_of("O(3)")
    assert er.Blueprint([layer])(given(layer)).isfinite().all() and layer.reason().way.startswith("frame: ")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.usefixtures("installed")
@MANY
@pytest.mark.parametrize("mixing", [False, True])
def test_its_kernels_are_the_direct_form_too(kind: str, mixing: bool) -> None:
    pytest.importorskip("cuequivariance_ops_torch", reason="its kernels are not installed")
    direct, other = both(kind, mixing=mixing)
    for a, b in zip(slopes(other, "cuda"), slopes(direct), strict=True):
        assert close(a, b, 1e-10)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cuequivariance_torch", None)
    with pytest.raises(InputError, match=r"erlangen\[cuequivariance\].*or leave way out"):
        layer_of("O(3)", way=NAME)
    with pytest.raises(InputError, match="'direct' or 'frame' or 'cuequivariance'"):
        layer_of("O(3)", way="cueq")
