"""Audits on surfaces: what derived networks keep, what one that reads coordinates does not, and what stands beside."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.auditing import Bent
from erlangen.auditing.packed.reading import read_samples
from erlangen.auditing.packed.signals import Sample
from erlangen.auditing.packed.surfaces import DrawnTogether, MovedInSpace, Reframed, Subdivided
from erlangen.domains import Mesh
from erlangen.errors import InputError, TaskError
from tests.meshes import moebius, potato

M = Mesh(eigenfunctions=12)


def bodies(n: int = 8) -> list[dict[str, torch.Tensor]]:
    """Bumpy bodies of several sizes, float32."""
    found = []
    for i in range(n):
        points, faces = potato(1 + i % 2)
        points = points * (1 + 0.2 * np.random.default_rng(i).standard_normal(3)) + 0.05 * np.sin(
            4 * points[:, [2, 0, 1]]
        )
        found.append({"pos": torch.as_tensor(points).float(), "face": torch.as_tensor(faces.T.copy())})
    return found


def derived(symmetry: Any, output: Any, domain: Mesh = M) -> er.Blueprint:
    torch.manual_seed(0)
    net = er.derive(er.Task(domain, symmetry, output=output), width=8, depth=1)
    for body in bodies():
        net(body)
    return net.eval()


def audited(model: Any, symmetry: Any, domain: Mesh = M, **choices: Any) -> er.AuditReport:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return er.audit(model, domain, symmetry, bodies(), **choices)


def rows(report: er.AuditReport) -> dict[str, str]:
    return {f"{row.law}, {row.elements}": row.verdict for row in report.verdicts}


@pytest.mark.parametrize("output", [er.Invariant(3), er.Equivariant(2)], ids=str)
def test_what_sees_the_surface_alone_keeps_rigid_motions_mirrors_and_orders(output: Any):
    report = audited(derived(er.Isometries(), output), er.Isometries())
    assert report.passed and report.verdict == "exact"
    found = rows(report)
    kept = [name for name in found if "subdivision" not in name and "remeshing" not in name]
    assert len(kept) == 6 and len(found) == 8 and all(found[name] == "exact" for name in kept)
    assert next(found[name] for name in found if "subdivision" in name) in ("approximate", "broken", "not resolved")
    assert "Isometries" in str(report) and "vertices in another order" in str(report)


def test_one_that_tells_left_from_right_is_no_worse_for_it():
    report = audited(derived(er.Isometries(oriented=True), er.Equivariant(2)), er.Isometries(oriented=True))
    assert report.passed
    assert next(v for name, v in rows(report).items() if "mirrored" in name) not in ("exact", "proved")
    blind = audited(derived(er.Isometries(oriented=True), er.Equivariant(2)), er.Isometries())
    assert not blind.passed and blind.verdict != "exact"


def test_vectors_of_space_turn_along():
    rho = er.SO(2).irrep(1)
    domain = Mesh(eigenfunctions=12, intrinsic=False)
    net = derived(er.RigidMotions(), er.Equivariant(rho, ambient=True), domain)
    assert audited(net, er.RigidMotions(), domain).passed
    frames = derived(er.RigidMotions(), er.Equivariant(rho), domain)
    with pytest.raises(TaskError, match="ambient"):
        audited(frames, er.RigidMotions(), domain)


class ReadsCoordinates(torch.nn.Module):
    """A network of x, y, z, the same at every vertex, and their mean; its arguments named as PyTorch Geometric does."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = torch.nn.Linear(3, 6)

    def forward(self, pos: torch.Tensor, face: torch.Tensor, batch: torch.Tensor) -> torch.Tensor:
        told = self.first(pos).relu()
        return torch.stack([told[batch == b].mean(0) for b in range(int(batch.max()) + 1)])


def test_what_reads_coordinates_is_found_out():
    report = audited(ReadsCoordinates().eval(), er.RigidMotions(), output=er.Invariant(6))
    found = rows(report)
    assert report.verdict == "broken" and not report.passed
    assert next(v for name, v in found.items() if "turned" in name) == "broken"
    assert all(v == "exact" for name, v in found.items() if "order" in name)
    relabelled = audited(ReadsCoordinates().eval(), er.Relabelling(), output=er.Invariant(6))
    assert relabelled.passed


