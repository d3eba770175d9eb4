"""Products along edges: both forms and some edges at a time are one function, that of e3nn's tensor product."""

import math
import warnings
from typing import Any

import pytest
import torch
from torch import Tensor

import erlangen as er
from erlangen.domains.cloud import Cloud
from erlangen.errors import InputError, SpaceError
from erlangen.layers.linear import _along_edges, _edge_product
from erlangen.layers.linear._edge_product import DepthwiseProduct, EdgeProduct, MixingProduct
from erlangen.representations import Representation
from erlangen.solve.angular import harmonics_on

O3, SO3 = er.O(3), er.SO(3)
FIELDS = {
    "harmonics": ([(0, 1), (1, -1), (2, 1)], [(0, 1), (1, -1), (2, 1), (3, -1)]),
    "both parities": ([(0, 1), (1, -1), (1, 1), (2, 1)], [(0, 1), (0, -1), (1, -1), (2, -1)]),
    "turns alone": ([(0,), (1,), (2,)], [(0,), (1,), (3,)]),
    "what some harmonics do not reach": ([(0, 1)], [(0, 1), (0, -1), (4, 1)]),
}
EITHER = pytest.mark.parametrize("of", [DepthwiseProduct, MixingProduct])
MANY = pytest.mark.parametrize("kind", FIELDS)


def fields(kind: str) -> tuple[tuple[Representation, ...], tuple[Representation, ...]]:
    there, here = (tuple((O3 if len(l) == 2 else SO3).irrep(*l) for l in side) for side in FIELDS[kind])
    return there, here


def product(
    kind: str, way: str | None = None, channels: int = 4, of: type[EdgeProduct] = DepthwiseProduct
) -> EdgeProduct:
    torch.manual_seed(0)
    return of(fields(kind), channels, er.Points(3), 4, 3, way).double()


def given(made: EdgeProduct, n: int = 9, coincident: bool = False) -> tuple[Tensor, Tensor, Cloud]:
    generator = torch.Generator().manual_seed(1)
    position = torch.randn(n, 3, generator=generator, dtype=torch.float64)
    if coincident:
        position[1] = position[0]
    _, cloud = er.Points(3).read({"pos": position})
    width = sum(field.dim for field in made.fields[0])
    x = torch.randn(n, width, made.channels, generator=generator, dtype=torch.float64)
    told = torch.randn(len(cloud.source), 3, generator=generator, dtype=torch.float64)
    return x, told, cloud


@MANY
@EITHER
def test_both_forms_are_one_function(kind: str, of: type[EdgeProduct]) -> None:
    direct, frame = product(kind, "direct", of=of), product(kind, "frame", of=of)
    assert frame.form.name == "frame" and torch.equal(direct.weight, frame.weight)
    told = given(direct, coincident=True)
    assert torch.allclose(direct(*told), frame(*told), atol=1e-12)


