"""Points without triangles on `er.Mesh(laplacian="tufted")`: how near their vibrations are to the true ones, beside the
authors' own program, and how much an answer changes as a strip of points is folded.

The twenty slowest vibrations of 1,000 points drawn on the unit sphere have λ = l (l + 1), each 2l + 1 times; told is
the mean of |λ′ − λ|/λ over these, of five clouds, with and without noise along the normal of a hundredth of the radius.
The strip has 9 × 15 points a unit apart; each column is turned against the one before, to and fro. Told is how far the
answers of five networks with random weights are from those to the flat strip, beside how these vary over the points.
"""

from typing import Any

import numpy as np
import torch
from measure import keep
from scipy.sparse import eye_array
from scipy.sparse.linalg import eigsh

import erlangen as er

POINTS, CLOUDS, SLOWEST, NOISE, FOLDS = 1000, 5, 20, 0.01, (0.2, 0.6)
TRUE = np.repeat([0, 2, 6, 12, 20], [1, 3, 5, 7, 9])[1 : SLOWEST + 1].astype(float)


def sphere(seed: int, noise: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    points = rng.standard_normal((POINTS, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True) * (1 + noise * rng.standard_normal((POINTS, 1)))


def ours(points: np.ndarray) -> np.ndarray:
    domain = er.Mesh(eigenfunctions=SLOWEST + 1, laplacian="tufted")
    return domain.read({"pos": torch.from_numpy(points)})[1].values[0, 1 : SLOWEST + 1].numpy()


def theirs(points: np.ndarray) -> np.ndarray:
    from robust_laplacian import point_cloud_laplacian

    laplacian, mass = point_cloud_laplacian(points)
    shifted = (laplacian + 1e-8 * eye_array(len(points))).tocsc()
    return np.sort(eigsh(shifted, SLOWEST + 1, M=mass, sigma=1e-8)[0])[1:]


def vibrations(noise: float) -> dict[str, list[float]]:
    """Of every cloud the mean error of either side."""
    clouds = [sphere(seed, noise) for seed in range(CLOUDS)]
    sides = {"ours": ours, "robust_laplacian": theirs}
    return {name: [float(np.abs(of(points) / TRUE - 1).mean()) for points in clouds] for name, of in sides.items()}


def strip(fold: float) -> torch.Tensor:
    heading = fold / 2 * (-1.0) ** np.arange(14)
    x, z = (np.concatenate([[0], np.cumsum(part)]) for part in (np.cos(heading), np.sin(heading)))
    i, j = np.meshgrid(np.arange(9), np.arange(15), indexing="ij")
    return torch.as_tensor(np.stack([x[j].ravel(), 1.0 * i.ravel(), z[j].ravel()], axis=1))


def folded(fold: float) -> dict[str, list[float]]:
    """Of five networks how far the answers move, beside how they vary over the points."""
    domain, found = er.Mesh(eigenfunctions=32, laplacian="tufted"), []
    for seed in range(CLOUDS):
        torch.manual_seed(seed)
        net = er.derive(er.Task(domain, output=er.Equivariant(8)), width=32, depth=2).double().eval()
        with torch.no_grad():
            flat, there = net({"pos": strip(0.0)}), net({"pos": strip(fold)})
        found.append(float((there - flat).norm() / (flat - flat.mean(0)).norm()))
    return {"change": found}


def main() -> None:
    torch.set_num_threads(1)
    rows: dict[str, Any] = {
        "vibrations of a sphere": vibrations(0.0),
        "vibrations of a sphere with noise": vibrations(NOISE),
        **{f"folded by {fold}": folded(fold) for fold in FOLDS},
    }
    keep("clouds", rows)


if __name__ == "__main__":
    main()
