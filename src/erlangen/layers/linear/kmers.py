"""Words of k nucleotides as the channels of DNA, so that a filter of one site reads k of them."""

from typing import Any

import torch
from torch import Tensor

from erlangen.domains import Dna
from erlangen.errors import InputError, SpaceError
from erlangen.given import whole
from erlangen.layers._base import Footprint, Layer, Reason, require_space
from erlangen.signal import Space


class Kmers(Layer):
    """y_{d_1 … d_k}(p) = x_{d_1}(p) … x_{d_k}(p + k − 1): which word of k letters begins at p; products of shares.

    The reverse complement of a word is another word, so the 4ᵏ channels are permuted.

    Shapes: `[b, 4, n]` → `[b, 4ᵏ, n − k + 1]`, words in the order of their letters, the first one counting most. On a
    ring (a plasmid) there are n words, k is odd, and at p stands the word whose middle is p. n ≥ k, else InputError.

    >>> import torch, erlangen as er
    >>> dna = er.Dna()
    >>> words = er.layers.Kmers(er.Space(dna, dna.natural_input(er.Mirror())), 2)
    >>> words(er.data.encode("ACA")[None]).nonzero().tolist()  # AC is word 1, CA word 4
    [[0, 1, 0], [0, 4, 1]]

    Mallet and Vert 2021.
    """

    built_from = ("source",)
    options = ("k",)
    because = Reason(
        prior="what a protein reads is words of several letters",
        law="the reverse complement carries words to words",
        reference="Mallet and Vert 2021",
    )

    def __init__(self, source: Space, k: int = 3):
        domain = require_space("Kmers", source).domain
        whole("k", k, SpaceError, mend="3 gives 64 words.")
        if not isinstance(domain, Dna) or source.rho != domain.natural_input(source.group) or k > 8:
            raise SpaceError(f"Kmers({source!r}, {k})", "the four nucleotides on er.Dna(), k up to 8", "Take it first.")
        if domain.boundary == "periodic" and k % 2 == 0:
            raise SpaceError(f"words of {k} letters on {domain!r}", "an odd k", "An even word has no middle letter.")
        super().__init__(source, Space(domain, domain.words(source.group, k)))
        self.k = k

    def admit(self, values: Tensor) -> Tensor:
        values = super().admit(values)
        if values.shape[-1] < self.k:
            raise InputError(f"{values.shape[-1]} letters", f"at least {self.k}", f"A word has {self.k}.")
        return values

    def compute(self, values: Tensor, support: Any = None) -> Tensor:
        half = self.k // 2
        if half and getattr(self.source.domain, "boundary", "") == "periodic":
            values = torch.cat([values[..., -half:], values, values[..., :half]], dim=-1)
        count = values.shape[-1] - self.k + 1
        words = values[..., :count]
        for j in range(1, self.k):
            words = (words[:, :, None] * values[:, None, :, j : j + count]).flatten(1, 2)
        return words

    def footprint(self) -> Footprint:
        return Footprint(self.k - 1)
