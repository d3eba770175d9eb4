"""Potentials: forces are the slopes of energies, conserve them, move with the points, and stay finite and smooth."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

import erlangen as er
from erlangen.blueprint import Energies
from erlangen.domains.cloud import length_of
from erlangen.errors import InputError, RecipeError, SymmetryError, TaskError
from erlangen.groups import SO, C, Group, Icosahedral, O, Trivial

NEAR, WIDE = er.Points(3, radius=2.0), er.Points(3)
EACH, WHOLE = er.Equivariant(1), er.Invariant(1)
KINDS: dict[str, tuple[er.Points, Group | None, Any, dict[str, Any]]] = {
    "O(3)": (NEAR, O(3), EACH, {}),
    "O(3), summed": (NEAR, O(3), WHOLE, {"pool": "sum"}),
    "O(3), all pairs, lengths": (WIDE, O(3), EACH, {"nonlinearity": "norm"}),
    "SO(3), degree 2": (NEAR, SO(3), EACH, {"degree": 2}),
    "Icosahedral": (WIDE, Icosahedral(), EACH, {"width": 16}),
    "O(2)": (er.Points(2, radius=2.0), O(2), EACH, {}),
    "O(2), all pairs, summed": (er.Points(2), O(2), WHOLE, {"pool": "sum"}),
    "C(4)": (er.Points(2), C(4), EACH, {}),
    "nothing but shifts": (NEAR, Trivial(), EACH, {}),
}
MANY = pytest.mark.parametrize("kind", KINDS)
FEATURES = 2


def potential_of(kind: str = "O(3)", seed: int = 0, **settings: Any) -> er.Potential:
    torch.manual_seed(seed)
    domain, group, output, choices = KINDS[kind]
    task = er.Task(domain, group, input=FEATURES, output=output)
    net = er.derive(task, **{"width": 8, "depth": 2, "hidden": 6, **choices}).double()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return er.Potential(net, **settings).eval()


def cloud(n: int = 6, dim: int = 3, seed: int = 0) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(seed)
    pos = 1.2 * torch.randn(n, dim, generator=generator, dtype=torch.float64)
    return {"x": torch.eye(FEATURES, dtype=torch.float64)[torch.arange(n) % FEATURES], "pos": pos}


def cloud_for(potential: er.Potential, n: int = 6, seed: int = 0) -> dict[str, Any]:
    return cloud(n, potential.net.source.domain.dim, seed)  # type: ignore[union-attr]


def slopes(function: Any, at: Tensor, step: float = 1e-4) -> Tensor:
    """Central differences of fourth order of a function of a tensor."""
    found = torch.zeros_like(at)
    for place in range(at.numel()):
        by = torch.zeros_like(at).flatten()
        by[place] = step
        by = by.reshape(at.shape)
        near, far = (float(function(at + k * by) - function(at - k * by)) for k in (1, 2))
        found.view(-1)[place] = (8 * near - far) / (12 * step)
    return found


def crystal(n: int = 3, seed: int = 0) -> dict[str, Any]:
    cell = torch.tensor([[2.1, 0.0, 0.2], [0.4, 1.9, 0.0], [-0.1, 0.3, 2.4]], dtype=torch.float64)
    made = cloud(n, seed=seed)
    return {**made, "pos": torch.linspace(0, 0.8, 3 * n, dtype=torch.float64).sin().reshape(n, 3) @ cell, "cell": cell}


# ---- slopes --------------------------------------------------------------------------------------------------------
@MANY
def test_forces_are_the_slopes_of_the_energy(kind: str) -> None:
    potential = potential_of(kind)
    data = cloud_for(potential, 4)
    with torch.no_grad():
        expected = -slopes(lambda pos: potential.energy({**data, "pos": pos}).sum(), data["pos"])
    forces = potential(data).forces
    assert torch.allclose(forces, expected, atol=1e-8) and forces.abs().max() > 1e-4


ALIGNED = {
    "along x": [[0.0, 0, 0], [0.96, 0, 0]],
    "along y": [[0.0, 0, 0], [0, 0.96, 0]],
    "along z": [[0.0, 0, 0], [0, 0, 0.96]],
    "in the plane y = 0": [[0.0, 0, 0], [0.9, 0, 0.3], [-0.2, 0, 0.9], [0.4, 0.7, 0.5]],
    "in the plane z = 0": [[0.0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]],
    "a square": [[0.0, 0, 0], [1.0, 0, 0], [0, 0, 1.0], [1.0, 0, 1.0]],
}


@pytest.mark.parametrize("place", ALIGNED)
@pytest.mark.parametrize("kind", ["O(3)", "O(3), summed", "SO(3), degree 2", "Icosahedral"])
def test_forces_are_slopes_along_axes_and_in_their_planes(kind: str, place: str) -> None:
    """Where the frames of edges have their seams."""
    potential, pos = potential_of(kind), torch.tensor(ALIGNED[place], dtype=torch.float64)
    data = {"x": torch.eye(FEATURES, dtype=torch.float64)[torch.arange(len(pos)) % FEATURES], "pos": pos}
    with torch.no_grad():
        expected = -slopes(lambda at: potential.energy({**data, "pos": at}).sum(), pos)
    assert torch.allclose(potential(data).forces, expected, atol=1e-7)


@pytest.mark.parametrize("kind", ["O(3)", "SO(3), degree 2", "nothing but shifts"])
def test_stress_is_the_slope_by_strain(kind: str) -> None:
    potential, data = potential_of(kind), crystal()
    volume = torch.linalg.det(data["cell"])

    def strained(strain: Tensor) -> Tensor:
        by = torch.eye(3, dtype=torch.float64) + (strain + strain.T) / 2
        return potential.energy({**data, "pos": data["pos"] @ by, "cell": data["cell"] @ by}).sum() / volume

    found = potential(data)
    with torch.no_grad():
        expected = slopes(strained, torch.zeros(3, 3, dtype=torch.float64))
    assert torch.allclose(found.stress, expected, atol=1e-8) and torch.equal(found.stress, found.stress.mT)
    forces = -slopes(lambda pos: potential.energy({**data, "pos": pos}).sum().detach(), data["pos"])
    assert torch.allclose(found.forces, forces, atol=1e-8)


def test_a_cell_with_room_feels_the_virial_of_its_forces() -> None:
    """σ V = −Σ_i F_i x_iᵀ where nothing reaches through the walls; along none of them, no cell and no stress."""
    potential, data = potential_of(), cloud()
    found = potential({**data, "cell": 40 * torch.eye(3, dtype=torch.float64)})
    assert torch.allclose(found.stress[0], -(found.forces.T @ data["pos"]) / 40**3, atol=1e-15)
    assert torch.allclose(found.forces, potential(data).forces, atol=1e-12)
    assert potential({**data, "cell": torch.eye(3), "pbc": torch.zeros(3, dtype=torch.bool)}).stress is None


def test_a_slab_without_a_third_vector_has_forces_and_no_stress() -> None:
    cell = torch.diag(torch.tensor([3.0, 3.0, 0.0], dtype=torch.float64))
    found = potential_of()({**cloud(), "cell": cell, "pbc": torch.tensor([True, True, False])})
    assert found.stress is None and found.forces.abs().max() > 0


def test_twice_the_cell_has_twice_the_energy() -> None:
    potential, data = potential_of(), crystal()
    double = torch.diag(torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)) @ data["cell"]
    twice = {
        "x": data["x"].repeat(2, 1),
        "pos": torch.cat([data["pos"], data["pos"] + data["cell"][0]]),
        "cell": double,
    }
    one, two = potential(data), potential(twice)
    assert torch.allclose(2 * one.energy, two.energy) and torch.allclose(one.stress, two.stress)
    assert torch.allclose(one.forces.repeat(2, 1), two.forces)


@pytest.mark.parametrize("kind", ["O(3)", "O(3), summed"])
def test_energies_of_parts_that_are_far_apart_add_up(kind: str) -> None:
    potential, one, two = potential_of(kind), cloud(5), cloud(4, seed=1)
    both = {"x": torch.cat([one["x"], two["x"]]), "pos": torch.cat([one["pos"], two["pos"] + 100])}
    found, parts = potential(both), [potential(one), potential(two)]
    assert torch.allclose(found.energy, parts[0].energy + parts[1].energy)
    assert torch.allclose(found.forces, torch.cat([part.forces for part in parts]), atol=1e-12)


# ---- laws of motion ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["O(3)", "O(3), summed", "SO(3), degree 2", "O(2)"])
def test_forces_turn_add_up_to_zero_and_have_no_torque(kind: str) -> None:
    potential = potential_of(kind)
    data, space = cloud_for(potential), potential.net.source
    found = potential(data)
    for g in space.group.sample(3, 0):
        matrix = torch.as_tensor(space.domain.cartesian(g))
        there = potential({**data, "pos": data["pos"] @ matrix.T + 3.0})
        assert torch.allclose(there.energy, found.energy, rtol=1e-10)
        assert torch.allclose(there.forces, found.forces @ matrix.T, atol=1e-10)
    assert found.forces.sum(0).abs().max() < 1e-12
    torque = data["pos"].T @ found.forces
    assert torch.allclose(torque, torque.T, atol=1e-12)


def test_without_the_symmetry_there_is_torque() -> None:
    potential, data = potential_of("nothing but shifts"), cloud()
    forces = potential(data).forces
    torque = data["pos"].T @ forces
    assert forces.sum(0).abs().max() < 1e-12 and (torque - torque.T).abs().max() > 1e-4


def work_round(force: Any, dim: int, n: int = 5, steps: int = 160) -> float:
    """∮ F · dx along a smooth closed path of all points, by the trapezoid rule, which is spectral there."""
    generator = torch.Generator().manual_seed(3)
    waves = 0.15 * torch.randn(2, 2, n, dim, generator=generator, dtype=torch.float64)
    corner = 2 * math.pi * torch.arange(n, dtype=torch.float64) / n
    start, total = torch.zeros(n, dim, dtype=torch.float64), 0.0
    start[:, 0], start[:, 1] = 2 * corner.cos(), 2 * corner.sin()
    for step in range(steps):
        phase = 2 * math.pi * step / steps
        at, along = start.clone(), torch.zeros_like(start)
        for k in (1, 2):
            at += waves[k - 1, 0] * math.cos(k * phase) + waves[k - 1, 1] * math.sin(k * phase)
            along += k * (waves[k - 1, 1] * math.cos(k * phase) - waves[k - 1, 0] * math.sin(k * phase))
        total += float((force(at) * along).sum()) * 2 * math.pi / steps
    return total


@pytest.mark.parametrize("kind", ["O(3), all pairs, lengths", "O(2), all pairs, summed", "C(4)"])
def test_work_round_a_closed_path_is_zero(kind: str) -> None:
    potential = potential_of(kind)
    dim = potential.net.source.domain.dim  # type: ignore[union-attr]
    data = cloud(5, dim)
    assert abs(work_round(lambda pos: potential({**data, "pos": pos}).forces, dim)) < 1e-6


def test_vectors_that_are_no_slopes_do_work_round_a_closed_path() -> None:
    torch.manual_seed(0)
    net = er.derive(er.Task(WIDE, input=FEATURES, output=er.Equivariant(O(3).irrep(1, -1))), width=8, depth=2).double()
    data = cloud(5)
    assert abs(work_round(lambda pos: net({**data, "pos": pos}).detach(), 3)) > 1e-2


def drift(potential: er.Potential, step: float, time: float = 1.0) -> float:
    """The greatest |E(t) − E(0)| of kinetic and potential energy along velocity Verlet."""
    data = cloud()
    at, velocity = data["pos"], torch.randn(6, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    energy, force, _ = potential(data)
    totals = []
    for _ in range(round(time / step)):
        totals.append(float(energy + velocity.square().sum() / 2))
        velocity = velocity + step / 2 * force
        at = at + step * velocity
        energy, force, _ = potential({**data, "pos": at})
        velocity = velocity + step / 2 * force
    return max(abs(total - totals[0]) for total in totals)


def test_energy_is_conserved_as_the_square_of_the_step() -> None:
    potential = potential_of()
    coarse, fine = (drift(potential, step) for step in (0.02, 0.01))
    assert 3.5 < coarse / fine < 4.5 and fine < 1e-2


# ---- smooth and finite ---------------------------------------------------------------------------------------------
def test_energy_and_forces_do_not_jump_where_a_neighbour_crosses_the_radius() -> None:
    """E ~ δ³ and F ~ δ² at a distance δ inside; outside nothing at all."""
    potential, x = potential_of(), torch.eye(2, dtype=torch.float64)

    def at(inside: float) -> Energies:
        place = torch.tensor([[0.0, 0.0, 0.0], [0.0, 2.0 - inside, 0.0]], dtype=torch.float64)
        return potential({"x": x, "pos": place})

    outside = at(-1e-3)
    assert torch.equal(outside.forces, torch.zeros(2, 3, dtype=torch.float64))
    near, far = at(1e-3), at(2e-3)
    assert 3.6 < far.forces.norm() / near.forces.norm() < 4.4
    assert 7.0 < (far.energy - outside.energy) / (near.energy - outside.energy) < 9.0


AWKWARD = {
    "one point": torch.zeros(1, 3),
    "coincident points": torch.zeros(3, 3),
    "along the axes": torch.cat([torch.eye(3), -torch.eye(3), torch.zeros(1, 3)]),
    "on a line": torch.tensor([[0.0, y, 0.0] for y in (-2.5, -1.0, 0.0, 1.0)]),
    "far apart": 50 * torch.eye(3),
    "nearly coincident": torch.tensor([[0.0, 0, 0], [0, 1e-9, 0], [1.0, 0, 0]]),
}


@pytest.mark.parametrize("place", AWKWARD)
@pytest.mark.parametrize("kind", ["O(3)", "O(3), summed", "O(3), all pairs, lengths", "SO(3), degree 2"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_forces_and_what_they_teach_are_finite(place: str, kind: str, dtype: torch.dtype) -> None:
    potential, pos = potential_of(kind).to(dtype).train(), AWKWARD[place].to(dtype)
    energy, forces, _ = potential({**cloud(len(pos)), "pos": pos})
    loss = energy.sum() + forces.square().sum() + forces[:, 0].sum()
    taught = torch.autograd.grad(loss, list(potential.parameters()), allow_unused=True, materialize_grads=True)
    assert all(bool(found.isfinite().all()) for found in (energy, forces, *taught))
    assert sum(float(found.abs().sum()) for found in taught) > 0


def test_slopes_of_slopes() -> None:
    """What a loss of forces teaches each weight, by finite differences; and the Hessian is symmetric."""
    potential, data = potential_of().train(), cloud(4)
    weight = torch.randn(4, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)

    def loss() -> Tensor:
        return (potential(data).forces * weight).sum()

    for parameter in potential.parameters():
        (taught,) = torch.autograd.grad(loss(), parameter, materialize_grads=True, allow_unused=True)
        along = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
        found = []
        for step in (1e-5, -1e-5):
            parameter.data += step * along
            found.append(float(loss().detach()))
            parameter.data -= step * along
        assert math.isclose((found[0] - found[1]) / 2e-5, float((taught * along).sum()), rel_tol=1e-6, abs_tol=1e-8)
    hessian = torch.autograd.functional.hessian(
        lambda pos: potential.energy({**data, "pos": pos}).sum(), data["pos"]
    ).reshape(12, 12)
    assert torch.allclose(hessian, hessian.T, atol=1e-10) and hessian.abs().max() > 1e-4


def test_a_loss_of_forces_trains_the_network() -> None:
    """On Morse's potential of pairs, whose forces are a closed form: D (1 − e^{−a(r − r0)})²."""
    potential = potential_of().train()
    data = [cloud(4, seed=seed) for seed in range(3)]

    def morse(pos: Tensor) -> Tensor:
        first, second = torch.triu_indices(len(pos), len(pos), 1)
        return (1 - torch.exp(-(length_of(pos[first] - pos[second]) - 1.2))).square().sum()

    known = [-torch.autograd.functional.jacobian(morse, each["pos"]) for each in data]
    optimizer, losses = torch.optim.Adam(potential.parameters(), 1e-2), []
    for _ in range(25):
        errors = [potential(each).forces - force for each, force in zip(data, known, strict=True)]
        loss = sum(error.square().mean() for error in errors)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[union-attr]
        optimizer.step()
        losses.append(float(loss.detach()))  # type: ignore[union-attr]
    assert losses[-1] < 0.5 * losses[0]


