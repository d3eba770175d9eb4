"""Nonsense given to groups and representations: refused in one voice, with what was given and the mend."""

# pyright: reportArgumentType=false, reportOperatorIssue=false, reportCallIssue=false

from collections.abc import Callable

import numpy as np
import pytest

import erlangen as er
from erlangen.errors import GroupError, RepresentationError, SymmetryError
from erlangen.groups import SO, C, D, DirectProduct, Group, O, S, Subgroup, Translations, semidirect, wreath
from erlangen.representations import direct_sum, from_matrices, intertwiner_basis, pair_orbits

NAN = float("nan")
C4, D4, S3, SO2, SO3 = C(4), D(4), S(3), SO(2), SO(3)
RHO, G = D4.regular, D4.generators[0]
QUARTER = [[0, -1], [1, 0]]

CASES: dict[str, tuple[Callable[[], object], type[SymmetryError], str]] = {
    # --- representations made of others ---
    "tensor of a number": (lambda: RHO.tensor(2), RepresentationError, "2 as a representation"),
    "tensor of a group": (lambda: RHO.tensor(D4), RepresentationError, "a representation"),
    "tensor over another group": (lambda: RHO.tensor(C4.regular), RepresentationError, "one group"),
    "restrict to text": (lambda: RHO.restrict("x"), GroupError, "a group with elements"),
    "restrict to a representation": (lambda: RHO.restrict(RHO), GroupError, "a group with elements"),
    "restrict to a declaration": (lambda: RHO.restrict(Translations()), GroupError, "only declared"),
    "restrict to a stranger": (lambda: RHO.restrict(C(3)), RepresentationError, "subgroup"),
    "induce to text": (lambda: RHO.induce("x"), GroupError, "a group with elements"),
    "induce to a stranger": (lambda: RHO.induce(C(3)), RepresentationError, "subgroup"),
    "induce to infinitely many cosets": (lambda: C4.irrep(1).induce(SO2), RepresentationError, "finitely many"),
    "quotient by a number": (lambda: D4.quotient(3), GroupError, "3 as a subgroup"),
    "quotient by nothing": (lambda: D4.quotient(None), GroupError, "a group with elements"),
    "quotient by a stranger": (lambda: D4.quotient(C(3)), RepresentationError, "subgroup"),
    "plus a number": (lambda: RHO + 1, RepresentationError, "1 as a summand"),
    "a number plus": (lambda: 1 + RHO, RepresentationError, "1 as a summand"),
    "plus a group": (lambda: RHO + D4, RepresentationError, "a summand"),
    "plus over another group": (lambda: RHO + C4.regular, RepresentationError, "one group"),
    "times a fraction": (lambda: RHO * 2.5, RepresentationError, "whole number of copies"),
    "a fraction times": (lambda: np.float64(2.5) * RHO, RepresentationError, "whole number of copies"),
    "times text": (lambda: RHO * "a", RepresentationError, "whole number of copies"),
    "times a representation": (lambda: RHO * RHO, RepresentationError, "rho.tensor"),
    "no copies": (lambda: RHO * 0, RepresentationError, "at least one copy"),
    "fewer than none": (lambda: -1 * RHO, RepresentationError, "at least one copy"),
    "an empty sum": (lambda: direct_sum(), RepresentationError, "at least one summand"),
    "a run of half a copy": (lambda: direct_sum((RHO, 1.5)), RepresentationError, "whole number of copies"),
    "a run of no copies": (lambda: direct_sum((RHO, 0)), RepresentationError, "at least one copy"),
    "a run of numbers": (lambda: direct_sum((3, 1)), RepresentationError, "3 as a summand"),
    "matrices of no group": (lambda: from_matrices(3, []), GroupError, "a group with elements"),
    "no matrices": (lambda: from_matrices(D4, None), RepresentationError, "square matrices"),
    "matrices that are not finite": (lambda: from_matrices(D4, [[[1]], [[NAN]]]), RepresentationError, "finite"),
    "matrices that do not multiply so": (lambda: from_matrices(D4, [[[1]], [[2]]]), RepresentationError, "multiply"),
    # --- what a representation is asked ---
    "at text": (lambda: RHO("x"), GroupError, "an element of D"),
    "at no angle": (lambda: RHO(NAN), GroupError, "an element of D"),
    "at a strange turn": (lambda: RHO(SO2.element(0.1)), GroupError, "an element of D"),
    "a permutation of an irrep": (lambda: D4.irrep(1, 1).permutation(G), RepresentationError, "permutes"),
    "all matrices of infinitely many": (lambda: SO2.irrep(1).matrices(), GroupError, "infinite"),
    # --- maps ---
    "maps of groups": (lambda: er.intertwiners(D4, D4), RepresentationError, "a representation"),
    "maps to a number": (lambda: er.intertwiners(RHO, 3), RepresentationError, "a representation"),
    "a basis of maps to nothing": (lambda: intertwiner_basis(RHO, None), RepresentationError, "a representation"),
    "a solver for groups": (lambda: er.choose_solver(D4, D4), RepresentationError, "a representation"),
    "pairs of numbers": (lambda: pair_orbits(3, 4), RepresentationError, "a permutation"),
    "pairs of groups": (lambda: pair_orbits(D4, D4), RepresentationError, "a permutation"),
    "pairs of fractions": (lambda: pair_orbits([(0, 1.5)], [(1, 0)]), RepresentationError, "a permutation"),
    # --- irreps ---
    "an irrep of text": (lambda: D4.irrep("a"), RepresentationError, "whole numbers"),
    "an irrep of a fraction": (lambda: D4.irrep(1.5, 1), RepresentationError, "whole numbers"),
    "an irrep that is not there": (lambda: D4.irrep(99), RepresentationError, "labels"),
    "an irrep without labels": (lambda: D4.irrep(), RepresentationError, "labels"),
    "an irrep of too many labels": (lambda: D4.irrep(1, 2, 3), RepresentationError, "labels"),
    "irrep 99 of S3": (lambda: S3.irrep(99), RepresentationError, "from 0 to 2"),
    "irrep −1 of S3": (lambda: S3.irrep(-1), RepresentationError, "from 0 to 2"),
    "a negative frequency": (lambda: SO2.irrep(-1), RepresentationError, "0 ≤ k"),
    "a frequency past computing": (lambda: SO2.irrep(10**30), RepresentationError, "0 ≤ k ≤ 100000"),
    "a degree past computing": (lambda: SO3.irrep(81), RepresentationError, "0 ≤ l ≤ 80"),
    "no parity": (lambda: O(3).irrep(1, 0), RepresentationError, "parity"),
    "all irreps of a circle": (lambda: SO2.irreps(), RepresentationError, "infinitely many"),
    "degrees past computing": (lambda: SO3.irreps(10**9), RepresentationError, "up to 80"),
    "frequencies past computing": (lambda: O(2).irreps(10**9), RepresentationError, "up to 100000"),
    "a frequency of S3": (lambda: S3.irreps(2), RepresentationError, "numbered"),
    "a frequency of text": (lambda: D4.irreps("a"), RepresentationError, "whole numbers"),
    # --- groups ---
    **{
        f"{name} of {n!r}": (lambda make=make, n=n: make(n), GroupError, "whole number|and space")
        for name, make in {"C": C, "D": D, "S": S}.items()
        for n in (2.5, 4.0, "4", 0, -1, None, True, NAN, [4])
    },
    **{f"SO of {n!r}": (lambda n=n: SO(n), GroupError, r"SO\(2\) or SO\(3\)") for n in (4, 2.0, "2", None, [2], True)},
    "a strange axis": (lambda: C(4, axis=3), GroupError, "axis of space"),
    "a group times a number": (lambda: D4 * 3, GroupError, "3 as a factor"),
    "a number times a group": (lambda: 3 * D4, GroupError, "3 as a factor"),
    "a group times a declaration": (lambda: D4 * Translations(), GroupError, "only declared"),
    "a product of one": (lambda: DirectProduct((D4,)), GroupError, "at least two"),
    "a product of numbers": (lambda: DirectProduct((3, 4)), GroupError, "3 as a factor"),
    "a product of no list": (lambda: DirectProduct(3), GroupError, "a list of groups"),
    "a subgroup of no group": (lambda: Subgroup(3, ()), GroupError, "a group with elements"),
    "a subgroup of numbers": (lambda: Subgroup(D4, (3,)), GroupError, "an element of D"),
    "a subgroup by text": (lambda: D4.subgroup("x"), GroupError, "an element of D"),
    "cosets of a number": (lambda: D4.cosets(3), GroupError, "3 as a subgroup"),
    "cosets of a stranger": (lambda: D4.cosets(C(3)), GroupError, "an element of D"),
    "a fraction of a sample": (lambda: D4.sample(2.5), GroupError, "whole number, 0 or more"),
    "a negative sample": (lambda: D4.sample(-1), GroupError, "whole number, 0 or more"),
    "a seed of text": (lambda: D4.sample(2, rng="x"), GroupError, "a seed"),
    "a negative seed": (lambda: SO2.sample(2, rng=-1), GroupError, "a seed"),
    "a fractional power": (lambda: G**1.5, GroupError, "whole number in the exponent"),
    "a power of text": (lambda: G ** "a", GroupError, "whole number in the exponent"),
    "an element times a number": (lambda: G @ 3, GroupError, "two elements of one group"),
    "an element of nothing": (lambda: D4.element(None), GroupError, "an element of D"),
    "an element of a ragged matrix": (lambda: D4.element([[1, 2], [3]]), GroupError, "an element of D"),
    "the place of text": (lambda: D4.index("x"), GroupError, "an element of D"),
    "semidirect of numbers": (lambda: semidirect(1, 2, 3), GroupError, "the normal group"),
    "semidirect with no action": (lambda: semidirect(C4, C(2), None), GroupError, "for every generator"),
    "semidirect with half an action": (lambda: semidirect(C4, C(2), {}), GroupError, "for every generator"),
    "semidirect with numbers": (lambda: semidirect(C4, C(2), lambda h: 3), GroupError, "for every generator"),
    "semidirect of strangers": (lambda: semidirect(C4, C(2), lambda h: lambda n: 3.3), GroupError, "an element of C"),
    "semidirect of an infinite group": (lambda: semidirect(SO2, C(2), lambda h: lambda n: n), GroupError, "infinite"),
    "semidirect of no automorphism": (lambda: semidirect(C4, C(2), lambda h: lambda n: n**0), GroupError, "undone"),
    "wreath of a number": (lambda: wreath(3, 2), GroupError, "a finite group"),
    "wreath with no copies": (lambda: wreath(C4, 0), GroupError, "whole number"),
    "wreath of an infinite group": (lambda: wreath(SO2, 2), GroupError, "a finite group"),
    **{
        f"matrices {given!r}": (lambda given=given: Group.from_matrices(given), GroupError, expected)
        for given, expected in (
            ([], "at least one square"),
            (3, "a list of matrices"),
            (None, "a list of matrices"),
            ("ab", "square"),
            ([[1, 2], [3, 4]], "square"),
            ([[[NAN, 0], [0, 1]]], "finite numbers"),
            ([[[1, 0, 0], [0, 1, 0]]], "square"),
            ([[[1, 0], [0]]], "square"),
            ([QUARTER, [[1]]], "same size"),
            ([[[2, 0], [0, 1]]], "determinant"),
            ([[["a"]]], "square"),
            ([[[1j]]], "square"),
            ([[[1, 1], [0, 1]]], "finite group"),
        )
    },
    **{
        f"a cap of {cap!r}": (
            lambda cap=cap: Group.from_matrices([QUARTER], cap=cap),
            GroupError,
            "whole number|at most",
        )
        for cap in ("a", -1, 0, 2.5, 3, None)
    },
    **{
        f"permutations {given!r}": (lambda given=given: Group.from_permutations(given), GroupError, expected)
        for given, expected in (
            ([], "at least one permutation"),
            (3, "a list of permutations"),
            (None, "a list of permutations"),
            ("ab", "a permutation"),
            ([(0, 0)], "a permutation"),
            ([(1, 2)], "a permutation"),
            ([(0, 1), (0, 1, 2)], "same number"),
            ([(0.5, 1)], "a permutation"),
            ([()], "a permutation"),
            ([3], "a permutation"),
            ([("a", "b")], "a permutation"),
            ([(NAN, 0)], "a permutation"),
            ((1, 0, 2), "a permutation"),
        )
    },
}


@pytest.mark.parametrize(
    ("attempt", "error", "expected"), [pytest.param(*case, id=name) for name, case in CASES.items()]
)
def test_it_is_refused(attempt: Callable[[], object], error: type[SymmetryError], expected: str):
    with pytest.raises(error, match=expected) as caught:
        attempt()
    assert caught.value.given and caught.value.expected and caught.value.mend
