"""Kernels of finite radius at the vertices of a subdivided icosahedron: sums over neighbours in place of integrals."""

import numpy as np

from erlangen.domains._icosphere_charts import Charts, charts
from erlangen.solve.in_tangent_planes import Kind, Route
from erlangen.solve.rings_on_sphere import quadrature, rings

Array = np.ndarray
TOLD_APART = 0.03  # what is left of a moment beside the others, for it to be asked for


def sums(level: int, radius: float, count: int, source: Kind, route: Route) -> Array:
    """Σ_q w_q b_k(r) e^{i(turns·θ + carried·g)} x(q) as real matrices, `[vertex, ring · number, place · number]`.

    Vertices are spaced unevenly: such sums would be wrong by some per cent, differently at each vertex, however smooth
    signals are. Their terms are changed by as little as makes them right for constant, linear and quadratic ones.
    """
    near = charts(level, radius)
    shares = near.weight * rings(near.distance, radius, count)
    turned = np.stack([_with_moments(near, share, route.turns, radius, count, k) for k, share in enumerate(shares)])
    made = np.einsum("kpcvn,cdvn->vkpnd", _as_matrices(turned), _carried(near, source, route))
    return made[:, :, : route.numbers].reshape(len(near.index), count * route.numbers, -1)


def _as_matrices(z: Array) -> Array:
    """Multiplying by complex numbers `[ring, …]`, as `[ring, 2, 2, …]`."""
    real, imaginary = np.real(z), np.imag(z)
    return np.stack([np.stack([real, -imaginary], axis=1), np.stack([imaginary, real], axis=1)], axis=1)


def _carried(near: Charts, source: Kind, route: Route) -> Array:
    """e^{i·carried·g} x or x̄, `[2, number of x, vertex, place]`."""
    cosine, sine = np.cos(route.carried * near.transport), np.sin(route.carried * near.transport)
    if source.order == 0:
        return np.stack([cosine, sine])[:, None]
    sign = -1.0 if route.conjugate else 1.0
    return np.stack([np.stack([cosine, -sign * sine]), np.stack([sine, sign * cosine])])


def _with_moments(near: Charts, share: Array, turns: int, radius: float, count: int, ring: int) -> Array:
    """w_q b(r) e^{i·turns·θ} `[vertex, place]`, changed by what its moments miss: least changes, measured by w b."""
    plain = share * np.exp(1j * turns * near.direction)
    waves = _waves(np.sin(near.distance) / radius, near.direction)
    missing = _moments(turns, radius, count, ring) - np.einsum("vn,jvn->vj", plain, waves)
    root = np.sqrt(share)
    solve = np.linalg.pinv((root * waves).transpose(1, 2, 0), rcond=TOLD_APART)
    return plain + np.einsum("vj,vjn->vn", missing, solve) * root


def _waves(x: Array, angle: Array) -> Array:
    """1, x cos θ, x sin θ, x², x² cos 2θ, x² sin 2θ."""
    both = [(x * np.cos(angle), x * np.sin(angle)), (x * x * np.cos(2 * angle), x * x * np.sin(2 * angle))]
    return np.stack([np.ones_like(x), *both[0], x * x, *both[1]])


def _moments(turns: int, radius: float, count: int, ring: int) -> Array:
    """Their means over the sphere with b(r) e^{i·turns·θ}: 0 but where the angles go together."""
    r, weights = quadrature(radius, 0)
    shares = weights * rings(r, radius, count)[ring]
    power = [float(shares @ (np.sin(r) / radius) ** j) for j in range(3)]
    found = np.zeros(6, dtype=complex)
    if turns == 0:
        found[0], found[3] = power[0], power[2]
    elif abs(turns) <= 2:
        at = 2 * abs(turns) - 1 + (abs(turns) == 2)
        found[at], found[at + 1] = power[abs(turns)] / 2, 1j * np.sign(turns) * power[abs(turns)] / 2
    return found
