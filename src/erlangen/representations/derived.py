"""Representations made of another one, on the same channels."""

from __future__ import annotations

from dataclasses import dataclass

from erlangen.representations.base import Representation


@dataclass(frozen=True, repr=False)
class Derived(Representation):
    """A representation that says ρ(g) by what `original` says: its dual, its restriction, another basis of it."""

    original: Representation

    @property
    def dim(self) -> int:
        return self.original.dim