@MANY
@EITHER
@pytest.mark.parametrize("way", ["direct", "frame"])
def test_some_edges_at_a_time_are_all_of_them(
    kind: str, way: str, of: type[EdgeProduct], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values, and gradients of all that goes in: of values, of what is told, of positions, of weights."""
    made = product(kind, way, of=of)
    x, told, cloud = given(made)

    def slopes() -> list[Tensor]:
        at, heard = x.clone().requires_grad_(), told.clone().requires_grad_()
        vector = cloud.vector.clone().requires_grad_()
        y = made(at, heard, cloud._replace(vector=vector))
        return [y, *torch.autograd.grad(y.square().sum(), (at, heard, vector, *made.parameters()))]

    together = slopes()
    monkeypatch.setattr(_edge_product, "TOGETHER", 1)
    called = []
    apply = _along_edges._AlongEdges.apply
    monkeypatch.setattr(_along_edges._AlongEdges, "apply", lambda *a: called.append(1) or apply(*a))  # type: ignore[func-returns-value]
    for a, b in zip(together, slopes(), strict=True):
        assert torch.allclose(a, b, atol=1e-11, rtol=1e-11)
    assert called


@EITHER
@pytest.mark.parametrize("way", ["direct", "frame"])
def test_gradients_of_gradients_some_edges_at_a_time(
    way: str, of: type[EdgeProduct], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_edge_product, "TOGETHER", 1)
    monkeypatch.setattr(_edge_product, "LEAST", 5)
    made = product("turns alone", way, channels=1, of=of)
    x, told, cloud = given(made, n=3)

    def value(at: Tensor, heard: Tensor, vector: Tensor) -> Tensor:
        return made(at, heard, cloud._replace(vector=vector)).square().sum()

    inputs = [part.clone().requires_grad_() for part in (x, told, cloud.vector)]
    assert torch.autograd.gradcheck(value, inputs) and torch.autograd.gradgradcheck(value, inputs)


@pytest.mark.parametrize("way", ["direct", "frame"])
@pytest.mark.parametrize("highest", [1, 2, 3])
def test_it_is_e3nns_tensor_product(highest: int, way: str) -> None:
    """One instruction for each product, with the same weights; ours share one target's second moment evenly."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        o3: Any = pytest.importorskip("e3nn.o3")
        irreps = o3.Irreps("+".join(f"4x{l}{'eo'[l % 2]}" for l in range(highest + 1)))
        all_fields = tuple(O3.irrep(l, (-1) ** l) for l in range(highest + 1))
        torch.manual_seed(0)
        made = DepthwiseProduct((all_fields, all_fields), 4, er.Points(3), highest, 3, way).double()
        harmonics = o3.Irreps.spherical_harmonics(highest)
        scale = [1 / math.sqrt(sum(q.target == p.target for q in made.products)) for p in made.products]
        told_to = [(p.source, p.degree, p.target, "uvu", True, s**2) for p, s in zip(made.products, scale, strict=True)]
        theirs = o3.TensorProduct(
            irreps, harmonics, irreps, told_to, irrep_normalization="component", path_normalization="none",
            shared_weights=False, internal_weights=False,
        ).double()  # fmt: skip
    x, told, cloud = given(made)
    flat = torch.cat([part.transpose(1, 2).flatten(1) for part in x.split([f.dim for f in all_fields], 1)], dim=1)
    y = harmonics_on(er.Points(3), highest, cloud.vector)
    weights = told @ made.weight.reshape(len(made.products) * 4, 3).t()
    sent = theirs(flat[cloud.source], y, weights)
    expected = torch.zeros_like(flat).index_add(0, cloud.target, sent)
    found = made(x, told, cloud)
    found = torch.cat([part.transpose(1, 2).flatten(1) for part in found.split([f.dim for f in all_fields], 1)], dim=1)
    assert torch.allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize("way", ["direct", "frame"])
def test_mixed_it_is_e3nns_fully_connected_one(way: str) -> None:
    """Channels scaled, then mixed by one weight for every product and pair of channels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        o3: Any = pytest.importorskip("e3nn.o3")
        irreps = o3.Irreps("4x0e+4x1o+4x2e")
        all_fields = tuple(O3.irrep(l, (-1) ** l) for l in range(3))
        torch.manual_seed(0)
        made = MixingProduct((all_fields, all_fields), 4, er.Points(3), 2, 3, way).double()
        scale = [1 / sum(q.target == p.target for q in made.products) for p in made.products]
        told_to = [(p.source, p.degree, p.target, "uvw", True, s) for p, s in zip(made.products, scale, strict=True)]
        theirs = o3.TensorProduct(
            irreps, o3.Irreps.spherical_harmonics(2), irreps, told_to, irrep_normalization="component",
            path_normalization="none", shared_weights=True, internal_weights=False,
        ).double()  # fmt: skip
    x, told, cloud = given(made)
    scaled = x[cloud.source] * (told @ made.scale.t()).unflatten(1, (3, 4)).repeat_interleave(
        torch.tensor([1, 3, 5]), 1
    )
    flat = torch.cat([part.transpose(1, 2).flatten(1) for part in scaled.split([1, 3, 5], 1)], dim=1)
    weights = made.weight.reshape(-1, 4, 4).transpose(1, 2).flatten()  # theirs are [in, out]
    sent = theirs(flat, harmonics_on(er.Points(3), 2, cloud.vector), weights)
    expected = torch.zeros(len(x), irreps.dim, dtype=torch.float64).index_add(0, cloud.target, sent)
    found = torch.cat([part.transpose(1, 2).flatten(1) for part in made(x, told, cloud).split([1, 3, 5], 1)], dim=1)
    assert torch.allclose(found, expected, atol=1e-10)


def test_the_form_is_chosen_by_counting_and_says_so() -> None:
    high, low = product("harmonics"), DepthwiseProduct(((O3.trivial,), (O3.trivial,)), 8, er.Points(3), 0, 32, None)
    assert (
        high.form.name == "frame"
        and "degrees 2 ⊗ 4 → 3 counted as" in high.why
        and high.why.endswith("of the direct form")
    )
    assert low.form.name == "direct" and "degrees 0 ⊗ 0 → 0" in low.why
    with pytest.raises(InputError, match="irreps of SO"):
        DepthwiseProduct(((er.C(4).regular,), (er.C(4).regular,)), 1, er.Points(3), 1, 3, "frame")
    with pytest.raises(SpaceError, match="greater highest"):
        DepthwiseProduct(((O3.trivial,), (O3.irrep(2, 1),)), 1, er.Points(3), 1, 3, None)
