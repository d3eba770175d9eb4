"""Harmonics and Wigner D beside e3nn's, values and gradients, in one process; and how far float32 is from float64."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import torch
from e3nn import o3
from measure import interleaved, keep, ratio, steady_memory
from torch import Tensor

from erlangen.representations import clebsch_gordan
from erlangen.solve.spherical import harmonics
from erlangen.solve.wigner import edge_frames, wigner_d, wigner_of_directions

POINTS = 20_000


def their_harmonics(highest: int, vectors: Tensor) -> Tensor:
    degrees = list(range(highest + 1))
    return o3.spherical_harmonics(degrees, vectors, normalize=True, normalization="component")


def their_wigner_d(highest: int, rotations: Tensor) -> list[Tensor]:
    angles = o3.matrix_to_angles(rotations)
    return [o3.wigner_D(degree, *angles) for degree in range(highest + 1)]


def forward_and_backward(function: Callable[[int, Tensor], Tensor], highest: int, x: Tensor) -> Callable[[], None]:
    """One pass and its gradient."""
    x = x.clone().requires_grad_()
    return lambda: torch.autograd.backward(function(highest, x).square().sum())


def beside(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int) -> dict[str, float]:
    """How many times as fast ours is."""
    return ratio(interleaved({"theirs": theirs, "ours": ours}, rounds), "theirs", "ours")


def harmonic_rows() -> dict[str, Any]:
    vectors, rows = torch.randn(POINTS, 3), {}
    for highest in (2, 3, 6):
        sides = [lambda f=f, l=highest: f(l, vectors) for f in (harmonics, their_harmonics)]
        rows[f"harmonics up to {highest}, times faster"] = beside(*sides, 31)
        sides = [forward_and_backward(f, highest, vectors) for f in (harmonics, their_harmonics)]
        rows[f"harmonics up to {highest} with gradients, times faster"] = beside(*sides, 31)
    return rows


def wigner_rows() -> dict[str, Any]:
    vectors, rows = torch.randn(POINTS, 3), {}
    rotations = edge_frames(vectors)
    for highest in (2, 3, 6):
        sides = [lambda f=f, l=highest: f(l, rotations) for f in (wigner_d, their_wigner_d)]
        rows[f"Wigner D up to {highest}, times faster"] = {**beside(*sides, 9), "target": "ratio ≥ 30"}
    return rows


def rounding_rows() -> dict[str, Any]:
    """The largest difference of float32 from float64; of e3nn's, from ours in float64."""
    vectors, rows = torch.randn(2000, 3), {}
    rotations = edge_frames(vectors)
    for highest in (2, 6, 10):
        exact = wigner_d(highest, rotations.double())
        sides = {
            "ours": (wigner_d(highest, rotations), exact),
            "theirs": (their_wigner_d(highest, rotations), exact),
            "ours_from_edges": (
                wigner_of_directions(highest, vectors),
                wigner_of_directions(highest, vectors.double()),
            ),
        }
        rows[f"Wigner D up to {highest}, error of float32"] = {
            name: max(float((a - b).abs().max()) for a, b in zip(*pair, strict=True)) for name, pair in sides.items()
        }
    exact = harmonics(10, vectors.double())
    rows["harmonics up to 10, error of float32"] = {
        "ours": float((harmonics(10, vectors) - exact).abs().max()),
        "theirs": float((their_harmonics(10, vectors) - exact).abs().max()),
    }
    return rows


def coupling_rows() -> dict[str, Any]:
    """Clebsch–Gordan: ours and theirs, both in float64, over all triples of degrees up to 11."""
    degrees = range(12)
    triples = [(a, b, c) for a in degrees for b in degrees for c in range(abs(a - b), min(a + b, 11) + 1)]
    errors = [abs(clebsch_gordan(*t) - o3.wigner_3j(*t, dtype=torch.float64).numpy()).max() for t in triples]
    return {f"Clebsch–Gordan, {len(triples)} triples, difference": {"largest": float(max(errors))}}


def main() -> None:
    steady_memory()
    torch.manual_seed(0)
    rows = {**harmonic_rows(), **wigner_rows(), **rounding_rows(), **coupling_rows()}
    keep("spherical", rows, e3nn=version("e3nn"))


if __name__ == "__main__":
    main()
