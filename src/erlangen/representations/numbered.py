"""Irreps that are known by their place in the list of their group's irreps, and how that list is sorted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from erlangen.representations.base import Irrep, Matrix


@dataclass(frozen=True, repr=False)
class Numbered(Irrep):
    """The irrep number `index` of a finite group, in the order that `in_order` gives."""

    index: int

    @property
    def name(self) -> str:
        return f"irrep({self.index})"


def in_order(dims: Sequence[int], characters: Matrix) -> list[int]:
    """Where to look for irrep 0, 1, 2, …: by dimension, then by character, the larger first, so trivial before all.

    Shapes: characters [irreps, classes], on the conjugacy classes in canonical order, compared to six digits."""
    rounded = (-characters.round(6)).tolist()
    return sorted(range(len(dims)), key=lambda i: (dims[i], *rounded[i]))
