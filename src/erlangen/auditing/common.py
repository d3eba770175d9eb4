"""Where an answer or an input moves by a representation of another group than the one asked about.

A representation ρ of H says how channels move under h. An element g of another group is judged by ρ where it moves the
domain as exactly one h of H does; the elements for which there is such an h are the common subgroup of the two.
"""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from erlangen.domains import Domain, Lattice
from erlangen.domains import counterpart as counterpart
from erlangen.errors import MissingError, TaskError
from erlangen.groups import SO, C, D, Group, Mirror, Trivial
from erlangen.representations import Representation
from erlangen.representations.tangent import Tangent

_SAME = 1e-6
_LARGEST_LISTED = 2000


def common_group(domain: Domain, asked: Group, others: Sequence[Group]) -> Group:
    """The elements of `asked` with a counterpart in every one of `others`, as a group with a name where it has one.

    >>> from erlangen.domains import Grid
    >>> common_group(Grid(2), D(4), [C(8)]), common_group(Grid(2), SO(2), [D(4)])
    (C(4), C(4))
    """
    needed = (asked, *others)
    whole = next((k for k in needed if _within(domain, k, needed)), None)
    if whole is not None:
        return whole
    finite = next((k for k in needed if k.order is not None and k.order <= _LARGEST_LISTED), None)
    if finite is None:
        return SO(2) if _within(domain, SO(2), needed) else Trivial()
    kept = [g for g in finite.elements if all(counterpart(domain, k, g) is not None for k in needed)]
    named = [k for k in _named(len(kept)) if _within(domain, k, needed)]
    return named[0] if named else finite.subgroup(*(g for g in kept if g != finite.identity))


def extended(domain: Domain, rho: Representation, group: Group) -> Representation | None:
    """The representation of `group` that is the plain reading of ρ there: trivial, sign or standard, field by field.

    None where a field is none of these, or where `group` does not contain the whole group of ρ.

    >>> from erlangen.domains import Grid
    >>> extended(Grid(2), 2 * C(4).trivial + C(4).standard, SO(2))
    2 × trivial + standard of SO(2)
    """
    if not _within(domain, rho.group, (group,)):
        return None
    total: Representation | None = None
    for field, times in rho.fields:
        alike = next((sigma for sigma in _plain(group) if _restricts(domain, sigma, field)), None)
        if alike is None:
            return None
        total = times * alike if total is None else total + times * alike
    return total


def refuse_extendable(domain: Domain, asked: Group, role: str, rho: Representation, pooled: bool = False) -> None:
    """Raise a TaskError that offers the plain reading of ρ under the group asked about, where there is one."""
    wider = extended(domain, rho, asked)
    if wider is None:
        return
    parts = [f"{times} * {_written(domain, asked, field)}" for field, times in wider.fields]
    written = " + ".join(part.removeprefix("1 * ") for part in parts)
    value = f"er.Equivariant({written}{', pooled=True' * pooled})" if role == "output" else written
    raise TaskError(
        f"an {role} that moves by {rho}, audited under {asked!r}",
        f"a representation of {asked!r}, which says how all of its elements move the {role}",
        f"Pass {role}={value}, which is the same on {rho.group!r}; or audit under {rho.group!r}.",
    )


def _written(domain: Domain, asked: Group, field: Representation) -> str:
    """The call that gives a field."""
    return f"er.{domain!r}.vectors(er.{asked!r})" if isinstance(field, Tangent) else f"er.{asked!r}.{field.name}"


def _within(domain: Domain, group: Group, others: Sequence[Group]) -> bool:
    """Whether the domain knows the group and every one of its elements has a counterpart in all the others."""
    if isinstance(domain, Lattice) and domain.cartesian(group.identity) is None:
        return False
    return all(counterpart(domain, k, g) is not None for k in others for g in (group.identity, *group.generators))


def _plain(group: Group) -> list[Representation]:
    found = [group.trivial]
    with suppress(MissingError):
        found.append(group.sign)
    return [*found, group.standard, Tangent(group)]


def _restricts(domain: Domain, wide: Representation, rho: Representation) -> bool:
    """Whether `wide`, on the counterparts of the generators of ρ's group, is ρ."""
    if wide.dim != rho.dim or isinstance(wide, Tangent) or isinstance(rho, Tangent):
        return isinstance(wide, Tangent) and isinstance(rho, Tangent)
    pairs = [(counterpart(domain, wide.group, h), h) for h in rho.group.generators]
    return all(g is not None and np.allclose(wide(g), rho(h), atol=_SAME) for g, h in pairs)


def _named(order: int) -> list[Group]:
    """Groups of that order with names of their own."""
    halves: list[Group] = [D(order // 2)] if order % 2 == 0 else []
    small: list[Group] = {1: [Trivial()], 2: [Mirror()]}.get(order, [])
    return [*small, C(order), *halves]
