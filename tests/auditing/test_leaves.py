"""Where a symmetry breaks, by measuring: models of which the leaf that breaks is known."""

import json
import math

import pytest
import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.auditing.leaves import Leaf, leaves_of, measure_leaves
from erlangen.auditing.motion import Roll, Turn
from erlangen.auditing.witness import Witness
from erlangen.domains import Grid
from erlangen.groups import C, D
from erlangen.task import Equivariant, Invariant
from tests.auditing.models import measured, noise, turned_mean

SQUARE, X = Grid(2), noise(16, 2, 12, 12)
QUARTER = Turn(C(4).generators[0], SQUARE, None, Invariant(3))


def found(model: nn.Module, motion: object = QUARTER, x: Tensor = X) -> dict[str, Leaf]:
    return {leaf.name: leaf for leaf in measure_leaves(Witness(model.eval()), motion, x, 2)}


def symmetric(channels_in: int, channels_out: int) -> nn.Module:
    return turned_mean(nn.Conv2d(channels_in, channels_out, 3, padding=1), C(4))


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def test_the_one_leaf_that_breaks_has_the_whole_share():
    model = nn.Sequential(
        symmetric(2, 4), nn.ReLU(inplace=True), nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), symmetric(4, 3)
    )
    leaves = found(model)
    assert list(leaves) == ["0", "1", "2", "3", "4"]
    assert leaves["2"].share == pytest.approx(1, abs=1e-6) and leaves["2"].local > 0.1
    assert all(leaf.local < 1e-6 for name, leaf in leaves.items() if name != "2")
    assert leaves["1"].error < 1e-6 < 0.1 < leaves["4"].error  # what comes behind is broken, and not by itself


def test_leaves_are_asked_again_only_where_their_own_error_is_not_known():
    calls: dict[str, int] = {}

    class Counted(nn.Conv2d):
        def forward(self, x: Tensor) -> Tensor:
            calls["conv"] = calls.get("conv", 0) + 1
            return super().forward(x)

    model = nn.Sequential(Counted(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), Counted(4, 3, 3, padding=1))
    leaves = found(model)
    assert calls["conv"] == 2 + 3  # the first is given what moves along exactly
    assert leaves["0"].local == leaves["0"].error > 0.1
    assert leaves["1"].local == leaves["2"].local == 0 and leaves["1"].error > 0.1
    by_batch = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4, track_running_stats=False))
    assert 0 < found(by_batch)["1"].local < 1e-5  # by statistics that sum in another order: measured, not known


def test_what_is_written_in_place_is_recorded_before():
    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.break_, self.act = nn.BatchNorm2d(2), nn.Conv2d(2, 2, 3, padding=1), nn.ReLU(inplace=True)

        def forward(self, x: Tensor) -> Tensor:
            y = self.norm(x)
            y += self.break_(x)
            return self.act(y)

    leaves = found(Residual())
    assert leaves["norm"].local < 1e-6 and leaves["norm"].error < 1e-6
    assert leaves["break_"].share > 0.999


def test_a_leaf_that_writes_into_its_input_is_shown_what_it_was_given():
    class Writes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mul_(torch.arange(12.0))

    leaves = found(nn.Sequential(symmetric(2, 4), Writes(), symmetric(4, 3)))
    assert leaves["0"].error < 1e-6 and leaves["2"].local < 1e-6
    assert leaves["1"].share > 0.999 and leaves["1"].local > 0.1


def test_a_large_offset_hides_no_break_and_makes_none():
    """Var in float32 as a difference of squares would be rounding alone."""
    whole, broken = symmetric(2, 4), nn.Conv2d(4, 4, 3, padding=1)
    plain = found(nn.Sequential(whole, broken))["1"].local
    with torch.no_grad():
        broken.bias += 1e4
    assert found(nn.Sequential(whole, broken))["1"].local == pytest.approx(plain, rel=0.05)


