"""Signed permutations of the channels: ρ(g) e_j = ±e_{g·j}; of groups of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from erlangen.groups import Element, Group
from erlangen.groups.base import as_group
from erlangen.representations.actions import Action, from_permutations
from erlangen.representations.base import TOLERANCE, Images, Matrix, Representation


@dataclass(frozen=True, repr=False)
class SignedAction(Representation):
    """ρ(g) e_j = ±e_{g·j}, as a permutation of the 2n points +e_0, …, +e_{n−1}, −e_0, …, −e_{n−1}."""

    both: Action

    @property
    def dim(self) -> int:
        return self.both.dim // 2

    @property
    def name(self) -> str:
        return f"signed action on {self.dim} channels"

    def _matrix(self, g: Element) -> Matrix:
        n, matrix = self.dim, np.zeros((self.dim, self.dim))
        images = self.both._images(g)[:n]
        matrix[images % n, np.arange(n)] = np.where(images < n, 1.0, -1.0)
        return matrix

    @cached_property
    def generator_images(self) -> tuple[Images, ...] | None:
        n = self.dim
        images = [image[:n] for image in self.both.generator_images]
        return tuple(images) if all((image < n).all() for image in images) else None

    def _images(self, g: Element) -> Images | None:
        images = self.both._images(g)[: self.dim]
        return images if (images < self.dim).all() else None


def from_signed_permutations(group: Group, images: Sequence[Images], signs: Sequence[Images]) -> SignedAction:
    """The representation whose generators move channels and change signs: ρ(s) e_j = signs[j] e_{images[j]}.

    Errors: as `from_permutations`, of which it is one on twice as many points.

    >>> import numpy as np, erlangen as er
    >>> rho = from_signed_permutations(er.C(4), [np.array([1, 0])], [np.array([1, -1])])
    >>> bool((rho(er.C(4).generators[0]) == er.C(4).standard(er.C(4).generators[0])).all())
    True"""
    as_group(group, "the group of an action")
    both = []
    for image, sign in zip(images, signs, strict=True):
        n = len(image)
        plus = np.where(sign > 0, image, image + n)
        both.append(np.concatenate([plus, (plus + n) % (2 * n)]))
    return SignedAction(group, from_permutations(group, both))


def read_signed(matrix: Matrix) -> tuple[Images, Images] | None:
    """The images and signs of a matrix with one entry ±1 in every row and column, None where it is none such."""
    images = np.abs(matrix).argmax(axis=0)
    signs = matrix[images, np.arange(matrix.shape[1])]
    exact = np.zeros_like(matrix)
    exact[images, np.arange(matrix.shape[1])] = np.where(signs > 0, 1.0, -1.0)
    bijective = len(set(images.tolist())) == len(images)
    return (images, np.where(signs > 0, 1, -1)) if bijective and np.abs(exact - matrix).max() < TOLERANCE else None
