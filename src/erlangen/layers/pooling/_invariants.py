"""Linear invariants of a signal's channels: by what a pool may choose, without asking which way anything is turned."""

import torch
from torch import Tensor, nn

from erlangen.errors import RepresentationError
from erlangen.layers._constants import Constants
from erlangen.representations import Representation
from erlangen.solve import intertwiners


class LinearInvariants(Constants, nn.Module):
    """m learnt vectors p with p·ρ(h) x = p·x for all h, `[m, ρ.dim]`; of inputs of unit variance they make `gain`².

    Raises RepresentationError where ρ has none.
    """

    basis: Tensor

    def __init__(self, rho: Representation, count: int, gain: float = 1.0):
        super().__init__()
        basis = intertwiners(rho, rho.group.trivial)[:, 0].numpy()
        if not len(basis):
            mend = "Add a scalar channel, or take regular fields."
            raise RepresentationError(f"linear invariants of {rho}", "channels that hold a scalar", mend)
        self.hold({"basis": basis})
        self.weight = nn.Parameter(gain * torch.randn(count, len(basis)) / len(basis) ** 0.5)

    def forward(self) -> Tensor:
        return self.weight @ self.basis
