"""Networks on clouds of points: which layers are chosen, what they say of themselves, and what goes not together."""

from typing import Any

import pytest
import torch

import erlangen as er
from erlangen.errors import InputError, SpaceError, SymmetryError, TaskError
from erlangen.layers import EGNN, Displacement, PaiNN, PointConv, PointPool

O3 = er.O(3)
WITHIN = er.Points(3, radius=2.0)
VELOCITY = 2 * O3.trivial + O3.standard
OUTPUTS = {
    "values": er.Invariant(3),
    "vectors": er.Equivariant(2 * O3.standard),
    "a vector": er.Equivariant(O3.standard, pooled=True),
    "a tensor": er.Equivariant(O3.irrep(2, 1), pooled=True),
    "positions": er.Positions(),
}


def derived(output: Any, given: Any = VELOCITY, domain: er.Points = WITHIN, group: Any = O3, **choices: Any) -> Any:
    return er.derive(er.Task(domain, group, given, output), **{"width": 16, "depth": 2, **choices})


def kinds(net: er.Blueprint) -> list[type]:
    return [type(layer) for layer in er.layers.leaves(net)]


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize(("layer", "kind"), [("egnn", EGNN), ("painn", PaiNN)])
def test_the_layer_asked_for_answers_all_that_is_asked(layer: str, kind: type, output: str) -> None:
    net = derived(OUTPUTS[output], layer=layer).double()
    assert kinds(net)[:2] == [kind, kind] and (PointConv in kinds(net)) == (output == "a tensor")
    data = {"x": torch.randn(7, 5).double(), "pos": torch.randn(7, 3).double(), "batch": torch.arange(7) // 4}
    whole = output not in ("vectors", "positions")
    y = net(data)
    assert y.shape == (2 if whole else 7, net.target.channels) and y.isfinite().all()
    assert er.build(net.recipe).recipe == net.recipe


def test_a_convolution_stays_the_default() -> None:
    assert PointConv in kinds(derived(er.Invariant(3))) and not {EGNN, PaiNN} & {*kinds(derived(er.Invariant(3)))}
    assert derived(er.Invariant(3)).recipe == derived(er.Invariant(3), layer="convolution").recipe


def test_where_positions_are_asked_for_points_move_from_layer_to_layer() -> None:
    """As in the n-body problem: the first layer is told velocities, all further ones displacements too."""
    net = derived(er.Positions(), layer="egnn", depth=3)
    parts = list(er.layers.leaves(net))
    assert [(p.moved, p.moves) for p in parts[:-1]] == [(False, True), (True, True), (True, True), (True, True)]
    assert isinstance(parts[-1], Displacement) and parts[0].target.rho == 10 * O3.trivial + 2 * O3.standard
    still = derived(er.Positions(), layer="egnn", moves=False)
    assert not any(p.moved or p.moves for p in er.layers.leaves(still) if isinstance(p, EGNN))
    inner = derived(er.Invariant(3), layer="egnn", moves=True)
    assert [(p.moved, p.moves) for p in er.layers.leaves(inner) if isinstance(p, EGNN)] == [(False, True), (True, True)]
    scalars = derived(er.Invariant(3), 3, layer="egnn")
    assert (
        next(iter(er.layers.leaves(scalars))).target.rho == 16 * O3.trivial
    )  # distances alone, as published for molecules


@pytest.mark.parametrize("choices", [{"layer": "egnn", "moves": True}, {"layer": "painn"}, {}])
def test_vectors_about_an_axis_are_fields_of_two_kinds_and_are_written_down(choices: dict[str, Any]) -> None:
    net = derived(er.Invariant(3), 2, group=er.SO(2), **choices)
    assert er.build(net.recipe).recipe == net.recipe


# ---- scales --------------------------------------------------------------------------------------------------------
def test_one_answer_is_read_at_the_coarsest_scale_and_others_come_back() -> None:
    one = derived(er.Invariant(3), scales=3, depth=1)
    levels = [layer.target.domain.level for layer in one if isinstance(layer.target.domain, er.Points)]
    assert sorted(levels) == levels and levels[-1] == 2 and kinds(one).count(PointPool) == 2
    at_points = derived(er.Equivariant(2), scales=3, depth=1)
    assert kinds(at_points).count(PointPool) == 2 and at_points.target.domain.level == 0
    summed = derived(er.Invariant(1), scales=2, depth=1, pool="sum")  # each point says its share
    assert summed[-1].source.domain.level == 0
    y = at_points({"x": torch.randn(40, 5), "pos": 3 * torch.rand(40, 3)})
    assert y.shape == (40, 2) and "0.125 of the points" in str(at_points.explain())


def test_widths_double_distances_grow_and_both_can_be_said() -> None:
    net = derived(er.Invariant(3), 2, er.Points(3), scales=3, layer="painn", depth=1, ratio=0.3)
    parts = [layer for layer in er.layers.leaves(net) if isinstance(layer, PaiNN)]
    assert [part.target.channels for part in parts] == [16, 32, 64] and [part.hidden for part in parts] == [16, 32, 64]
    assert parts[2].scale == pytest.approx(0.3 ** (-2 / 3))
    wide = derived(er.Invariant(3), 2, er.Points(3), width=[8, 12], layer="painn", depth=1)
    assert [layer.target.channels for layer in er.layers.leaves(wide) if isinstance(layer, PaiNN)] == [8, 12]


def test_a_network_of_distances_learns_where_charges_go() -> None:
    """Positions after a while, better than by a straight line at the initial velocity."""
    generator = torch.Generator().manual_seed(0)
    charge = torch.randint(2, (24, 4, 1), generator=generator) * 2.0 - 1
    start, velocity = (torch.randn(24, 4, 3, generator=generator) for _ in range(2))
    place, speed = start.clone(), velocity.clone()
    for _ in range(50):
        apart = place[:, :, None] - place[:, None]
        force = charge[:, :, None] * charge[:, None] * apart / (apart.square().sum(-1, keepdim=True) + 0.3) ** 1.5
        speed = speed + 0.02 * force.sum(2)
        place = place + 0.02 * speed
    torch.manual_seed(0)
    net = derived(er.Positions(), O3.trivial + O3.standard, er.Points(3), layer="egnn", width=24, depth=2)
    data = {
        "x": torch.cat([charge, velocity], dim=2).flatten(0, 1),
        "pos": start.flatten(0, 1),
        "batch": torch.arange(24).repeat_interleave(4),
    }
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    loss = torch.tensor(0.0)
    for _ in range(40):
        loss = (net(data) - place.flatten(0, 1)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    straight = (start + velocity - place).square().mean()
    assert float(loss.detach()) < 0.5 * float(straight)


@pytest.mark.parametrize("layer", ["egnn", "painn"])
def test_forces_are_slopes_of_what_each_point_says(layer: str) -> None:
    net = derived(er.Forces(), 2, layer=layer).double()
    data = {"x": torch.randn(6, 2).double(), "pos": torch.randn(6, 3).double()}
    forces = net(data)[:, 1:]  # behind the energies
    assert forces.shape == (6, 3) and forces.abs().max() > 1e-3 and forces.sum(0).abs().max() < 1e-12
    with pytest.raises(TaskError, match="scales=2 of forces"):
        derived(er.Forces(), 2, layer=layer, scales=2)


@pytest.mark.parametrize("layer", ["egnn", "painn"])
def test_it_says_that_it_is_blind_to_handedness_whatever_is_declared(layer: str) -> None:
    for group in (er.SO(3), er.C(4), O3):
        blind = derived(er.Invariant(3), 2, group=group, layer=layer).explain().blind
        assert "which way it is turned" in blind and "handedness" in blind and 'layer="convolution"' in blind
    assert "handedness" not in derived(er.Invariant(3), 2, group=er.SO(3)).explain().blind
    assert "all turns and mirrors" in str(derived(er.Invariant(3), 2, layer=layer).explain())


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"layer": "egnn", "degree": 2}, "layer='convolution'"),
        ({"layer": "painn", "function": "relu", "residual": False}, "function='relu', residual=False"),
        ({"layer": "painn", "moves": True}, "Only its points move"),
        ({"moves": False}, "Only its points move"),
        ({"layer": "egnn", "moves": True, "normalize": True}, "points that move"),
        ({"layer": "egnn", "fields": O3.irrep(2, 1)}, "scalars and vectors"),
        ({"layer": "egnn", "moves": True, "scales": 2}, "points that move"),
        ({"ratio": 0.5}, "scales=2"),
        ({"ratio": 1.5, "scales": 2}, "above 0, up to 1"),
        ({"width": [8, 8], "scales": 3}, "one width a scale"),
        ({"scales": 0}, "scales=0"),
        ({"layer": "attention"}, "convolution, egnn, painn, segno"),
        ({"layer": "egnn", "hidden": 0}, "hidden=0"),
    ],
)
def test_what_goes_not_together_is_refused(choices: dict[str, Any], told: str) -> None:
    with pytest.raises(TaskError, match=told):
        derived(er.Invariant(3), **choices)


