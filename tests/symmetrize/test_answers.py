"""Models that answer with several tensors: each part moves as it is said to, and comes back where it was."""

from collections import OrderedDict, namedtuple
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.errors import InputError, TaskError
from tests.symmetrize.plain import Plain, varies

average, canonicalize = er.symmetrize.average, er.symmetrize.canonicalize
GRID, GROUP = er.Grid(2), er.D(4)
VECTOR = er.Equivariant(GROUP.standard)
Both = namedtuple("Both", ["scores", "field"])


class Many(nn.Module):
    """Scores of the whole and a field of vectors, in what `pack` makes of them."""

    def __init__(self, pack: Any):
        super().__init__()
        self.scores, self.field = Plain(GRID, 1, 3, False), Plain(GRID, 1, 2, True, seed=1)
        self.pack = pack

    def forward(self, x: Tensor) -> Any:
        return self.pack(self.scores(x), self.field(x))


PACKS = {
    "tuple": (lambda a, b: (a, b), (er.Invariant(3), VECTOR)),
    "list": (lambda a, b: [a, b], [er.Invariant(3), VECTOR]),
    "named": (Both, (er.Invariant(3), VECTOR)),
    "dict": (lambda a, b: {"s": a, "f": b}, {"f": VECTOR, "s": er.Invariant(3)}),
    "ordered": (lambda a, b: OrderedDict(s=a, f=b), {"s": er.Invariant(3), "f": VECTOR}),
    "nested": (lambda a, b: {"s": a, "more": (b,)}, {"s": er.Invariant(3), "more": (VECTOR,)}),
}


def parts(y: Any) -> list[Tensor]:
    if isinstance(y, Tensor):
        return [y]
    return [part for held in (y.values() if isinstance(y, dict) else y) for part in parts(held)]


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("way", [average, canonicalize])
def test_each_part_moves_by_its_own_output(way: Any, name: str):
    pack, output = PACKS[name]
    torch.manual_seed(0)
    F = way(Many(pack), GRID, GROUP, output=output, input=1).eval()
    x = torch.randn(4, 1, 7, 7, dtype=torch.float64)
    with torch.no_grad():
        y = F(x)
        assert type(y) is type(pack(x, x))
        assert all(varies(part) for part in parts(y))
        for g in GROUP.elements:
            scores, field = parts(F(GRID.act(g, x)))
            assert torch.allclose(scores, parts(y)[0], atol=1e-10)
            assert torch.allclose(field, VECTOR.act(g, parts(y)[1], GRID), atol=1e-10)


@pytest.mark.parametrize("way", [average, canonicalize])
def test_a_part_is_what_the_model_of_that_part_gives_alone(way: Any):
    torch.manual_seed(0)
    both = way(Many(Both), GRID, GROUP, output=(er.Invariant(3), VECTOR), input=1).eval()
    alone = way(both.model.field, GRID, GROUP, output=VECTOR, input=1).eval()
    if way is canonicalize:
        alone.form.network.load_state_dict(both.form.network.state_dict())
    x = torch.randn(4, 1, 6, 6, dtype=torch.float64)
    assert torch.allclose(both(x).field, alone(x), atol=1e-12)


def test_one_output_for_all_and_small_batches():
    class Twice(nn.Module):
        def forward(self, x: Tensor) -> dict[str, Tensor]:
            return {"a": x[..., 0].sum(2), "b": x[:, :, 0].amax(2)}

    x = torch.randn(5, 2, 6, 6, dtype=torch.float64)
    F = average(Twice(), GRID, GROUP, output=er.Invariant(2), batch_size=7)
    assert set(F(x)) == {"a", "b"}
    for g in GROUP.elements:
        assert all(torch.allclose(F(GRID.act(g, x))[k], F(x)[k], atol=1e-12) for k in "ab")
    assert torch.allclose(average(Twice(), GRID, GROUP, output=er.Invariant(2))(x)["b"], F(x)["b"], atol=1e-12)


def test_the_witness_takes_a_part_and_learning_reaches_all():
    torch.manual_seed(0)
    F = average(Many(Both), GRID, GROUP, output=(er.Invariant(3), VECTOR), input=1).eval()
    x = torch.randn(16, 1, 6, 6, dtype=torch.float64)
    for part, output in enumerate((er.Invariant(3), VECTOR)):
        assert er.audit(F, GRID, GROUP, x, output, select=part, shifts=[]).passed
        assert not er.audit(F.model, GRID, GROUP, x, output, select=part, shifts=[]).passed
    learned = canonicalize(Many(Both), GRID, GROUP, output=(er.Invariant(3), VECTOR), input=1).train()
    sum(part.square().sum() for part in learned(x)).backward()
    assert all(p.grad is not None and float(p.grad.abs().sum()) > 0 for p in learned.parameters() if p.dim() > 1)
    assert learned.eval().jump(x).shape == (16,)
    assert "output=(Invariant(n=3), Equivariant(" in repr(F)


@pytest.mark.parametrize("way", [average, canonicalize])
def test_what_does_not_fit_is_named(way: Any):
    x = torch.randn(4, 1, 6, 6, dtype=torch.float64)
    for output, text in (
        ({"scores": er.Invariant(3), "field": VECTOR}, r"answers at \[0\], \[1\]"),
        ((er.Invariant(3),), r"expected answers at \[0\]"),
        ((er.Invariant(3), er.Equivariant(5)), r"\(4, 2, 6, 6\) at \[1\]|\(\d+, 2, 6, 6\) at \[1\]"),
        (er.Invariant(3), r"2, 6, 6\) at \[1\]"),
    ):
        with pytest.raises(InputError, match=text):
            way(Many(lambda a, b: (a, b)), GRID, GROUP, output=output, input=1)(x)
    with pytest.raises(InputError, match="NoneType at"):
        way(Many(lambda a, b: (a, None)), GRID, GROUP, output=er.Invariant(3), input=1)(x)
    for output in ((), {}, (3,), {"a": "field"}):
        with pytest.raises(TaskError, match=r"er\.Invariant"):
            way(Many(Both), GRID, GROUP, output=output, input=1)
