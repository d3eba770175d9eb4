"""Arithmetic modulo two primes against Python's own whole numbers, and what a random function has to be."""

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from erlangen.auditing.proof.field import MOST_TERMS, Field, Residues

FIELD = Field(0)
FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=64)


def residue(number: Fraction, p: int) -> int:
    return number.numerator * pow(number.denominator, -1, p) % p


def as_whole(given: Residues) -> list[tuple[int, int]]:
    parts = [[int(v) % p for v in part.flatten().tolist()] for part, p in zip(given.parts, FIELD.primes, strict=True)]
    return list(zip(*parts, strict=True))


@given(st.lists(FLOATS, min_size=1, max_size=20))
def test_a_float_is_the_fraction_that_it_is(values: list[float]):
    found = as_whole(FIELD.constant(torch.tensor(values, dtype=torch.float64)))
    assert found == [tuple(residue(Fraction(v), p) for p in FIELD.primes) for v in values]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64, torch.bool])
def test_every_dtype_has_residues(dtype: torch.dtype):
    values = torch.tensor([0.1, 1.0, -3.7, 0.0]).to(dtype)
    expected = [tuple(residue(Fraction(v), p) for p in FIELD.primes) for v in values.double().tolist()]
    assert as_whole(FIELD.constant(values)) == expected


def test_what_is_no_number_has_none():
    with pytest.raises(ValueError, match="not a number"):
        FIELD.constant(torch.tensor([1.0, math.nan]))


@pytest.mark.parametrize(("name", "infinity"), [("max", -math.inf), ("min", math.inf)])
def test_infinities_are_passed_over(name: str, infinity: float):
    given = FIELD.constant(torch.tensor([infinity, 3.0, infinity, 5.0]))

    def most(a: Residues) -> Residues:
        return FIELD.merged(name, a, lambda part: part.sum(0))

    assert FIELD.equal(most(given), most(FIELD.constant(torch.tensor([5.0, 3.0]))))
    assert not FIELD.equal(most(given), most(FIELD.constant(torch.tensor([5.0, 3.0, 0.0]))))


@given(st.integers(0, 10**6))
def test_arithmetic_is_that_of_whole_numbers(seed: int):
    generator = torch.Generator().manual_seed(seed)
    a, b = (torch.randint(-(1 << 40), 1 << 40, (5,), generator=generator) for _ in range(2))
    x, y = FIELD.constant(a.double()), FIELD.constant(b.double())
    pairs = list(zip(a.tolist(), b.tolist(), strict=True))

    def expected(make):
        return [tuple(make(m, n) % p for p in FIELD.primes) for m, n in pairs]

    assert as_whole(FIELD.plus(x, y)) == expected(lambda m, n: m + n)
    assert as_whole(FIELD.minus(x, y)) == expected(lambda m, n: m - n)
    assert as_whole(FIELD.times(x, y)) == expected(lambda m, n: m * n)
    assert as_whole(FIELD.negative(x)) == expected(lambda m, n: -m)
    assert as_whole(FIELD.power(x, 11)) == expected(lambda m, n: m**11)
    assert as_whole(FIELD.whole(x, 7)) == expected(lambda m, n: 7 * m)
    assert FIELD.equal(FIELD.times(FIELD.share(x, 12), FIELD.constant(torch.tensor(12))), x)
    assert as_whole(FIELD.sum(x, [0])) == [tuple(sum(a.tolist()) % p for p in FIELD.primes)]


def test_the_most_terms_add_up_exactly():
    worst = torch.full((MOST_TERMS,), float(min(FIELD.primes) // 2), dtype=torch.float64)
    assert int(worst @ worst) == MOST_TERMS * (min(FIELD.primes) // 2) ** 2
    assert MOST_TERMS * (max(FIELD.primes) // 2 + 1) ** 2 < 1 << 53


def test_an_inverse_is_one_and_of_nothing_nothing():
    x = FIELD.random((1000,))
    one = FIELD.times(x, FIELD.inverse(x))
    assert all(pair in {(1, 1), (0, 1), (1, 0)} for pair in as_whole(one))
    with pytest.raises(ValueError, match="division by zero"):
        FIELD.inverse(FIELD.constant(torch.zeros(1)))


def test_a_number_has_one_residue_wherever_rounding_has_put_it():
    p, q = FIELD.primes
    middle = Residues(tuple(torch.tensor([(n + 1) // 2, -(n - 1) // 2]).double() for n in (p, q)))
    assert FIELD.equal(middle[:1], middle[1:])
    found = FIELD.function("f", middle)
    assert FIELD.equal(found[:1], found[1:])


# ---- functions ---
def test_a_function_is_one_for_each_name_and_gives_equal_values_to_equal_arguments_alone():
    x = FIELD.random((20_000,))
    f, again, g = FIELD.function("f", x), FIELD.function("f", x), FIELD.function("g", x)
    assert FIELD.equal(f, again)
    assert FIELD.differences(f, g).double().mean() > 0.999
    assert FIELD.equal(FIELD.undone("f", f), x)
    assert len(set(as_whole(f))) == len(set(as_whole(x)))


def test_either_of_the_pair_decides_the_whole_value():
    """A break that one of the primes does not see must not stay in that one alone."""
    x = FIELD.random((5000,))
    for i in range(2):
        parts = [x.parts[0], x.parts[1]]
        parts[i] = FIELD.reduced(parts[i] + 1, i)
        f, g = FIELD.function("f", x), FIELD.function("f", Residues((parts[0], parts[1])))
        for a, b in zip(f.parts, g.parts, strict=True):
            assert (a != b).double().mean() > 0.999


def test_values_of_a_function_are_spread_and_are_no_line():
    x = FIELD.constant(torch.arange(50_000))
    f = FIELD.function("f", x)
    for part, p in zip(f.parts, FIELD.primes, strict=True):
        counts = torch.histc(part, bins=20, min=-p / 2, max=p / 2)
        assert (counts - 2500).abs().max() < 6 * 2500**0.5
    shifts = FIELD.minus(f[1:], f[:-1])
    assert len(set(as_whole(shifts))) > 49_900


def test_what_is_merged_has_no_order_and_nests():
    x = FIELD.random((3, 4))

    def most(a: Residues, dim: int) -> Residues:
        return FIELD.merged("max", a, lambda part: part.sum(dim))

    rows, columns = most(most(x, 1), 0), most(most(x, 0), 0)
    at_once = FIELD.merged("max", x, lambda part: part.sum((0, 1)))
    assert FIELD.equal(rows, columns) and FIELD.equal(rows, at_once)
    assert FIELD.equal(FIELD.merged("max", x[:1], lambda part: part.sum(0)), x[0])  # the largest of one
    other = FIELD.plus(x, FIELD.constant(torch.eye(3, 4)))
    assert not FIELD.equal(most(most(other, 1), 0), at_once)


def test_fingerprints_know_no_order_and_no_signs_but_every_value():
    x = FIELD.random((2, 50))
    turned = x.moved(lambda part: part.flip(1) * torch.tensor([[1.0], [-1.0]]))
    assert FIELD.fingerprint(x) == FIELD.fingerprint(turned)
    other = FIELD.plus(x, FIELD.constant(torch.eye(2, 50)))
    assert FIELD.fingerprint(x) != FIELD.fingerprint(other)


def test_seeds_draw_other_primes_and_other_functions():
    one, two = Field(1), Field(1)
    assert one.primes == two.primes and one.primes != Field(2).primes
    x = one.constant(torch.arange(9))
    assert torch.equal(one.function("f", x).parts[0], two.function("f", x).parts[0])
