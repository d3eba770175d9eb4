"""Audits of models on clouds of points: positions are turned, mirrored and shifted with the features."""

import pytest
import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.errors import DomainError, TaskError

FEW = {"bootstrap": 50}
DRAW = torch.Generator().manual_seed(0)
CLOUDS = [{"x": torch.randn(6, 2, generator=DRAW), "pos": torch.randn(6, 3, generator=DRAW)} for _ in range(16)]


def audited(model: nn.Module, symmetry: er.Group | None = None, **choices: object) -> er.AuditReport:
    return er.audit(model.eval(), er.Points(3), symmetry or er.O(3), CLOUDS, **{**FEW, **choices})  # type: ignore[arg-type]


def verdicts(report: er.AuditReport) -> dict[str, str]:
    return {row.elements: row.verdict for row in report.verdicts}


def network(symmetry: er.Group | None, output: object, **choices: object) -> er.Blueprint:
    torch.manual_seed(0)
    task = er.Task(er.Points(3), symmetry, 2, output)  # type: ignore[arg-type]
    return er.derive(task, width=32, depth=2, **choices)


@pytest.mark.parametrize(
    "output",
    [er.Invariant(3), er.Equivariant(er.O(3).irrep(1, -1)), er.Equivariant(er.O(3).irrep(2, 1), pooled=True)],
    ids=["scalars", "a vector a point", "a tensor of the whole"],
)
def test_derived_networks_keep_turns_mirrors_shifts_and_orders(output: object) -> None:
    report = audited(network(None, output))
    assert set(verdicts(report).values()) == {"exact"} and report.passed
    assert report.error > 0  # something was moved


class Pooled(nn.Module):
    """Sums over each cloud of a function of its points."""

    def forward(self, x: Tensor, pos: Tensor, batch: Tensor) -> Tensor:
        said = self.of(x, pos)
        return said.new_zeros(int(batch.max()) + 1, said.shape[1]).index_add(0, batch, said)


class Coordinates(Pooled):
    """Reads coordinates as if they were features."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(5, 3)

    def of(self, x: Tensor, pos: Tensor) -> Tensor:
        return torch.tanh(self.layer(torch.cat([x, pos], dim=1)))


class FromTheOrigin(Pooled):
    """Knows how far each point is from the origin: turns are kept, and shifts are not."""

    def of(self, x: Tensor, pos: Tensor) -> Tensor:
        return x * pos.norm(dim=1, keepdim=True)


def test_coordinates_read_as_features_break_every_motion_but_no_order() -> None:
    found = verdicts(audited(Coordinates()))
    assert found["16 elements"] == found["clouds shifted"] == "broken" and found["points relabelled"] == "exact"


def test_turns_and_shifts_are_told_apart() -> None:
    found = verdicts(audited(FromTheOrigin()))
    assert found["16 elements"] == "exact" and found["clouds shifted"] == "broken"


def test_a_network_that_sees_handedness_keeps_turns_alone() -> None:
    net = network(er.SO(3), er.Invariant(3))
    assert audited(net, er.SO(3)).verdict == "exact" and audited(net, er.O(3)).verdict in ("approximate", "broken")


def test_a_group_that_moves_no_space_is_refused() -> None:
    with pytest.raises(DomainError, match="keeps lengths"):
        audited(FromTheOrigin(), er.S(5))


# ---- positions, and all that a rigid motion moves ------------------------------------------------------------------
class Forward(nn.Module):
    """Every point a step further from the centroid of its cloud, or from the origin."""

    def __init__(self, origin: bool = False) -> None:
        super().__init__()
        self.origin = origin

    def forward(self, x: Tensor, pos: Tensor, batch: Tensor) -> Tensor:
        count = torch.bincount(batch).to(pos)[:, None]
        centre = pos.new_zeros(len(count), pos.shape[1]).index_add(0, batch, pos) / count
        return pos + torch.tanh(x[:, :1]) * (pos - 0 * centre[batch] if self.origin else pos - centre[batch])


def test_new_positions_move_with_the_old_ones() -> None:
    net = network(None, er.Positions())
    report = er.audit(net.eval(), er.Points(3), er.RigidMotions(), CLOUDS, bootstrap=50)
    assert set(verdicts(report).values()) == {"exact"} and report.passed and report.output == er.Positions()
    assert [row.law for row in report.verdicts if row.judged] == ["RigidMotions()", "Translations()"]
    assert "positions, moved along" in str(report)
    said = audited(Forward(), er.RigidMotions(), output=er.Positions()).to_dict()["settings"]["replay"]
    assert "output=er.Positions()" in said


def test_what_a_shift_breaks_is_judged_where_rigid_motions_or_shifts_are_asked() -> None:
    broken = Forward(origin=True)
    assert audited(broken, er.SO(3), output=er.Positions()).passed
    for symmetry in (er.RigidMotions(), er.Translations()):
        assert not audited(broken, symmetry, output=er.Positions()).passed  # type: ignore[arg-type]
        assert audited(Forward(), symmetry, output=er.Positions()).passed  # type: ignore[arg-type]
    read_as_vectors = audited(Forward(), er.RigidMotions(), output=er.Equivariant(er.SO(3).standard))  # type: ignore[arg-type]
    assert not read_as_vectors.passed  # positions are no vectors: they move with a shift
    with pytest.raises(TaskError, match="expected er.Invariant"):
        er.audit(lambda x: x, er.Set(), er.Relabelling(), [torch.randn(3, 2)] * 3, output=er.Positions())


def test_edges_of_ones_own_move_with_the_points() -> None:
    generator = torch.Generator().manual_seed(1)
    ring = torch.stack([torch.arange(6), (torch.arange(6) + 1) % 6])
    clouds = [{**c, "edge_index": ring[:, torch.randperm(6, generator=generator)]} for c in CLOUDS]
    net = network(None, er.Invariant(2)).eval()
    report = er.audit(net, er.Points(3), er.O(3), clouds, bootstrap=50)
    assert report.passed and set(verdicts(report).values()) == {"exact"}
    assert {"edges in another order", "points and edges"} <= set(verdicts(report))