def test_a_network_that_keeps_everything_is_no_answer_where_nothing_is_declared() -> None:
    for symmetry in (er.Translations(), er.Relabelling(), er.Trivial()):
        with pytest.raises(TaskError, match=r"er\.O\(3\)"):
            derived(er.Invariant(3), 2, group=symmetry, layer="egnn")
    with pytest.raises(SymmetryError, match="scalars and vectors"):
        derived(er.Invariant(3), O3.irrep(1, 1), layer="painn")


# ---- what edges are told -------------------------------------------------------------------------------------------
BONDED = er.Points(3, radius=2.0, edge_features=2)


@pytest.mark.parametrize("layer", ["convolution", "egnn", "painn"])
def test_features_of_edges_are_heard(layer: str) -> None:
    net = derived(er.Invariant(3), 2, BONDED, layer=layer)
    data = {
        "x": torch.randn(4, 2),
        "pos": torch.rand(4, 3),
        "edge_index": torch.tensor([[0, 1, 2], [1, 2, 3]]),
        "edge_attr": torch.randn(3, 2, requires_grad=True),
    }
    y = net(data)
    y.square().sum().backward()
    assert data["edge_attr"].grad is not None and data["edge_attr"].grad.abs().min() > 0
    order = torch.tensor([2, 0, 1])
    again = {**data, "edge_index": data["edge_index"][:, order], "edge_attr": data["edge_attr"][order]}
    assert torch.allclose(net(again), y, atol=1e-5)
    assert er.build(net.recipe).source.domain == BONDED


def test_what_hears_no_edges_and_edges_without_what_was_declared_are_refused() -> None:
    with pytest.raises(SpaceError, match="features of edges"):
        derived(er.Invariant(3), 2, BONDED, layer="segno")
    net = derived(er.Invariant(3), 2, BONDED, layer="egnn")
    cloud = {"x": torch.ones(3, 2), "pos": torch.rand(3, 3)}
    for beside in ({}, {"edge_index": torch.zeros(2, 1).long(), "edge_attr": torch.ones(1, 3)}):
        with pytest.raises(InputError, match="edge"):
            net({**cloud, **beside})