# ---- what it is given ----------------------------------------------------------------------------------------------
def test_clouds_of_a_batch_are_alone_and_in_the_order_given() -> None:
    potential = potential_of()
    parts = [Data(**cloud(n, seed=n)) for n in (3, 1, 5)]
    alone = [potential(part) for part in parts]
    together = potential(Batch.from_data_list(parts))
    assert torch.allclose(together.energy, torch.cat([each.energy for each in alone]))
    assert torch.allclose(together.forces, torch.cat([each.forces for each in alone]), atol=1e-12)
    order = torch.randperm(9, generator=torch.Generator().manual_seed(0))
    whole = Batch.from_data_list(parts)
    mixed = potential({"x": whole.x[order], "pos": whole.pos[order], "batch": whole.batch[order]})
    assert torch.allclose(mixed.energy, together.energy) and torch.allclose(mixed.forces, together.forces[order])


def test_elements_have_energies_of_their_own() -> None:
    bare, data = potential_of(), cloud(4)
    z = torch.tensor([8, 1, 1, 8])
    held = {"pos": data["pos"], "z": z}
    known = er.Potential(bare.net, ("H", 8), {"O": -2000.0, 1: -13.5}, scale=0.1).eval()
    x = torch.tensor([[0.0, 1], [1, 0], [1, 0], [0, 1]], dtype=torch.float64)
    expected = bare({"x": x, "pos": data["pos"]})
    assert known.elements == ("H", "O") and known.reference == (-13.5, -2000.0)
    assert torch.allclose(known(held).energy, 0.1 * expected.energy - 4027.0, rtol=1e-14)
    assert torch.allclose(known(held).forces, 0.1 * expected.forces)


