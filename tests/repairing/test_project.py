"""The nearest symmetric network: symmetric to rounding whatever the shape, and the same function where it was so."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.errors import SymmetryError, TaskError
from erlangen.repairing import projected
from erlangen.task import Task
from tests.effort import covering
from tests.laws.signals import difference, equivariance_error, some
from tests.repairing.networks import CASES, Case, Residual, disguised, nucleotides, pictures, trained


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_shape_becomes_symmetric_to_rounding(case: Case) -> None:
    make, task, examples = case
    model, x = trained(make), examples()
    made = projected(model, task, x)
    y = made.net(x)
    assert equivariance_error(made.net, x, some(task.symmetry, 0)) <= 1e-10
    assert y.shape == model(x).shape and y.std() > 1e-3
    assert max(made.lost.values()) > 0.1 and all(0 <= lost < 1 for lost in made.lost.values())
    assert made.net.task == task and made.net.free_weights() == sum(p.numel() for p in made.net.parameters())


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_is_a_blueprint_like_any_other(case: Case, tmp_path: Path) -> None:
    make, task, examples = case
    x = examples()
    net = projected(trained(make), task, x).net
    er.save(net, tmp_path / "net.safetensors")
    assert torch.equal(er.load(tmp_path / "net.safetensors").eval()(x), net(x))
    assert difference(net.export().eval()(x), net(x)) <= 1e-10
    assert "Repaired from an ordinary network" in str(net.explain())


@pytest.mark.parametrize("group", [er.C(4), er.D(4), er.Mirror()], ids=str)
def test_a_symmetric_network_comes_out_as_the_same_function(group: er.Group) -> None:
    """Though its channels stand in any order, and though half of them are nought behind a ReLU."""
    model, x = disguised(group), pictures()
    made = projected(model, Task(er.Grid(2), group, 1, er.Invariant(5)), x)
    assert all(fields.found for fields in made.fields.values()) and max(made.lost.values()) <= 1e-10
    y = torch.randn(9, 1, 12, 12, dtype=torch.float64)
    assert difference(made.net(y), model(y)) <= 1e-10
    assert "moved as fields already" in " ".join(made.net.notes)


def test_a_little_damage_is_mended_without_more_loss() -> None:
    """With 1 % of noise on every weight the repaired network is nearer to the symmetric one than the damaged one is."""
    model, x = disguised(er.C(4)), pictures()
    whole = model(x)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            noise = torch.randn(weight.shape, generator=generator, dtype=weight.dtype)
            weight += 0.01 * weight.abs().mean() * noise
    made = projected(model, Task(er.Grid(2), er.C(4), 1, er.Invariant(5)), x)
    assert all(fields.found for fields in made.fields.values()) and 1e-3 < max(made.lost.values()) < 0.02
    assert difference(made.net(x), whole) < difference(model(x), whole)


def test_weights_follow_what_the_network_answers_to_the_examples() -> None:
    """Steps towards the answers are nearer to the model on examples than projected weights alone are."""
    from erlangen.repairing import rebuild

    model, x = trained(CASES["classic, C4"][0]), pictures(64)
    task = CASES["classic, C4"][1]
    y = model(x).detach()
    followed = projected(model, task, x).net(x).detach()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rebuild, "STEPS", 0)
        alone = projected(model, task, x).net(x).detach()
    assert float((followed - y).norm()) < 0.9 * float((alone - y).norm())


def test_the_model_is_left_as_it_was_and_examples_are_enough() -> None:
    model = trained(Residual)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    task = CASES["residual, C4"][1]
    projected(model, task, pictures(2))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_flatten_keeps_places_or_takes_their_mean() -> None:
    model, x = trained(CASES["classic, C4"][0]), pictures()
    task = CASES["classic, C4"][1]
    kept, pooled = projected(model, task, x), projected(model, task, x, pooled=True)
    kinds = [[type(layer).__name__ for layer in er.layers.leaves(made.net)] for made in (kept, pooled)]
    assert "LatticeToPoint" in kinds[0] and "DomainPool" not in kinds[0]
    assert "LatticeToPoint" not in kinds[1] and "DomainPool" in kinds[1]
    assert any("flatten" in words for words in pooled.mended) and any("border" in words for words in kept.mended)
    assert equivariance_error(pooled.net, x, list(er.C(4).elements)) <= 1e-10


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_wider_one_is_as_symmetric_and_saves(case: Case, tmp_path: Path) -> None:
    make, task, examples = case
    model, x = trained(make), examples()
    made = projected(model, task, x, width=2)
    assert equivariance_error(made.net, x, some(task.symmetry, 0)) <= 1e-10
    er.save(made.net, tmp_path / "net.safetensors")
    assert torch.equal(er.load(tmp_path / "net.safetensors").eval()(x), made.net(x))
    order = task.symmetry.order or 1
    for fields in made.fields.values():
        assert fields.found or set(fields.order) == set(range(1 + max(fields.order)))
        assert fields.found or fields.rho.dim // order == -(-len(fields.filled) // (order // 2))


class Straight(nn.Module):
    """Nothing but convolutions that keep the sides, functions and a mean: averaging is a wider network of this kind."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 5, 3, padding=1), nn.Conv2d(5, 6, 3, padding=1)
        self.norm, self.read = nn.BatchNorm2d(6), nn.Conv2d(6, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.read(torch.relu(self.norm(self.second(torch.relu(self.first(x)))))).mean((2, 3))


@pytest.mark.parametrize("group", [er.C(4), er.D(4), er.Mirror()], ids=str)
def test_of_full_width_nothing_is_lost_before_the_answer_and_weights_alone_are_the_average(group: er.Group) -> None:
    """One channel a field: every place is the model on an input moved, and the mean over them its average."""
    from erlangen.repairing import rebuild

    model, x = trained(Straight), pictures()
    task = Task(er.Grid(2), group, 1, er.Invariant(4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rebuild, "STEPS", 0)
        made = projected(model, task, x, width=group.order or 1)
    averaged = er.symmetrize.average(model, task.domain, group, output=task.output, input=task.input)
    assert difference(made.net(x), averaged(x)) <= 1e-10
    *before, last = made.lost.values()
    assert max(before) <= 1e-10 and last > 0.1


WIDENED = ("residual, D4", "branches, D4", "MLP, C4", "DNA")


@pytest.mark.parametrize("name", covering(WIDENED, WIDENED[1:]))
def test_wider_ones_lose_less_and_answer_more_like_the_model(name: str) -> None:
    make, task, examples = CASES[name]
    model, x = trained(make), examples()
    y = model(x).detach()
    width = task.symmetry.order or 1
    narrow, wide = (projected(model, task, x, width=w) for w in (1, width))
    assert sum(wide.lost.values()) < sum(narrow.lost.values())
    off = [float((made.net(x).detach() - y).norm()) for made in (narrow, wide)]
    assert off[1] < off[0]


def test_what_moves_as_fields_already_is_not_widened() -> None:
    model, x = disguised(er.C(4)), pictures()
    made = projected(model, Task(er.Grid(2), er.C(4), 1, er.Invariant(5)), x, width=2)
    assert difference(made.net(x), model(x)) <= 1e-10
    assert all(not fields.free for fields in made.fields.values())


@pytest.mark.parametrize("width", [0, 3, 8, 1.5])
def test_a_width_that_does_not_divide_the_order_is_refused(width: int) -> None:
    make, task, examples = CASES["classic, C4"]
    with pytest.raises(TaskError, match="width"):
        projected(trained(make), task, examples(), width=width)


class TwoInputs(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y


class Crossing(nn.Module):
    """A DenseNet's way: what was joined is used beside what it was joined of."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = (nn.Conv2d(1, 1, 3, padding=1) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.a(x), self.b(x)
        return torch.relu(a + b) + self.c(a) + b


REFUSED: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "two inputs": (TwoInputs, "2 inputs"),
    "branches that cross": (Crossing, "used again"),
    "an unknown layer": (lambda: nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.LayerNorm([4, 8, 8])), "LayerNorm"),
    "an even kernel": (lambda: nn.Sequential(nn.Conv2d(1, 5, 4)), "Conv2d"),
    "a softmax": (lambda: nn.Sequential(nn.Conv2d(1, 5, 3, padding=1), nn.Softmax(1)), "Softmax"),
    "a flatten that is none": (lambda: nn.Sequential(nn.Conv2d(1, 5, 3, padding=1), nn.Linear(8, 8)), "flatten"),
}


@pytest.mark.parametrize(("make", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_repaired_is_refused_with_the_reason(make: Callable[[], nn.Module], said: str) -> None:
    with pytest.raises(TaskError, match=said):
        projected(make().double(), Task(er.Grid(2), er.C(4), 1, er.Equivariant(5)), pictures())


def test_an_infinite_group_is_refused_with_the_finite_one_to_take() -> None:
    task = Task(er.Grid(2), er.SO(2), 1, er.Invariant(5))
    with pytest.raises(TaskError, match="C"):
        projected(trained(Residual), task, pictures())


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (torch.randn(1, 1, 8, 8), "1 examples"),
        (torch.full((4, 1, 8, 8), torch.nan), "not finite"),
        (torch.randn(4, 2, 8, 8), "channel"),
        (torch.randn(4, 1, 8), "shape"),
        (torch.randn(4, 1, 11, 11), "raised"),
    ],
    ids=["one", "nan", "channels", "axes", "size"],
)
def test_examples_that_do_not_fit_are_refused(x: Tensor, said: str) -> None:
    make, task, _ = CASES["classic, C4"]
    with pytest.raises(SymmetryError, match=said):
        projected(trained(make), task, x.double())


def test_a_model_that_answers_something_else_is_refused() -> None:
    with pytest.raises(SymmetryError):
        projected(trained(Residual), Task(er.Grid(2), er.C(4), 1, er.Invariant(7)), pictures())


def test_a_norm_of_what_is_turned_is_refused() -> None:
    make = lambda: nn.Sequential(nn.BatchNorm2d(2), nn.Conv2d(2, 2, 3, padding=1))  # noqa: E731
    task = Task(er.Grid(2), er.C(4), er.C(4).irrep(1), er.Equivariant(er.C(4).irrep(1)))
    x = torch.randn(8, 2, 6, 6, dtype=torch.float64)
    with pytest.raises(TaskError, match="does not permute"):
        projected(trained(make), task, x)
    vectors = projected(trained(lambda: nn.Conv2d(2, 2, 3, padding=1)), task, x)
    assert equivariance_error(vectors.net, x, list(er.C(4).elements)) <= 1e-10


def test_fields_leave_a_norm_with_the_spread_that_they_had() -> None:
    """Also where the norm did not normalise: with statistics far from those of the examples."""
    make = lambda: nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 1))  # noqa: E731
    model, x = trained(make), pictures(64)
    task = Task(er.Grid(2), er.C(4), 1, er.Equivariant(8))
    net = projected(model, task, x).net
    before, after = model[:2](x), net[1](net[0](x))
    assert float(after.detach().var()) == pytest.approx(float(before.detach().var()), rel=0.3)
    assert float(after.detach().mean()) == pytest.approx(float(before.detach().mean()), rel=1e-6)


# ---- what went wrong in silence ------------------------------------------------------------------------------------
class Joined(nn.Module):
    """A symmetric network in which what is coarse stands before what is fine, and a norm and a function follow."""

    def __init__(self, group: er.Group) -> None:
        super().__init__()
        torch.manual_seed(0)
        space, coarse = (er.Space(domain, 2 * group.regular) for domain in (er.Grid(2), er.Grid(2).coarser()))
        c = space.channels
        lift = er.layers.LatticeConv(er.Space(er.Grid(2), group.trivial), space)
        inner = er.layers.LatticeConv(coarse, coarse)
        both = er.Space(er.Grid(2), 4 * group.regular)
        read = er.layers.LatticeConv(both, er.Space(er.Grid(2), 3 * group.trivial))
        shuffled = torch.randperm(c)
        self.fine, self.coarse, self.read = (nn.Conv2d(i, o, 3, padding=1) for i, o in ((1, c), (c, c), (2 * c, 3)))
        self.up, self.norm = nn.Upsample(scale_factor=2, mode="bilinear"), nn.BatchNorm2d(2 * c)
        with torch.no_grad():
            self.fine.weight.copy_(lift.weight()[shuffled])
            self.coarse.weight.copy_(inner.weight()[:, shuffled])
            self.read.weight.copy_(read.weight()[:, torch.cat([torch.arange(c), c + shuffled])])
            for conv in (self.fine, self.coarse, self.read):
                assert conv.bias is not None
                conv.bias.zero_()
            orbits = torch.arange(4).repeat_interleave(c // 2) + 1.0
            spread = orbits[torch.cat([torch.arange(c), c + shuffled])]
            self.norm.weight.copy_(spread)
            self.norm.running_var.copy_(spread)  # type: ignore[union-attr]

    def forward(self, x: Tensor) -> Tensor:
        fine = torch.relu(self.fine(x))
        coarse = self.up(torch.relu(self.coarse(nn.functional.avg_pool2d(fine, 2))))
        return self.read(torch.relu(self.norm(torch.cat([coarse, fine], dim=1))))


@pytest.mark.parametrize("group", [er.C(4), er.Mirror()], ids=str)
def test_what_was_joined_keeps_its_place_behind_functions_and_norms(group: er.Group) -> None:
    model, x = Joined(group).double().eval(), pictures()
    made = projected(model, Task(er.Grid(2), group, 1, er.Equivariant(3)), x)
    assert all(fields.found for fields in made.fields.values())
    assert difference(made.net(x), model(x)) <= 1e-10


class FlatNorm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.read = nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm1d(512), nn.Linear(512, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.read(self.norm(self.conv(x).flatten(1)))


class Twice(nn.Module):
    """The same channels twice, one behind the other."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.read = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(16, 5, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.read(torch.cat([x, torch.relu(x)], dim=1))


class Uneven(nn.Module):
    """A sum of what was joined and what was not."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(1, 4, 1), nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(1, 8, 1)
        self.read = nn.Conv2d(8, 5, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.read(torch.cat([self.a(x), self.b(x)], dim=1) + self.c(x))


class OverRows(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 5, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.conv(x)).mean(2).mean(2)


@pytest.mark.parametrize(
    ("make", "said"),
    [(FlatNorm, "flatten"), (Twice, "twice"), (Uneven, "sum"), (OverRows, "all places")],
    ids=["norm behind a flatten", "twice", "uneven", "rows"],
)
def test_what_would_be_mixed_up_is_refused(make: Callable[[], nn.Module], said: str) -> None:
    dense = make in (Twice, Uneven)
    task = Task(er.Grid(2), er.C(4), 1, er.Equivariant(5) if dense else er.Invariant(5))
    with pytest.raises(TaskError, match=said):
        projected(trained(make), task, pictures())


@pytest.mark.parametrize(
    ("conv", "domain", "said"),
    [
        (nn.Conv2d(1, 4, 3, padding=1, padding_mode="reflect"), er.Grid(2), "zeros beyond it, instead of reflect"),
        (nn.Conv2d(1, 4, 3, padding=1), er.Grid(2, "periodic"), "other side beyond it, instead of zeros"),
        (nn.Conv2d(1, 4, 3, padding=1, padding_mode="circular"), er.Grid(2, "periodic"), ""),
        (nn.Conv2d(1, 4, 1, padding_mode="reflect"), er.Grid(2), ""),
    ],
    ids=["reflection", "zeros on a ring", "a ring", "no border"],
)
def test_another_border_is_said(conv: nn.Module, domain: er.Grid, said: str) -> None:
    model = trained(lambda: nn.Sequential(conv, nn.ReLU(), nn.Conv2d(4, 2, 1)))
    made = projected(model, Task(domain, er.C(4), 1, er.Equivariant(2)), pictures())
    assert any(said in words for words in made.mended) if said else not made.mended


class Strands(nn.Module):
    """A model of DNA that answers alike for both strands: every filter stands beside its reverse complement."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        first, second = torch.randn(6, 4, 9), torch.randn(5, 6)
        self.motifs, self.read = nn.Conv1d(4, 12, 9, padding=4), nn.Linear(12, 5)
        order = torch.randperm(12)
        self.motifs.load_state_dict({"weight": torch.cat([first, first.flip(1, 2)])[order], "bias": torch.zeros(12)})
        self.read.load_state_dict({"weight": second.repeat(1, 2)[:, order], "bias": torch.zeros(5)})

    def forward(self, x: Tensor) -> Tensor:
        return self.read(torch.relu(self.motifs(x)).amax(2))


def test_channels_of_the_input_move_too() -> None:
    """Of DNA the other strand is the reverse complement, not the reverse alone."""
    model, x = Strands().double().eval(), nucleotides(24)
    made = projected(model, Task(er.Dna(), output=er.Invariant(5)), x)
    assert all(fields.found for fields in made.fields.values()) and max(made.lost.values()) <= 1e-10
    assert difference(made.net(x), model(x)) <= 1e-10


def test_an_unknown_stage_is_refused() -> None:
    found = er.repair(disguised(er.C(4)), CASES["classic, C4"][1], pictures())
    with pytest.raises(SymmetryError, match="as given, projected"):
        found["repaired"]
