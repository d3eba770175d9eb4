"""Surfaces of about 10,000 vertices: all that is computed of one beside the peers' eigenproblem alone; found again;
and four blocks of diffusion beside the matrix products they consist of.

The peer is what DiffusionNet does for its eigenvectors: the Laplacian of robust_laplacian, then SciPy's eigsh by shift
and invert; only eigsh is timed. Ours is everything: checks, Laplacian, masses, frames, transport, slopes, eigenvectors.
"""

import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from measure import interleaved, keep, ratio, steady_memory
from scipy.sparse import diags_array, eye_array
from scipy.sparse.linalg import eigsh

import erlangen as er
from erlangen.domains._icosphere import icosphere
from erlangen.domains.slopes import slopes_of
from erlangen.domains.surfaces import operators as kept
from erlangen.domains.surfaces.operators import Asked
from erlangen.layers import DiffusionBlock

COUNT, WIDTH, BLOCKS = 128, 128, 4


def bumpy(level: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """A subdivided icosahedron with bumps, without any symmetry; 10,242 vertices."""
    points, faces = icosphere(level)
    return points * [1.0, 1.3, 0.8] + 0.08 * np.sin(3 * points[:, [1, 2, 0]] + [0.3, 1.0, 2.0]), faces


def operators(points: np.ndarray, faces: np.ndarray, rounds: int) -> dict[str, Any]:
    """Everything of ours beside the eigenproblem of theirs."""
    import robust_laplacian

    laplacian, mass = robust_laplacian.mesh_laplacian(points, faces)
    shifted = (laplacian + 1e-8 * eye_array(len(points))).tocsc()
    weights = diags_array(mass.diagonal())
    sides = {
        "ours": lambda: kept.computed(points, faces, Asked(COUNT)),
        "eigsh": lambda: eigsh(shifted, COUNT, M=weights, sigma=1e-8),
    }
    return {**ratio(interleaved(sides, rounds, 1), "ours", "eigsh"), "target": "ratio ≤ 1.0"}


def reload(points: np.ndarray, faces: np.ndarray, rounds: int) -> dict[str, Any]:
    """From the file to operators, and from the file to features and surface as networks take them."""
    mesh, given = er.Mesh(eigenfunctions=COUNT), data(points, faces)
    exact = given["pos"].double().numpy()

    def forgotten(read: Any) -> Any:
        kept._known.clear()
        return read()

    with tempfile.TemporaryDirectory() as folder, patch.object(kept, "cache_folder", lambda: Path(folder)):
        sides = {
            "operators": lambda: forgotten(lambda: kept.operators(exact, faces, Asked(COUNT))),
            "read": lambda: forgotten(lambda: mesh.read(given)),
        }
        found = ratio(interleaved(sides, 3 * rounds), "operators", "read")
    return {"operators_ms": found["operators_ms"], "read_ms": found["read_ms"], "target": "≤ 20 ms"}


def blocks(points: np.ndarray, faces: np.ndarray, rounds: int, handed: bool) -> dict[str, Any]:
    """Forward and backward beside their products, dense ones alone and with the sparse ones of slopes."""
    group = er.SO(2) if handed else er.O(2)
    space = er.Space(er.Mesh(eigenfunctions=COUNT), WIDTH * group.trivial)
    net = [DiffusionBlock(space, space) for _ in range(BLOCKS)]
    _, surface = space.domain.read(data(points, faces))
    x = torch.randn(len(points), WIDTH)

    def ours() -> None:
        y = x.clone().requires_grad_()
        for block in net:
            y = block.compute(y, surface)
        y.sum().backward()

    products = Products(surface, x, handed)
    sides = {"ours": ours, "dense": products.dense, "all": products.all}
    seconds = interleaved(sides, rounds, 2)
    dense = ratio(seconds, "ours", "dense")
    return {**ratio(seconds, "ours", "all"), "over_dense": dense["ratio"], "dense_ms": dense["dense_ms"]}


class Products:
    """The matrix products of the blocks, forward and backward, of matrices of the same shapes."""

    def __init__(self, surface: Any, x: torch.Tensor, handed: bool):
        self.x, self.surface, self.functions = x, surface, surface.functions
        self.maps = 4 if handed else 2  # of slopes by A, on both components
        self.square, self.wide = torch.randn(WIDTH, WIDTH), torch.randn(3 * WIDTH, WIDTH)
        self.told, self.spectrum = torch.randn(len(x), 3 * WIDTH), torch.randn(surface.functions.shape[1], WIDTH)
        self.slopes = torch.randn(len(x), 2, WIDTH)

    def dense(self) -> None:
        """Heat, the comparison of slopes, and the network of three layers; then what flows back to each factor."""
        x = self.x
        for _ in range(BLOCKS):
            for _ in ("forward", "backward"):
                _ = self.functions.T @ x, self.functions @ self.spectrum
            for _ in range(self.maps + 2):
                _ = x @ self.square, x @ self.square.T, x.T @ x
            _ = self.told @ self.wide, x @ self.wide.T, x.T @ self.told

    def all(self) -> None:
        """And the sparse products with the slopes, forward and transposed."""
        self.dense()
        x = self.x.clone().requires_grad_()
        for _ in range(BLOCKS):
            torch.autograd.grad(slopes_of(x, self.surface), x, self.slopes)


def data(points: np.ndarray, faces: np.ndarray) -> dict[str, torch.Tensor]:
    return {"pos": torch.as_tensor(points).float(), "face": torch.as_tensor(faces.T.copy())}


def main(rounds: int = 15) -> None:
    steady_memory()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    mesh = bumpy()
    said = f"{len(mesh[0])} vertices"
    rows: dict[str, Any] = {}
    versions = {"scipy": version("scipy")}
    if find_spec("robust_laplacian") is not None:
        rows[f"operators of {said}, {COUNT} eigenfunctions, beside eigsh alone"] = operators(*mesh, rounds)
        versions["robust_laplacian"] = version("robust-laplacian")
    rows[f"operators of {said} from their file"] = reload(*mesh, rounds)
    for handed in (True, False):
        name = f"{BLOCKS} blocks of width {WIDTH}, forward and backward, {'SO(2)' if handed else 'O(2)'}"
        rows[name + ", beside their products"] = blocks(*mesh, rounds, handed)
    keep("surfaces", rows, **versions)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
