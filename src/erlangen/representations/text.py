"""Representations as data that JSON can hold, and back. A numerically found irrep carries its generators' matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from erlangen.errors import RecipeError, SymmetryError
from erlangen.groups import Group
from erlangen.groups.text import group_from_data, group_to_data
from erlangen.representations.actions import Action, from_permutations
from erlangen.representations.base import Representation
from erlangen.representations.external import External, external
from erlangen.representations.found import FoundIrrep
from erlangen.representations.given import Given, from_matrices, read_square
from erlangen.representations.irreps import irrep
from erlangen.representations.named import Regular, Sign, Standard, Trivial, regular, sign, standard, trivial
from erlangen.representations.numbered import Numbered
from erlangen.representations.orthogonal import Orthogonalized
from erlangen.representations.planar import PlanarIrrep
from erlangen.representations.products import Dual, Tensor
from erlangen.representations.signed import SignedAction
from erlangen.representations.spatial import SpatialIrrep
from erlangen.representations.subgroups import Induced, Quotient, Restricted, quotient
from erlangen.representations.sums import Sum, direct_sum, multiple
from erlangen.representations.tangent import Tangent, tangent

NAMED: dict[str, Callable[[Group], Representation]] = {
    "trivial": trivial,
    "standard": standard,
    "sign": sign,
    "regular": regular,
    "tangent": tangent,
}


def representation_to_data(rho: Representation) -> Any:
    """ρ as strings, numbers, lists and dicts, without its group, which is written once elsewhere.

    >>> from erlangen.groups import C
    >>> representation_to_data(2 * C(4).regular + C(4).irrep(1))
    {'sum': [[2, 'regular'], [1, {'irrep': [1]}]]}"""
    match rho:
        case Trivial() | Standard() | Sign() | Regular() | Tangent():
            return rho.name
        case PlanarIrrep() | SpatialIrrep():
            return {"irrep": list(rho.labels)}
        case FoundIrrep():
            return {"irrep": [rho.index], "matrices": rho.values.tolist()}
        case Numbered():
            return {"irrep": [rho.index]}
        case Given():
            return {"matrices": [[list(row) for row in matrix] for matrix in rho.values]}
        case Action():
            return {"permutations": [list(images) for images in rho.images], "points": rho.points}
        case SignedAction():
            return {"signed": representation_to_data(rho.both)}
        case Sum():
            return {"sum": [[times, representation_to_data(part)] for part, times in rho.runs]}
        case Tensor():
            return {"tensor": [representation_to_data(rho.left), representation_to_data(rho.right)]}
        case External():
            return {"external": [_with_group(part) for part in rho.parts]}
        case Dual():
            return {"dual": representation_to_data(rho.original)}
        case Orthogonalized():
            return {"orthogonalized": representation_to_data(rho.original)}
        case Quotient():
            return {"quotient": group_to_data(rho.subgroup)}
        case Restricted():
            return {"restrict": _with_group(rho.original)}
        case Induced():
            return {"induce": _with_group(rho.original)}
    raise RecipeError(
        f"{rho}", "a representation made by this library", "Pass its generator matrices to `from_matrices`."
    )


def representation_from_data(data: Any, group: Group) -> Representation:
    """The inverse of `representation_to_data`. Errors: RecipeError for data that say nothing of this group.

    >>> from erlangen.groups import C
    >>> representation_from_data({"sum": [[2, "regular"], [1, {"irrep": [1]}]]}, C(4))
    2 × regular + irrep(1) of C4"""
    try:
        return _read(data, group)
    except RecipeError:
        raise
    except (SymmetryError, KeyError, TypeError, ValueError, AttributeError) as failure:
        raise _damaged(data, group) from failure


def _read(data: Any, group: Group) -> Representation:
    if isinstance(data, str):
        return NAMED[data](group)
    if "irrep" in data and "matrices" in data:
        return _found(data, group)
    if "permutations" in data:
        return from_permutations(group, data["permutations"], data["points"])
    ((kind, content),) = data.items()
    match kind:
        case "irrep":
            return irrep(group, *content)
        case "matrices":
            return from_matrices(group, content)
        case "signed":
            return SignedAction(group, from_permutations(group, content["permutations"], content["points"]))
        case "sum":
            return direct_sum(*(run for times, part in content for run in multiple(_read(part, group), times)))
        case "tensor":
            left, right = content
            return Tensor(group, _read(left, group), _read(right, group))
        case "external":
            return external(*(_read(part["representation"], _group(part["group"])) for part in content))
        case "dual":
            return _read(content, group).dual
        case "orthogonalized":
            return _read(content, group).orthogonalized()
        case "quotient":
            return quotient(group, _group(content))
        case "restrict":
            return _read(content["representation"], _group(content["group"])).restrict(group)
        case "induce":
            return _read(content["representation"], _group(content["group"])).induce(group)
    raise _damaged(data, group)


def _found(data: dict[str, Any], group: Group) -> FoundIrrep:
    """The irrep in the basis that was saved, which need not be the one that this machine would find."""
    (index,) = data["irrep"]
    from_matrices(group, data["matrices"])  # refuses what is no representation
    return FoundIrrep(group, int(index), read_square(data["matrices"], len(group.generators)))


def _group(data: Any) -> Group:
    group = group_from_data(data)
    if not isinstance(group, Group):
        raise RecipeError(f"{group!r}", "a group with elements", "Only a symmetry of a task may be a mere declaration.")
    return group


def _with_group(rho: Representation) -> dict[str, Any]:
    return {"group": group_to_data(rho.group), "representation": representation_to_data(rho)}


def _damaged(data: Any, group: Group) -> RecipeError:
    return RecipeError(
        f"{str(data)[:80]!r} as a representation of {group}",
        "what `representation_to_data` writes for this group",
        "The file is damaged, or the recipe is of another group.",
    )
