"""Real values: their spread, their errors by fields, the losses that they are learnt by, the units of the answers."""

import pytest
import torch
from torch import nn

from erlangen.blueprint import derive, load, save
from erlangen.data import GraphPair, GraphStore
from erlangen.domains import Points
from erlangen.errors import SpaceError
from erlangen.groups import O
from erlangen.layers import Rescale
from erlangen.signal import Space
from erlangen.task import Equivariant, Invariant, Task
from erlangen.train.judging import ABSOLUTE, ByValue
from erlangen.train.networks import in_units
from erlangen.train.values import lengths, spread_of
from erlangen.train.values_at import evaluate_values

MIXED = Equivariant(2 * O(3).trivial + O(3).standard, pooled=True)
TASK = Task(Points(3), None, 1, MIXED)
VALUES = torch.tensor([[1.0, 10.0, 3.0, 0.0, 4.0], [3.0, 10.0, 0.0, 0.0, 0.0], [torch.nan, 0.0, 9.0, 9.0, 9.0]])
PAIR = GraphPair(GraphStore([{"pos": torch.eye(3)[: n + 1]} for n in range(3)]), VALUES)


def test_scalars_have_a_middle_and_vectors_a_length() -> None:
    middle, spread = spread_of(TASK, PAIR)
    assert middle.tolist() == [2.0, 10.0, 0.0, 0.0, 0.0]
    rms = (25 / 6) ** 0.5  # mean |y|² / 3 of the known ones
    assert spread.tolist() == pytest.approx([1.0, 1.0, rms, rms, rms])


def test_losses_do_not_change_when_all_is_turned() -> None:
    generator = torch.Generator().manual_seed(0)
    said, true = (torch.randn(6, 5, generator=generator) for _ in range(2))
    spread = torch.tensor([2.0, 0.5, 3.0, 3.0, 3.0])
    rho = TASK.target.rho
    for kind in (None, ABSOLUTE):
        judge = ByValue(TASK, spread, kind)
        for g in O(3).sample(3, 0):
            matrix = torch.as_tensor(rho(g)).float()
            assert torch.allclose(
                *(torch.stack(judge(*y, True)) for y in ((said, true), (said @ matrix.T, true @ matrix.T)))
            )
    square = ((said - true) / spread).square().mean()
    assert torch.allclose(ByValue(TASK, spread)(said, true, True)[0], square)
    assert torch.allclose(ByValue(TASK, spread)(said, true, True)[1], lengths(TASK, said - true).mean())


def test_a_loss_has_a_gradient_where_nothing_is_wrong() -> None:
    said = torch.zeros(2, 5, requires_grad=True)
    loss, _ = ByValue(TASK, torch.ones(5), ABSOLUTE)(said, torch.zeros(2, 5), True)
    assert torch.autograd.grad(loss, said)[0].isfinite().all()


def test_what_is_not_known_is_passed_over() -> None:
    said = torch.zeros(3, 5)
    loss, error = ByValue(TASK, torch.ones(5))(said, VALUES, True)
    assert float(loss) == pytest.approx(float(VALUES[:2].square().mean())) and error.isfinite()


def test_answers_come_in_the_unit_of_the_values() -> None:
    torch.manual_seed(0)
    net = derive(TASK, width=8, depth=1)
    made = in_units(net, TASK, *spread_of(TASK, PAIR))
    batch = PAIR.inputs.batch([0, 1, 2])
    middle, spread = spread_of(TASK, PAIR)
    assert torch.allclose(made(batch), net(batch) * spread + middle)
    plain = in_units(nn.Identity(), TASK, middle, spread)
    assert torch.allclose(plain(torch.ones(2, 5)), (spread + middle).expand(2, -1))


def test_units_are_saved_with_the_network(tmp_path) -> None:
    made = in_units(derive(TASK, width=8, depth=1), TASK, *spread_of(TASK, PAIR)).eval()
    save(made, tmp_path / "net.safetensors")
    batch = PAIR.inputs.batch([0, 1, 2])
    assert torch.equal(load(tmp_path / "net.safetensors").eval()(batch), made(batch))


@pytest.mark.parametrize(
    ("middle", "spread"), [([0.0, 0, 0, 1, 0], [1.0] * 5), ([0.0] * 5, [1.0, 1, 1, 2, 1])], ids=["shift", "factors"]
)
def test_a_unit_that_would_break_the_symmetry_is_refused(middle: list, spread: list) -> None:
    with pytest.raises(SpaceError, match="Only scalars may be shifted"):
        Rescale(Space(Points(3), MIXED.n_or_representation)).fill(torch.tensor(middle), torch.tensor(spread))  # type: ignore[arg-type]


def test_errors_are_those_computed_by_hand() -> None:
    class Said(nn.Module):
        def forward(self, batch) -> torch.Tensor:
            return torch.tensor([[1.5], [1.0]])[batch.batch[batch.ptr[:-1]] % 2 * 0 + torch.arange(len(batch)) % 2]

    task = Task(Points(3), None, 1, Invariant(1))
    pair = GraphPair(GraphStore([{"pos": torch.eye(3)}] * 4), torch.tensor([[1.0], [3.0], [1.0], [torch.nan]]))
    at = evaluate_values(Said(), task, pair, torch.tensor([2.0]), moved=2)
    assert [entry.tested for entry in at] == [3, 2, 2, 2, 2]
    assert at[0].error == pytest.approx((0.5 + 2.0 + 0.5) / 3) and at[0].unlooked == pytest.approx(1.0)
    assert at[0].square == pytest.approx(((0.25 + 4 + 0.25) / 3) ** 0.5)
    assert at[1].changed == 0.0 and at[0].pairs == ((1.0, 1.5), (3.0, 1.0), (1.0, 1.5))
