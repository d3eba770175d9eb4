"""What kind of Lie algebra some matrices span: whether brackets stay inside, and the signature of the Killing form."""

from typing import TypeAlias

import torch
from torch import Tensor

Algebra: TypeAlias = Tensor  # [k, d, d], orthonormal
_ZERO = 1e-2  # of the largest eigenvalue: generators of a trained network are known to a few percent


def brackets(algebra: Algebra) -> Tensor:
    """[A_i, A_j] = A_i A_j − A_j A_i, `[k, k, d, d]`."""
    products = torch.einsum("iab,jbc->ijac", algebra, algebra)
    return products - products.transpose(0, 1)


def closure(algebra: Algebra) -> float:
    """√(Σ ‖[A_i, A_j] − their part in the span‖² / Σ ‖[A_i, A_j]‖²): 0 for an algebra, and where all commute.

    >>> so3 = torch.zeros(3, 3, 3)
    >>> for k, (i, j) in enumerate([(0, 1), (0, 2), (1, 2)]): so3[k, i, j], so3[k, j, i] = 0.5**0.5, -(0.5**0.5)
    >>> closure(so3) < 1e-6, closure(so3[:2])
    (True, 1.0)
    """
    if not len(algebra):
        return 0.0
    made = brackets(algebra)
    whole = float(made.square().sum())
    if whole < 1e-12:
        return 0.0
    inside = torch.einsum("ijk,kab->ijab", structure(algebra), algebra)
    return float((made - inside).square().sum() / whole) ** 0.5


def structure(algebra: Algebra) -> Tensor:
    """c_ijk = ⟨[A_i, A_j], A_k⟩, `[k, k, k]`."""
    return torch.einsum("ijab,kab->ijk", brackets(algebra), algebra)


def signature(algebra: Algebra) -> tuple[int, int, int]:
    """How many eigenvalues of K_ij = Σ_kl c_ikl c_jlk are negative, positive and zero.

    so(n): all negative. so(1, 3): three and three. A commuting algebra: all zero.
    """
    if not len(algebra):
        return 0, 0, 0
    c = structure(algebra)
    values = torch.linalg.eigvalsh(torch.einsum("ikl,jlk->ij", c, c))
    small = max(_ZERO * float(values.abs().max()), 1e-9)
    negative, positive = int((values < -small).sum()), int((values > small).sum())
    return negative, positive, len(values) - negative - positive