def test_features_that_move_by_an_action_nobody_declared():
    """Regular fields: g reorders the channels, which the fit finds and scalars would call broken."""
    task = er.Task(SQUARE, C(4), 2, Invariant(3))
    net = er.derive(task, width=8, depth=1, scales=1)
    leaves = measure_leaves(Witness(net.eval()), QUARTER, noise(16, 2, 13, 13), 2)
    mixed = [leaf for leaf in leaves if leaf.moves == "mixed channels"]
    assert mixed and all(leaf.error > 0.1 and leaf.fitted < 1e-3 and leaf.local < 1e-3 for leaf in mixed)
    plain = nn.Sequential(nn.Conv2d(2, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 1))
    assert all(leaf.moves == "points" for leaf in found(plain).values())  # no mixing mends what is broken


def test_flat_features_stay_and_sequences_of_tokens_are_unknown():
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patch, self.norm, self.head = nn.Conv2d(2, 4, 2, 2), nn.LayerNorm(4), nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.norm(self.patch(x).flatten(2).transpose(1, 2)).mean(1))

    leaves = found(Tokens())
    assert [leaf.moves for leaf in leaves.values()] == ["points", "unknown", "stays"]
    assert math.isnan(leaves["norm"].local) and leaves["norm"].to_dict()["local"] is None
    assert sum(leaf.share for leaf in leaves.values() if not math.isnan(leaf.share)) == pytest.approx(1)


def test_shifts_that_are_not_whole_at_a_coarser_grid_are_left_out():
    model = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1, padding_mode="circular"), nn.AvgPool2d(2), nn.Conv2d(4, 2, 1))
    by_one = found(model, Roll((1, 0), SQUARE, Invariant(3), (12, 12)))
    assert by_one["0"].local < 1e-6 and by_one["1"].moves == "unknown"
    by_two = found(model, Roll((2, 0), SQUARE, Invariant(3), (12, 12)))
    assert all(leaf.local < 1e-6 for leaf in by_two.values())


def test_a_leaf_that_is_called_twice_has_two_rows_and_the_model_is_as_it_was():
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.act = nn.Conv2d(2, 2, 3, padding=1), nn.ReLU(inplace=True)

        def forward(self, x: Tensor) -> Tensor:
            return self.conv(self.act(self.conv(x)))

    model = Twice().eval()
    leaves = measure_leaves(Witness(model), QUARTER, X, 2)
    assert [leaf.name for leaf in leaves] == ["conv", "act", "conv"]
    assert model.act.inplace and not model.conv._forward_hooks and not model.conv._forward_pre_hooks


def test_a_model_that_takes_another_way_or_is_no_module_has_none():
    class Branching(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.a(x) if x[0, 0, 0, 0] == X[0, 0, 0, 0] else self.b(x)

    assert measure_leaves(Witness(Branching().eval()), QUARTER, X, 2) == ()
    assert measure_leaves(Witness(lambda x: x), QUARTER, X, 2) == ()


def test_the_layers_of_a_derived_network_are_its_leaves():
    net = er.derive(er.Task(SQUARE, D(4), 1, Equivariant(2)), width=8, depth=1, scales=2)
    assert {type(leaf) for leaf in leaves_of(net)} <= {type(leaf) for leaf in er.layers.leaves(net)}


def test_the_audit_names_them_in_text_page_and_dictionary(tmp_path):
    model = nn.Sequential(symmetric(2, 4), nn.ReLU(), nn.Conv2d(4, 3, 3, padding=1)).eval()
    report = measured(model, SQUARE, C(4), X, Equivariant(3))
    assert [leaf.name for leaf in report.layers] == ["0", "1", "2"]
    assert "2 (Conv2d)" in str(report) and "99.9 % of all" in str(report)
    assert json.loads(json.dumps(report.to_dict()))["layers"][2]["kind"] == "Conv2d"
    assert "<h2>Where</h2>" in report.to_html(tmp_path / "a.html").read_text()
    assert measured(symmetric(2, 3).eval(), SQUARE, C(4), X, Equivariant(3)).layers == ()
