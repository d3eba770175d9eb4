"""The lowest eigenfunctions of a surface: its vibrations, which bending does not change."""

from typing import Any, NamedTuple, Protocol

import numpy as np

from erlangen.domains.surfaces.geometry import Array
from erlangen.errors import InputError

SHIFT = 1.0  # at unit area; a smaller one makes constants so large that the rest is lost beside them
DENSE = 600  # vertices up to which all eigenfunctions are found, and the lowest kept
GAP = 1e-3  # between eigenvalues that are told apart, relative, and
CLOSE = 0.1  # beside the mean distance of eigenvalues thereabouts, where these lie closer
BEYOND = 6  # further ones that are looked for, so that the last is not cut off from its equals


class Eigenbasis(NamedTuple):
    """`values` 0 ≤ λ_0 ≤ λ_1 …, `[k]`, and `functions` `[n, k]` with φ_iᵀ M φ_j = δ_ij."""

    values: Array
    functions: Array


class Vibrating(Protocol):
    """What vibrates: n vertices of some mass `[n]`, a Laplacian `[n, n]`, and which part each is of, `parts` `[n]`."""

    @property
    def laplacian(self) -> Any: ...

    @property
    def mass(self) -> Any: ...

    @property
    def parts(self) -> Any: ...


def eigenbasis(geometry: Vibrating, count: int) -> Eigenbasis:
    """L φ = λ M φ for the lowest λ, up to `count` of them.

    Fewer where the next eigenvalue equals the last to a thousandth: functions of equal λ are found together or not at
    all, for only then does bending, or the order of vertices, not change what they span. Shift and invert, on
    M^{−1/2} L M^{−1/2} at unit area. Signs, and bases within equal λ, mean nothing. Raises InputError where there are
    more parts that do not touch, each with its own constant, than functions asked for.
    """
    parts = _enough_for_parts(geometry, count)
    n, area = len(geometry.mass), float(geometry.mass.sum())
    mass = geometry.mass / area
    wanted = min(count + BEYOND, n)
    root = 1 / np.sqrt(mass)
    values, vectors = (_dense if n <= max(DENSE, 3 * wanted) else _sparse)(geometry.laplacian, root, wanted)
    values = np.maximum(values, 0.0)
    values[:parts] = 0.0  # a speck beside a body makes numbers so large that rounding is seen in them
    kept = n if count >= n else _whole_groups(values, count, parts)
    functions = root[:, None] * vectors[:, :kept] / np.sqrt(area)
    return Eigenbasis(values[:kept] / area, functions)


def _enough_for_parts(geometry: Vibrating, count: int) -> int:
    """How many parts there are."""
    parts = int(geometry.parts.max()) + 1
    if parts > count:
        raise InputError(
            f"a surface of {parts} parts that do not touch, and {count} eigenfunctions",
            "as many as parts or more, since each part has a constant of its own",
            f"Take eigenfunctions={parts} or more, or leave small parts out.",
        )
    return parts


def _dense(laplacian: Any, root: Array, wanted: int) -> tuple[Array, Array]:
    from scipy.linalg import eigh

    return eigh(root[:, None] * laplacian.toarray() * root, subset_by_index=[0, wanted - 1])


def _sparse(laplacian: Any, root: Array, wanted: int) -> tuple[Array, Array]:
    from scipy.sparse import diags_array, eye_array
    from scipy.sparse.linalg import LinearOperator as Operator
    from scipy.sparse.linalg import eigsh, splu

    n = len(root)
    scale = diags_array(root)
    system: Any = (scale @ laplacian @ scale).tocsc()
    with _one_thread():
        solver = splu(
            (system + SHIFT * eye_array(n, format="csc")).tocsc(),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
        as_operator: Any = Operator
        inverse = as_operator((n, n), matvec=solver.solve, dtype=np.float64)
        start = np.random.default_rng(0).standard_normal(n)
        basis = min(n, wanted + max(64, wanted // 2))  # a larger one takes longer to keep orthogonal
        values, vectors = eigsh(system, wanted, sigma=-SHIFT, OPinv=inverse, v0=start, ncv=basis)
    order = np.argsort(values)
    return values[order], vectors[:, order]


def _whole_groups(values: Array, count: int, parts: int) -> int:
    """How many there are up to the last gap; there is one behind the constants of parts, which have λ = 0."""
    gaps = np.diff(values[: count + 1]) > np.minimum(GAP, CLOSE / np.arange(1, count + 1)) * values[1 : count + 1]
    return max(parts, int(np.flatnonzero(gaps)[-1]) + 1 if gaps.any() else 0)


def _one_thread() -> Any:
    """Threads of the linear algebra beside those of torch make such small products ten times slower."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)