def test_positions_keep_their_precision_and_networks_theirs() -> None:
    """In float32 a large energy would swallow what a small step changes."""
    potential = er.Potential(potential_of().net.float(), ("H", "O"), {"O": -2e5}).eval()
    held = {"pos": cloud(4)["pos"], "z": torch.tensor([8, 1, 1, 8])}
    found = potential(held)
    assert found.energy.dtype == found.forces.dtype == torch.float64
    assert (found.energy + 4e5).abs() > 1e-3 and (found.energy + 4e5).item() % 2**-6 != 0


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_forces_are_found_where_nothing_is_learnt(mode: Any) -> None:
    potential, data = potential_of(), cloud()
    expected = potential(data)
    with mode():
        found = potential({name: part.clone() for name, part in data.items()})
    assert torch.equal(found.forces, expected.forces)
    assert not found.energy.requires_grad and not found.forces.requires_grad and not data["pos"].requires_grad
    assert potential(data, create_graph=True).forces.requires_grad and potential.train()(data).forces.requires_grad
    assert not potential(data, create_graph=False).energy.requires_grad


class Springs(nn.Module):
    """Another's network: one energy a cloud of all its pairs, ½ Σ |x_i − x_j|²/2; it looks at positions alone."""

    def forward(self, data: dict[str, Tensor]) -> Tensor:
        batch = data.get("batch", torch.zeros(len(data["pos"]), dtype=torch.int64))
        same = batch[:, None] == batch
        pairs = torch.cdist(data["pos"], data["pos"]).square() * same / 4
        return torch.zeros(int(batch.max()) + 1, dtype=pairs.dtype).index_add(0, batch, pairs.sum(1))


