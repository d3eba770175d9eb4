"""The product of what a neighbour says with the harmonics of where it is: all equivariant ones, a weight each."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from erlangen.domains import Points
from erlangen.domains.cloud import Cloud
from erlangen.errors import SpaceError
from erlangen.layers._constants import Constants
from erlangen.layers.linear._along_edges import Plan, Turns, along_edges
from erlangen.layers.linear._cuequivariance import Terms, has_kernels, require_cuequivariance, sums_of
from erlangen.layers.linear._weighing import Apart, Mixed, Weighing
from erlangen.solve.angular import harmonics_on
from erlangen.solve.edge_products import (
    CUEQUIVARIANCE,
    FRAME,
    Block,
    Fields,
    Form,
    choose_form,
    direct_form,
    forms_of,
    products_of,
)
from erlangen.solve.spherical import in_full
from erlangen.solve.wigner import wigner_of_directions

TOGETHER = 1 << 19  # numbers of the widest array in between, for edges that pass together
LEAST = 32  # so many edges at least


class EdgeProduct(Constants, ABC):
    """y_i = Σ_j Σ_p w_p(t_ij) B_p (x_j ⊗ Y_l(u_ij)), p all products from `fields[0]` into `fields[1]`.

    What w is, subclasses say. `fields` are those that products join, of those given the `heard` and the `reached`.
    With x, Y, t of second moment 1 so is every term of the sum over j.

    Shapes: x `[n, Σ d_in, C]`, t `[E, hidden]` → `[n, Σ d_out, C]`. `way` is "direct", "frame", "cuequivariance", or
    None for the one of less work; `why` says which it is.
    """

    mixes: ClassVar[bool]
    weight: nn.Parameter

    def __init__(
        self,
        fields: tuple[Fields, Fields],
        channels: int,
        domain: Points,
        highest: int,
        hidden: int,
        way: str | None = None,
    ):
        super().__init__()
        found = products_of(*fields, domain, highest)
        if not found:
            given = f"a convolution from {[field.name for field in fields[0]]} with harmonics up to degree {highest}"
            raise SpaceError(given, "fields that harmonics join to those of the target", "Take a greater highest=….")
        self.heard, self.reached = sorted({p.source for p in found}), sorted({p.target for p in found})
        self.domain, self.channels, self.hidden = domain, channels, hidden
        self.fields = tuple(fields[0][i] for i in self.heard), tuple(fields[1][c] for c in self.reached)
        self.products = products_of(*self.fields, domain, highest)
        forms = forms_of(self.products, self.fields, domain)
        self.way, own = way, None if way == CUEQUIVARIANCE else way
        self.form, self.counted = choose_form(forms, own, hidden, channels if self.mixes else 0)
        self.terms = self._terms()
        if way == CUEQUIVARIANCE:
            require_cuequivariance()
        self.there_and_back = _is_there_and_back(self.form)
        self.at_zero = self._where_directions_are_none()
        self._start()
        self.hold(self._tables())

    @property
    def why(self) -> str:
        """Which form it takes where its weights are, and why."""
        if not self._is_polynomial():
            return self.counted
        kind = f"{CUEQUIVARIANCE}: one polynomial of {self.terms.coefficients} coefficients"
        own = f"{self.form.name} where it is compiled or exported"
        if self.way is None:
            return f"{kind}, on this GPU, for {self.form.multiply_adds} multiply-adds; {own}"
        return f"{kind}, as asked; {own}"

    def _is_polynomial(self) -> bool:
        """Where that is asked for, and by itself on a GPU with its kernels, if it is less work and sums may come in any
        order. What is compiled or exported is made of torch's own operations."""
        if torch.compiler.is_compiling() or self.way is not None:
            return not torch.compiler.is_compiling() and self.way == CUEQUIVARIANCE
        free = has_kernels(self.weight.device) and not torch.are_deterministic_algorithms_enabled()
        return free and self.terms.coefficients < self.form.multiply_adds

    def _where_directions_are_none(self) -> Form | None:
        """What is left of a frame for edges of no length: products with Y_0, if there are any."""
        if self.form.name != FRAME or all(p.degree for p in self.products):
            return None
        return direct_form([p if p.degree == 0 else None for p in self.products], self.fields, self.domain)

    def _tables(self) -> dict[str, np.ndarray]:
        made = {"into": self.form.into.reshape(len(self.form.into), -1)}
        if self.form.back is not None and not self.there_and_back:
            made["back"] = self.form.back.reshape(len(self.form.back), -1)
        if self.at_zero is not None:
            made["into_zero"] = self.at_zero.into.reshape(len(self.at_zero.into), -1)
        for name, form in (("block", self.form), ("zero", self.at_zero)):
            if form is None:
                continue
            rows = [field for block in form.blocks for field in block.times * block.sources]
            made["sources" if name == "block" else "sources_zero"] = np.array(rows, dtype=np.int64)
            for i, block in enumerate(form.blocks):
                made[f"{name}_{i}"] = block.table.reshape(-1, len(self.products))
        return made

    def forward(self, x: Tensor, told: Tensor, cloud: Cloud) -> Tensor:
        """The sums at every point, in the precision of the weights whatever autocast says."""
        with in_full(x):
            x, told = x.to(self.weight.dtype), told.to(self.weight.dtype)
            if self._is_polynomial() and len(told):
                y = harmonics_on(self.domain, self.terms.highest, cloud.vector)
                return self._joined(sums_of(self.terms, self._numbers(told), x, y, cloud.edges))
            in_frames = self.form.name == FRAME
            return self._in_frames(x, told, cloud) if in_frames else self.along(x, told, self.turns(cloud), cloud)

    def _in_frames(self, x: Tensor, told: Tensor, cloud: Cloud) -> Tensor:
        """Edges of no length have no frame: for them all harmonics but the first are zero."""
        nowhere = (cloud.length == 0)[:, None]
        if not torch.compiler.is_compiling() and not bool(nowhere.any()):
            return self.along(x, told, self.turns(cloud), cloud)
        y = self.along(x, torch.where(nowhere, 0.0, told), self.turns(cloud), cloud)
        if self.at_zero is None:
            return y
        turns = Turns(told.new_ones(told.shape[0], 1), self.get_buffer("into_zero"), None)
        weights, plan = self._weights("zero", self.at_zero.blocks), self._plan(self.at_zero, cloud)
        return y + along_edges(x, torch.where(nowhere, told, 0.0), turns, weights, plan)

    def along(self, x: Tensor, told: Tensor, turns: Turns, cloud: Cloud) -> Tensor:
        """The sums, given what `turns` says of all edges."""
        return along_edges(x, told, turns, self._weights("block", self.form.blocks), self._plan(self.form, cloud))

    def turns(self, cloud: Cloud) -> Turns:
        """Harmonics of all edges, or the entries of D_l(R) where they belong."""
        if self.form.name != FRAME:
            return Turns(harmonics_on(self.domain, self.form.degree, cloud.vector), self.get_buffer("into"), None)
        entries = torch.cat([d.flatten(1) for d in wigner_of_directions(self.form.degree, cloud.vector)], dim=1)
        into = (entries @ self.get_buffer("into")).unflatten(1, self.form.turned)
        if self.there_and_back:
            return Turns(into, None, into.transpose(1, 2))
        assert self.form.returned is not None, "a frame has a way back"
        return Turns(into, None, (entries @ self.get_buffer("back")).unflatten(1, self.form.returned))

    def _plan(self, form: Form, cloud: Cloud) -> Plan:
        weighing, (rows, width) = self._weighing(form.blocks), form.turned
        widest = max(weighing.widest(self.channels), rows * self.channels, rows * width)
        return Plan(weighing, rows, cloud.edges, max(LEAST, TOGETHER // widest))

    @abstractmethod
    def _start(self) -> None:
        """Make the weights."""

    @abstractmethod
    def _terms(self) -> Terms:
        """The products as one polynomial."""

    @abstractmethod
    def _numbers(self, told: Tensor) -> Tensor:
        """What weighs its terms along each edge, `[E, a·C]`."""

    def _joined(self, sums: Tensor) -> Tensor:
        """What becomes of its sums, `[n, Σ d_out, C]`."""
        return sums

    @abstractmethod
    def _weighing(self, blocks: tuple[Block, ...]) -> Weighing:
        """How rows of these blocks are weighed."""

    @abstractmethod
    def _weights(self, name: str, blocks: Sequence[Block]) -> list[Tensor]:
        """And by which weights, given the name of the blocks' tables."""


class DepthwiseProduct(EdgeProduct):
    """w_p(t) = V_p t, one number for each channel, which stay apart."""

    mixes = False

    def _start(self) -> None:
        size = len(self.products), self.channels * self.hidden
        self.weight = nn.Parameter(torch.randn(*size) * self.hidden**-0.5)

    def _terms(self) -> Terms:
        each, targets = range(len(self.products)), (product.target for product in self.products)
        return Terms(self.products, tuple(each), tuple(targets), self.domain)

    def _numbers(self, told: Tensor) -> Tensor:
        return told @ self.weight.reshape(-1, self.hidden).t()

    def _weighing(self, blocks: tuple[Block, ...]) -> Weighing:
        return Apart(blocks)

    def _weights(self, name: str, blocks: Sequence[Block]) -> list[Tensor]:
        """Of each block `[along·across·C, hidden]`."""
        tables = [self.get_buffer(f"{name}_{i}") for i in range(len(blocks))]
        return [(table @ self.weight).unflatten(1, (self.channels, -1)).flatten(0, 1) for table in tables]


class MixingProduct(EdgeProduct):
    """w_p(t) = W_p diag(S_i t), i the field that p comes from: its channels are scaled, and then mixed by W_p."""

    mixes = True

    def _start(self) -> None:
        c, fields = self.channels, len(self.fields[0])
        self.weight = nn.Parameter(torch.randn(len(self.products), c * c) * c**-0.5)
        self.scale = nn.Parameter(torch.randn(fields * c, self.hidden) * self.hidden**-0.5)

    def _terms(self) -> Terms:
        each, sources = range(len(self.products)), (product.source for product in self.products)
        return Terms(self.products, tuple(sources), tuple(each), self.domain)

    def _numbers(self, told: Tensor) -> Tensor:
        return told @ self.scale.t()

    def _joined(self, sums: Tensor) -> Tensor:
        """Mixed once they are summed: W_p is the same for all edges."""
        parts = sums.split_with_sizes([len(product.map) for product in self.products], 1)
        matrices = self.weight.unflatten(1, (self.channels, -1)).transpose(1, 2)
        targets: list[list[Tensor]] = [[] for _ in self.fields[1]]
        for product, part, matrix in zip(self.products, parts, matrices, strict=True):
            targets[product.target].append(part @ matrix)
        return torch.cat([torch.stack(mixed).sum(0) for mixed in targets], dim=1)

    def _weighing(self, blocks: tuple[Block, ...]) -> Weighing:
        return Mixed(blocks, self.get_buffer("sources" if blocks is self.form.blocks else "sources_zero"))

    def _weights(self, name: str, blocks: Sequence[Block]) -> list[Tensor]:
        """S, and of each block `[along·C, across·C]`."""
        c, made = self.channels, list[Tensor]([self.scale])
        for i, block in enumerate(blocks):
            full = (self.get_buffer(f"{name}_{i}") @ self.weight).unflatten(1, (c, c))
            full = full.unflatten(0, (block.along, block.across))
            made.append(full.transpose(1, 2).flatten(2).flatten(0, 1))
        return made


def _is_there_and_back(form: Form) -> bool:
    """Whether P is the transpose of Q."""
    return form.back is not None and np.array_equal(form.into, form.back.transpose(0, 2, 1))
