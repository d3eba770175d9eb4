"""Forces as slopes, as a layer: beside the potential of the same energy, in every mode, saved and audited."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch_geometric.data import Batch, Data

import erlangen as er
from erlangen.errors import SpaceError, TaskError
from erlangen.groups import SO, Group, O, Trivial

KINDS: dict[str, tuple[er.Points, Group]] = {
    "O(3)": (er.Points(3, radius=2.0), O(3)),
    "SO(3), all pairs": (er.Points(3), SO(3)),
    "O(2)": (er.Points(2, radius=2.0), O(2)),
    "nothing but shifts": (er.Points(3, radius=2.0), Trivial()),
}
MANY = pytest.mark.parametrize("kind", KINDS)


def net_of(kind: str = "O(3)", seed: int = 0) -> er.Blueprint:
    torch.manual_seed(seed)
    domain, group = KINDS[kind]
    return er.derive(er.Task(domain, group, input=2, output=er.Forces()), width=8, depth=2, hidden=6).double()


def clouds(dim: int = 3) -> Batch:
    generator = torch.Generator().manual_seed(0)
    return Batch.from_data_list(
        [
            Data(
                x=torch.randn(n, 2, generator=generator, dtype=torch.float64),
                pos=1.2 * torch.randn(n, dim, generator=generator, dtype=torch.float64),
            )
            for n in (4, 1, 6)
        ]
    )


@MANY
def test_it_answers_what_the_potential_of_its_energy_does(kind: str) -> None:
    net, data = net_of(kind), clouds(KINDS[kind][0].dim)
    energy, forces, _ = er.Potential(net)(data)
    y = net(data)
    assert torch.allclose(y[:, 1:], forces, atol=1e-12) and forces.abs().max() > 1e-4
    sizes = torch.tensor([4.0, 1.0, 6.0], dtype=torch.float64)
    assert torch.allclose(y[:, 0], (energy / sizes)[data.batch])
    order = torch.randperm(11, generator=torch.Generator().manual_seed(1))
    mixed = {"x": data.x[order], "pos": data.pos[order], "batch": data.batch[order]}
    assert torch.allclose(net(mixed), y[order], atol=1e-12)


@pytest.mark.parametrize("layer", [{"layer": "egnn"}, {"layer": "egnn", "moves": True}, {"layer": "painn"}])
def test_forces_of_every_kind_of_layer_are_slopes(layer: dict[str, Any]) -> None:
    torch.manual_seed(0)
    task = er.Task(er.Points(3, radius=2.5), input=2, output=er.Forces())
    net, data = er.derive(task, width=8, depth=2, **layer).double(), clouds()
    y, by = net(data), torch.randn(11, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    with torch.no_grad():
        moved = [net({"x": data.x, "pos": data.pos + step * by, "batch": data.batch}) for step in (1e-5, -1e-5)]
    gained = float((moved[0] - moved[1])[:, 0].sum()) / 2e-5  # shares of all points are the energies of all clouds
    assert gained == pytest.approx(-float((y.detach()[:, 1:] * by).sum()), rel=1e-6) and abs(gained) > 1e-4
    held = data.pos.clone().requires_grad_()  # as part of a greater graph
    assert torch.allclose(net({"x": data.x, "pos": held, "batch": data.batch}), y, atol=1e-12)


@pytest.mark.parametrize("kind", ["O(3)", "SO(3), all pairs", "O(2)"])
def test_forces_move_along_and_energies_stay(kind: str) -> None:
    net, data = net_of(kind), clouds(KINDS[kind][0].dim)
    y = net(data)
    for g in net.source.group.sample(3, 0):
        matrix = torch.as_tensor(net.source.domain.cartesian(g))
        there = net({"x": data.x, "pos": data.pos @ matrix.T + 2.0, "batch": data.batch})
        assert torch.allclose(there, net.target.act(g, y), atol=1e-10)
    assert er.Forces().act(g, y, net.source.domain).equal(net.target.act(g, y))


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_slopes_are_found_where_nothing_is_learnt(mode: Any) -> None:
    net, data = net_of(), clouds()
    expected = net(data)
    assert expected.requires_grad
    with mode():
        found = net({"x": data.x.clone(), "pos": data.pos.clone(), "batch": data.batch.clone()})
    assert torch.allclose(found, expected, atol=1e-12) and not found.requires_grad


def test_a_loss_of_forces_teaches_every_weight() -> None:
    net = net_of()
    taught = torch.autograd.grad(
        net(clouds())[:, 1:].square().sum(), list(net.parameters()), allow_unused=True, materialize_grads=True
    )
    assert all(bool(found.isfinite().all()) for found in taught)
    silent = sum(not bool(found.any()) for found in taught)
    assert silent <= 2  # constants of the energy alone: what the last layer adds, and what a lone point says


def test_it_is_saved_explained_and_exact_in_audits(tmp_path: Path) -> None:
    net, data = net_of().float().eval(), clouds()
    er.save(net, tmp_path / "net.safetensors")
    again = er.load(tmp_path / "net.safetensors")
    assert again.recipe == net.recipe and again.task == net.task and isinstance(again.task.output, er.Forces)
    cloud = {"x": data.x.float(), "pos": data.pos.float(), "batch": data.batch}
    assert torch.equal(again(cloud), net(cloud))
    assert "PointConv" in str(net.explain())
    samples = [{"x": torch.randn(5, 2), "pos": torch.randn(5, 3)} for _ in range(16)]
    for symmetry, answer in ((O(3), er.Equivariant(net.target.rho)), (O(3), None), (er.RigidMotions(), er.Forces())):
        report = er.audit(net, net.source.domain, symmetry, samples, answer)
        assert report.verdict == "exact" and {row.verdict for row in report.verdicts} <= {"exact", "proved"}


def test_what_cannot_be_is_refused() -> None:
    space = er.Space(er.Points(3), 2 * O(3).trivial)
    with pytest.raises(SpaceError, match="one invariant number"):
        er.layers.Conservative([er.layers.PointConv(space, space)])
    with pytest.raises(TaskError, match=r"er\.Forces\(\)"):
        er.Task(er.Grid(2), input=1, output=er.Forces())
    with pytest.raises(TaskError, match=r"er\.Forces\(\)"):
        er.Task(er.Grid(2), input=1, output=3)  # type: ignore[arg-type]
