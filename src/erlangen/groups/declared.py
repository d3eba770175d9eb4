"""Symmetries named in a task or an audit that act on domains of every size: no list of elements goes with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class Declaration:
    """A symmetry that a domain knows how to keep; equal by kind and options.

    >>> import erlangen as er
    >>> isinstance(er.Isometries(), er.groups.Declaration), er.Isometries() == er.Isometries(oriented=True)
    (True, False)
    """

    is_declaration: ClassVar[bool] = True

    def __str__(self) -> str:
        return repr(self)


@dataclass(frozen=True)
class Translations(Declaration):
    """(t·x)(u) = x(u − t): shifts of a grid, a sequence or a point cloud.

    >>> Translations().is_declaration
    True
    """


@dataclass(frozen=True)
class Relabelling(Declaration):
    """(π·x)(π(u)) = x(u): the order in which the points of a set or the nodes of a graph are stored means nothing.

    >>> Relabelling() == Relabelling()
    True
    """


@dataclass(frozen=True)
class RigidMotions(Declaration):
    """u ↦ R u + t, det R = 1: a shape may be turned and moved as a whole.

    >>> RigidMotions()
    RigidMotions()
    """


@dataclass(frozen=True)
class Isometries(Declaration):
    """φ : M → M′ that keeps all distances within the surface: the shape may be bent, not stretched.

    With `oriented`, φ keeps left and right as well.

    >>> Isometries(oriented=True)
    Isometries(oriented=True)
    """

    oriented: bool = False


@dataclass(frozen=True)
class TimeWarp(Declaration):
    """x ↦ x ∘ c for increasing c: a signal may run faster or slower. (Tallec, Ollivier 2018, arXiv:1804.11188.)

    >>> TimeWarp()
    TimeWarp()
    """