def test_poses_stand_beside_with_how_far_they_are_from_isometries():
    poses = [body["pos"] * torch.tensor([1.0, 1.1, 1.0]) for body in bodies()]
    report = audited(derived(er.Isometries(), er.Invariant(3)), er.Isometries(), beside=[Bent(poses, "stretched")])
    name, verdict = next((n, v) for n, v in rows(report).items() if "stretched" in n)
    assert "95 % of edges ×1.09" in name and verdict not in ("exact", "proved") and report.passed
    same = Bent([body["pos"] for body in bodies()])
    samples = read_samples(M, bodies())
    assert list(same.distortion(samples).values()) == pytest.approx([1.0, 1.0, 1.0], abs=1e-6)
    with pytest.raises(InputError, match="poses"):
        Bent(poses[:2]).move(samples)


def area(sample: Sample) -> float:
    a, b, c = (sample.points["pos"][corner] for corner in sample.edges["face"])
    return float(torch.linalg.cross(b - a, c - a).norm(dim=1).sum() / 2)


def test_motions_do_what_they_say():
    samples = read_samples(M, bodies(3))
    moved = MovedInSpace(1, mirrored=True).move(samples)
    for before, after in zip(samples, moved, strict=True):
        apart = [torch.cdist(s.points["pos"], s.points["pos"]) for s in (before, after)]
        assert torch.allclose(*apart, atol=5e-3) and not torch.equal(before.points["pos"], after.points["pos"])
    finer = Subdivided(dense=True).move(samples)
    for before, after in zip(samples, finer, strict=True):
        assert after.edge_count == 4 * before.edge_count
        assert area(after) == pytest.approx(area(before), rel=1e-5)
    assert all(torch.equal(a.points["pos"][: b.size], b.points["pos"]) for a, b in zip(finer, samples, strict=True))


def test_half_of_the_vertices_answer_for_all():
    samples = read_samples(M, bodies(3))
    fewer = DrawnTogether.of(samples, dense=True)
    assert fewer is not None
    moved = fewer.move(samples)
    for before, after in zip(samples, moved, strict=True):
        assert after.size == before.size // 2 and area(after) == pytest.approx(area(before), rel=0.2)
    places = torch.cat([sample.points["pos"] for sample in moved])
    there = fewer.read(places, moved, samples).split([sample.size for sample in samples])
    for at, sample in zip(there, samples, strict=True):
        near = torch.cdist(sample.points["pos"], sample.points["pos"]).median()
        assert (at - sample.points["pos"]).norm(dim=1).max() < near  # drawn into one nearby, and most stay
        assert (at == sample.points["pos"]).all(1).float().mean() >= 0.5
    assert DrawnTogether.of(read_samples(M, [moebius_body(), moebius_body()]), dense=True) is None


def moebius_body() -> dict[str, torch.Tensor]:
    points, faces = moebius()
    return {"pos": torch.as_tensor(points).float(), "face": torch.as_tensor(faces.T.copy())}


class FramesMatter(er.layers.Chain):
    """A network that answers a component of a tangent vector, as if its frame meant something."""

    recipe = "written by hand"

    def forward(self, data: Any) -> torch.Tensor:
        values, surface = M.read(data)
        return super().flow(values.double(), surface)[0][:, :1]


def test_what_depends_on_frames_is_found_out():
    torch.manual_seed(0)
    scalars = er.Space(M, 16 * er.SO(2).trivial)
    wrong = FramesMatter([er.layers.MeshConv(scalars, er.Space(M, er.SO(2).irrep(1)))])
    report = audited(wrong, er.Isometries(oriented=True), output=er.Equivariant(1))
    assert next(v for name, v in rows(report).items() if "frames" in name) == "broken" and not report.passed
    samples = read_samples(M, bodies(2))
    assert all("direction" in sample.points for sample in Reframed(1).move(samples))


def test_groups_of_frames_are_no_question():
    with pytest.raises(TaskError, match="Frames"):
        audited(derived(er.Isometries(), er.Invariant(3)), er.O(2))


def test_poses_of_other_vertices_are_refused():
    given = [Sample({"pos": torch.eye(3)}, {"face": torch.tensor([[0], [1], [2]])}, {})]
    with pytest.raises(InputError, match=r"a pose \(2, 3\) of 3 vertices; expected \(3, 3\)"):
        Bent([torch.eye(3)[:2]]).move(given)
