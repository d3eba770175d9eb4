"""Sums over neighbouring vertices beside maps of coefficients, in one process; and how nearly they keep rotations.

Forward and backward of one layer, 16 channels, 4 signals. "spectral" is a convolution with all degrees that the places
hold, its transforms included. Errors are of white signals of all these degrees, of half of them, and of degrees up to
3.
"""

from collections.abc import Callable
from typing import Any

import torch
from measure import interleaved, keep, ratio, steady_memory

import erlangen as er

CHANNELS, BATCH = 16, 4
G = er.SO(3)


def one_pass(layer: er.layers.Layer, x: torch.Tensor) -> Callable[[], None]:
    """A pass and its gradients."""
    x = x.clone().requires_grad_()
    return lambda: torch.autograd.backward(layer(x).square().sum())


def time_rows() -> dict[str, Any]:
    rows = {}
    for subdivisions in (3, 4, 5):
        known = er.Sphere("icosahedral", subdivisions=subdivisions)
        (vertices,) = known.size(0)
        free = er.Sphere("icosahedral", known.band_limit((vertices,)))
        x = torch.randn(BATCH, CHANNELS, vertices)
        spaces = [er.Space(domain, CHANNELS * G.trivial) for domain in (known, free)]
        spectral = one_pass(er.layers.SphereConv(spaces[1], spaces[1]), x)
        for rings in (1, 2):
            local = one_pass(er.layers.VertexConv(spaces[0], spaces[0], rings), x)
            found = ratio(interleaved({"spectral": spectral, "local": local}, 9), "spectral", "local")
            rows[f"{vertices:,} vertices, rings={rings}, times as fast as spectral"] = found
    return rows


def exactness_rows() -> dict[str, Any]:
    """The largest error of commuting with four rotations, relative to the largest value, float64."""
    rows = {}
    for subdivisions in (2, 3, 4, 5):
        domain = er.Sphere("icosahedral", subdivisions=subdivisions)
        rho, (vertices,) = 2 * G.trivial + domain.vectors(G), domain.size(0)
        space, limit = er.Space(domain, rho), domain.band_limit(domain.size(0))
        torch.manual_seed(0)
        layer = er.layers.VertexConv(space, space).double()
        found = {}
        for name, band in (("all degrees", limit), ("half of them", limit // 2), ("up to 3", 3)):
            free = er.Sphere("icosahedral", band)
            x = free.band_limited(torch.randn(2, rho.dim, vertices, dtype=torch.float64), rho)
            with torch.no_grad():
                y = layer(x)
                errors = [(layer(space.act(g, x)) - space.act(g, y)).square().mean() for g in G.sample(4, 0)]
            found[name] = float((sum(errors) / len(errors) / y.square().mean()).sqrt())
        rows[f"{vertices:,} vertices, error of rotations"] = found
    return rows


def main() -> None:
    steady_memory()
    torch.manual_seed(0)
    keep("local_sphere", {**exactness_rows(), **time_rows()})


if __name__ == "__main__":
    main()
