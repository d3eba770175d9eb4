"""Two lines with a meaning: DNA, read from either strand, and time, which has a direction."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from erlangen.domains.lattice import Lattice
from erlangen.errors import DomainError

if TYPE_CHECKING:
    from torch import Tensor

    from erlangen.domains.clock import Clock
    from erlangen.domains.deformations import Deformations
    from erlangen.groups import Group
    from erlangen.representations import Representation

BESIDE = ("dt", "holds", "lengths")  # what goes beside the values of a sequence


@dataclass(frozen=True, repr=False)
class Dna(Lattice):
    """The line with H = {1, reverse complement}: the mirror flips the line and swaps A ↔ T, C ↔ G.

    Shapes: `[batch, 4, length]`, channels A, C, G, T; the complement of channel i is 3 − i.

    >>> import torch
    >>> from erlangen.groups import Mirror
    >>> from erlangen.signal import Space
    >>> x = torch.eye(4)[None]                        # the sequence ACGT is its own reverse complement
    >>> H = Dna().natural_symmetry()
    >>> bool((Space(Dna(), Dna().natural_input(H)).act(H.generators[0], x) == x).all())
    True
    """

    dim: int = 1

    def __post_init__(self) -> None:
        _one_dimensional(self)
        super().__post_init__()

    def deformations(self, size: tuple[int, ...], count: int, seed: int = 0) -> "Deformations":
        """Refused: letters stand at whole places, and nothing lies between two of them."""
        raise DomainError(
            f"a deformation of {self!r}",
            "a domain whose signals are sampled functions",
            "For a measured signal along the strand, such as a coverage, declare er.Grid(1).",
        )

    def natural_symmetry(self) -> "Group":
        from erlangen.groups import Mirror

        return Mirror()

    def words(self, group: "Group", k: int) -> "Representation":
        """The 4ᵏ words of k letters, the first letter counting most; the mirror reads each on the other strand.

        >>> from erlangen.groups import Mirror
        >>> int(Dna().words(Mirror(), 2).permutation(Mirror().generators[0])[1])  # AC, which is GT there
        11
        """
        import numpy as np

        from erlangen.representations import from_permutations

        if group.order == 1:
            return 4**k * group.trivial
        digits = np.stack(np.unravel_index(np.arange(4**k), (4,) * k))
        there = np.atleast_1d(np.ravel_multi_index(tuple(3 - digits[::-1]), (4,) * k))
        return from_permutations(group, [tuple(int(word) for word in there)])

    def natural_input(self, group: "Group") -> "Representation | None":
        """The four nucleotides, on which the mirror acts as the complement."""
        import numpy as np

        from erlangen.groups import Mirror
        from erlangen.representations import from_matrices

        if group.order == 1:
            return 4 * group.trivial
        return from_matrices(group, [np.eye(4)[::-1]]) if group == Mirror() else None


@dataclass(frozen=True, repr=False)
class Sequence(Lattice):
    """Time: the line with a direction. Layers look only back, and the past before the first step is zeros.

    Shapes: `[batch, channel, time]`. No group but shifts maps it to itself; `er.Grid(1)` is the line without direction.

    >>> import torch, erlangen as er
    >>> net = er.derive(er.Task(er.Sequence(), input=3, output=er.Equivariant(2))).eval()
    >>> x = torch.randn(1, 3, 20)
    >>> torch.equal(net(x)[..., :10], net(torch.cat([x[..., :10], 0 * x[..., 10:]], -1))[..., :10])  # no look ahead
    True
    """

    dim: int = 1

    causal = True

    def __post_init__(self) -> None:
        _one_dimensional(self)
        if self.boundary != "open":
            raise DomainError("a periodic Sequence", "an open one", "A closed ring in time is er.Grid(1, 'periodic').")
        super().__post_init__()

    def minimum_size(self, halvings: int, reach: int = 0) -> int:
        """One step is a sequence: there are no coarser ones to keep two of."""
        return 1

    def opened(self, data: "Any") -> "tuple[Any, dict[str, Any]]":
        """Of a PackedSequence the values `[b, c, T]` and lengths; of what has x its x, and of dt, holds, lengths what
        it has."""
        from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

        from erlangen.domains.packed import attribute

        if isinstance(data, PackedSequence):
            padded, lengths = pad_packed_sequence(data, batch_first=True)
            return padded.transpose(1, 2), {"lengths": lengths}
        if attribute(data, "x") is None:
            return data, {}
        beside = {name: attribute(data, name) for name in BESIDE}
        return attribute(data, "x"), {name: value for name, value in beside.items() if value is not None}

    def support_of(self, values: "Tensor", given: "dict[str, Any]") -> "Clock | None":
        """`dt` `[b, T]`, how long each step is; `holds` `[b, T]`, which of them hold one value; `lengths` `[b]`."""
        from erlangen.domains.clock import read_clock
        from erlangen.errors import InputError

        unknown = [name for name in given if name not in BESIDE]
        if unknown:
            raise InputError(f"{', '.join(unknown)} on {self!r}", ", ".join(BESIDE), "The values are x.")
        return read_clock(values, **given)

    def present(self, values: "Tensor", support: "Clock | None") -> "Tensor | None":
        """Which steps are of their sequence, `[b, T]`; what stands behind its end is nothing."""
        from erlangen.domains.clock import there

        return there(values.shape[-1], support)

    def mean(self, values: "Tensor", support: "Clock | None" = None) -> "Tensor":
        inside = self.present(values, support)
        if inside is None:
            return super().mean(values)
        return values.masked_fill(~inside[:, None], 0.0).sum(-1) / inside.sum(1, keepdim=True).to(values.dtype)

    def greatest(self, values: "Tensor", support: "Clock | None" = None) -> "Tensor":
        inside = self.present(values, support)
        if inside is None:
            return super().greatest(values)
        return values.masked_fill(~inside[:, None], -float("inf")).amax(-1)

    def coarser(self) -> "Lattice":
        """Refused: the mean of two steps in time looks ahead of the first."""
        raise DomainError(f"a coarser {self!r}", "time at its own steps", "Look further back by dilation instead.")


def _one_dimensional(domain: Lattice) -> None:
    if domain.dim != 1:
        raise DomainError(f"dim={domain.dim} for {type(domain).__name__}", "a line", "Leave dim out.")
