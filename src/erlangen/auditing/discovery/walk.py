"""Up the lattice: small groups first, what contains a broken group is broken, and Holm's correction for many tests."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from erlangen.auditing.discovery.nodes import Node

T = TypeVar("T")


def holm(p: Mapping[T, float], tests: int) -> dict[T, float]:
    """p̃_(i) = max_{j ≤ i} min(1, (m − j + 1) p_(j)) over p_(1) ≤ p_(2) ≤ …; rejecting p̃ ≤ α errs with chance ≤ α.

    `tests` is m; those that are not in `p` count as p = 1, which can only make the others larger.

    Source: Holm 1979, A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03}, 3)
    {'a': 0.03, 'c': 0.06, 'b': 0.06}
    """
    adjusted, largest = {}, 0.0
    for i, name in enumerate(sorted(p, key=lambda name: p[name])):
        largest = max(largest, min(1.0, (tests - i) * p[name]))
        adjusted[name] = largest
    return adjusted


def walk(nodes: Sequence[Node], p_of: Callable[[Node], float], alpha: float) -> dict[Node, float]:
    """Holm's p-values of the nodes that were tested: all but those that contain one already rejected.

    A group that contains a broken one is broken by logic, not by a test; its p counts as 1, so that the chance of any
    false rejection stays α whatever the walk leaves out.
    """
    raw: dict[Node, float] = {}
    for order in sorted({node.order for node in nodes}):
        broken = rejected(holm(raw, len(nodes)), alpha)
        for node in (n for n in nodes if n.order == order):
            if not any(node.contains(other) for other in broken):
                raw[node] = p_of(node)
    return holm(raw, len(nodes))


def rejected(adjusted: Mapping[Node, float], alpha: float) -> list[Node]:
    """The nodes that Holm's procedure rejects."""
    return [node for node, p in adjusted.items() if p <= alpha]