def test_any_module_of_positions_is_a_potential() -> None:
    data = {"pos": torch.tensor([[0.0, 0, 0], [3.0, 0, 0], [1.0, 1, 1]]), "batch": torch.tensor([0, 0, 1])}
    energy, forces, _ = er.Potential(Springs())(data)
    assert energy.tolist() == [4.5, 0.0] and forces[0].tolist() == [3.0, 0.0, 0.0]
    still = er.Potential(nn.Identity())
    with pytest.raises((InputError, AttributeError, TypeError)):
        still(data)


def test_a_saved_potential_comes_back_whole(tmp_path: Any) -> None:
    potential = er.Potential(potential_of().net.float(), ("H", "O"), {"O": -2000.0}, 0.3).eval()
    held = {"pos": cloud(4)["pos"], "z": torch.tensor([8, 1, 1, 8])}
    path = tmp_path / "water.safetensors"
    potential.save(path)
    again = er.Potential.load(path)
    assert torch.equal(again(held).forces, potential(held).forces) and repr(again) == repr(potential)
    with pytest.raises(RecipeError, match=r"er\.Potential\.load"):
        er.load(path)
    er.save(potential.net, tmp_path / "net.safetensors")
    with pytest.raises(RecipeError, match=r"a network; expected a potential"):
        er.Potential.load(tmp_path / "net.safetensors")
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(b"-2000") + 1] = ord("3")
    path.write_bytes(bytes(damaged))
    with pytest.raises(RecipeError, match="changed"):
        er.Potential.load(path)


