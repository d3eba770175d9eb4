"""The kernels of finite radius on the sphere."""

from functools import partial

import numpy as np

from erlangen.domains import Sphere
from erlangen.layers.linear._local_kernel import LocalKernel, Way
from erlangen.representations import Representation
from erlangen.solve.in_tangent_planes import Frames, Kind, at_itself, routes
from erlangen.solve.on_sphere import channels_by_kind, has_mirrors
from erlangen.solve.rings_on_sphere import multipliers


def kernel_on_sphere(
    domain: Sphere, rhos: tuple[Representation, Representation], rings: int, radius: float, band: int, gain: float
) -> LocalKernel:
    """Kernels with so many rings up to a radius, for white signals of a band."""
    mirrors = has_mirrors(domain, rhos[0].group)
    there, back = (channels_by_kind(domain, rho) for rho in rhos)
    return LocalKernel(there, back, partial(_ways, mirrors=mirrors, rings=rings, radius=radius, band=band), gain)


def _ways(source: Kind, target: Kind, mirrors: bool, rings: int, radius: float, band: int) -> list[Way]:
    found = []
    itself = at_itself(source, target, mirrors)
    if len(itself):
        found.append(Way(source, target, None, itself, np.ones(1), np.ones((1, band + 1, source.dim))))
    for route in routes(source, target, Frames(None, mirrors)):
        plain = multipliers(source, target, route, radius, rings, band)
        least = max(source.order, target.order)
        power = (2 * np.arange(band + 1) + 1.0)[least:]
        variance = np.einsum("l,klp->k", power / power.sum(), plain[:, least:] ** 2) / plain.shape[2]
        scales = 1 / np.sqrt(variance)
        found.append(Way(source, target, route, route.patterns, scales, plain * scales[:, None, None]))
    return found
