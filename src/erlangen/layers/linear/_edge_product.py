"""The product of what a neighbour says with the harmonics of where it is: all equivariant ones, a weight each."""

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.domains import Points
from erlangen.domains.cloud import Cloud
from erlangen.errors import SpaceError
from erlangen.layers._constants import Constants
from erlangen.layers.linear._along_edges import LEAST, TOGETHER, Plan, Turns, along_edges
from erlangen.solve.angular import harmonics_on
from erlangen.solve.edge_products import FRAME, Fields, Form, choose_form, direct_form, products_of
from erlangen.solve.spherical import in_full
from erlangen.solve.wigner import wigner_of_directions


class EdgeProduct(Constants):
    """y_i,c = Σ_j Σ_p w_p,c(t_ij) B_p (x_j,c ⊗ Y_l(u_ij)) for every channel c, p all products into one field: w = V t.

    Depth-wise: channels do not mix. `fields` are those that products join; `heard` and `reached` say which they are.
    With x, Y, t of second moment 1 so is every term of the sum over j.

    Shapes: x `[n, Σ d_in, C]`, t `[E, hidden]` → `[n, Σ d_out, C]`.
    """

    def __init__(
        self,
        fields: tuple[Fields, Fields],
        channels: int,
        domain: Points,
        highest: int,
        hidden: int,
        way: str | None,
    ):
        super().__init__()
        found = products_of(*fields, domain, highest)
        if not found:
            given = f"a convolution from {[field.name for field in fields[0]]} with harmonics up to degree {highest}"
            raise SpaceError(given, "fields that harmonics join to those of the target", "Take a greater highest=….")
        self.heard, self.reached = sorted({p.source for p in found}), sorted({p.target for p in found})
        self.domain, self.channels = domain, channels
        self.fields = tuple(fields[0][i] for i in self.heard), tuple(fields[1][c] for c in self.reached)
        self.products = products_of(*self.fields, domain, highest)
        self.form, self.why = choose_form(self.products, self.fields, domain, hidden, way)
        self.weight = nn.Parameter(torch.randn(len(self.products), channels * hidden) * hidden**-0.5)
        self.there_and_back = _is_there_and_back(self.form)
        self.at_zero = self._where_directions_are_none() if self.form.name == FRAME else None
        self.hold(self._tables())

    def _where_directions_are_none(self) -> Form:
        return direct_form([p if p.degree == 0 else None for p in self.products], self.fields, self.domain)

    def _tables(self) -> dict[str, np.ndarray]:
        made = {"into": self.form.into.reshape(len(self.form.into), -1)}
        if self.form.back is not None and not self.there_and_back:
            made["back"] = self.form.back.reshape(len(self.form.back), -1)
        if self.at_zero is not None:
            made["into_zero"] = self.at_zero.into.reshape(len(self.at_zero.into), -1)
        for name, form in (("block", self.form), ("zero", self.at_zero)):
            for i, block in enumerate(form.blocks if form is not None else ()):
                made[f"{name}_{i}"] = block.table.reshape(-1, len(self.products))
        return made

    def forward(self, x: Tensor, told: Tensor, cloud: Cloud) -> Tensor:
        """The sums at every point, in the precision of the weights whatever autocast says."""
        with in_full(x):
            return self._sums(x.to(self.weight.dtype), told.to(self.weight.dtype), cloud)

    def _sums(self, x: Tensor, told: Tensor, cloud: Cloud) -> Tensor:
        if self.form.name != FRAME:
            turns = Turns(harmonics_on(self.domain, self.form.degree, cloud.vector), self.get_buffer("into"), None)
            return self.along(x, told, turns, cloud)
        nowhere = cloud.length == 0
        some = torch.compiler.is_compiling() or bool(nowhere.any())
        apart = torch.where(nowhere[:, None], 0.0, told) if some else told
        y = self.along(x, apart, self._frames(cloud), cloud)
        if not some or self.at_zero is None:
            return y
        turns = Turns(told.new_ones(len(told), 1), self.get_buffer("into_zero"), None)
        told = torch.where(nowhere[:, None], told, 0.0)
        return y + along_edges(x, told, turns, self._weights("zero", self.at_zero), self._plan(self.at_zero, cloud))

    def along(self, x: Tensor, told: Tensor, turns: Turns, cloud: Cloud) -> Tensor:
        """The sums, given harmonics or frames of all edges."""
        return along_edges(x, told, turns, self._weights("block", self.form), self._plan(self.form, cloud))

    def _frames(self, cloud: Cloud) -> Turns:
        """Q and P of all edges: the entries of D_l(R), where they belong."""
        with in_full(cloud.vector):
            entries = torch.cat([d.flatten(1) for d in wigner_of_directions(self.form.degree, cloud.vector)], dim=1)
            into = (entries @ self.get_buffer("into")).unflatten(1, self.form.into.shape[1:])
            if self.there_and_back:
                return Turns(into, None, into.transpose(1, 2))
            assert self.form.back is not None, "a frame has a way back"
            return Turns(into, None, (entries @ self.get_buffer("back")).unflatten(1, self.form.back.shape[1:]))

    def _weights(self, name: str, form: Form) -> list[Tensor]:
        """Of each block a layer `[along·across·C, hidden]` on what is told."""
        tables = [self.get_buffer(f"{name}_{i}") for i in range(len(form.blocks))]
        return [(table @ self.weight).unflatten(1, (self.channels, -1)).flatten(0, 1) for table in tables]

    def _plan(self, form: Form, cloud: Cloud) -> Plan:
        rows = form.into.shape[1]
        weights = sum(block.along * block.across for block in form.blocks)
        widest = max(weights * self.channels, rows * self.channels, rows * form.into.shape[2])
        return Plan(form.blocks, rows, cloud.edges, max(LEAST, TOGETHER // widest))


def _is_there_and_back(form: Form) -> bool:
    """Whether P is the transpose of Q."""
    return form.back is not None and np.array_equal(form.into, form.back.transpose(0, 2, 1))