def made(output: Any, domain: Any = NEAR, **choices: Any) -> er.Blueprint:
    return er.derive(er.Task(domain, input=2, output=output), width=8, depth=1, **choices)


REFUSED: dict[str, Any] = {
    "no network": lambda: er.Potential(3),  # type: ignore[arg-type]
    "vectors": lambda: er.Potential(made(er.Equivariant(O(3).irrep(1, -1)))),
    "two numbers": lambda: er.Potential(made(er.Invariant(2), pool="sum")),
    "a mean": lambda: er.Potential(made(er.Invariant(1))),
    "pictures": lambda: er.Potential(er.derive(er.Task(er.Grid(2), input=1, output=er.Invariant(1)), width=8)),
    "three elements of two channels": lambda: er.Potential(made(EACH), ("H", "C", "O")),
    "an unknown element": lambda: er.Potential(made(EACH), ("H", "Xx")),
    "energies without elements": lambda: er.Potential(made(EACH), reference={"H": 1.0}),
    "energies of another element": lambda: er.Potential(made(EACH), ("H", "O"), {"C": 1.0}),
    "an infinite energy": lambda: er.Potential(made(EACH), ("H", "O"), {"H": np.inf}),
    "a scale below zero": lambda: er.Potential(made(EACH), scale=-1.0),
    "elements without numbers": lambda: er.Potential(made(EACH), ("H", "O"))(cloud()),
    "no positions": lambda: er.Potential(made(EACH))({"x": torch.zeros(2, 2)}),
    "positions that are not finite": lambda: potential_of()({**cloud(), "pos": torch.full((6, 3), torch.nan)}),
    "a cell of another size": lambda: potential_of()({**cloud(), "cell": torch.eye(2)}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused(case: str) -> None:
    with pytest.raises(SymmetryError) as refused:
        REFUSED[case]()
    assert isinstance(refused.value, TaskError | InputError) and refused.value.mend
