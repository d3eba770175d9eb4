"""Exact arithmetic modulo two primes at once, on torch's own float64 kernels, with nonlinearities as random functions.

A float is m · 2^e, and 2 has an inverse modulo an odd prime: so every number that a network holds is a residue, without
rounding. Residues are kept between −p/2 and p/2, p just below 2^20: products stay below 2^38, and float64 adds up 2^15
of them exactly. What a network does that is no arithmetic is a function of which only one thing is known, that equal
arguments give equal values: a permutation of the pairs of residues, drawn at random.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

MOST_TERMS = 1 << 15  # products that float64 adds up exactly
_EXPONENTS = 1200  # of 2, both ways: a float64 is a whole number of at most 53 bits times such a power
_ROUNDS = 3  # of the Feistel network: with three, a random permutation cannot be told from it


@dataclass(frozen=True)
class Residues:
    """A tensor of numbers modulo each of the two primes, and their degree in what was drawn at random."""

    parts: tuple[Tensor, Tensor]
    degree: int = 0

    @property
    def residues(self) -> "Residues":
        """Itself, as constants and truth values have theirs."""
        return self

    @property
    def shape(self) -> torch.Size:
        """That of each part."""
        return self.parts[0].shape

    def dim(self) -> int:
        """How many axes it has."""
        return self.parts[0].dim()

    def __getitem__(self, key: Any) -> "Residues":
        return self.moved(lambda part: part[key])

    def replaced(self, there: Tensor, other: "Residues") -> "Residues":
        """Those of `other` where `there` says so."""
        first, second = (torch.where(there, b, a) for a, b in zip(self.parts, other.parts, strict=True))
        return replace(self, parts=(first, second))

    def moved(self, move: Callable[[Tensor], Tensor]) -> "Residues":
        """What only takes numbers from place to place, done to both parts."""
        first, second = self.parts
        return replace(self, parts=(move(first), move(second)))


class Field:
    """F_p × F_q for two primes drawn by `seed`; sums, products and inverses, and functions drawn as they are asked for.

    >>> field = Field(0)
    >>> third = field.times(field.constant(torch.tensor(1.0)), field.inverse(field.constant(torch.tensor(3.0))))
    >>> field.equal(field.times(third, field.constant(torch.tensor(3.0))), field.constant(torch.tensor(1.0)))
    True
    """

    def __init__(self, seed: int):
        self.seed = seed
        primes = _primes()
        generator = torch.Generator().manual_seed(seed)
        first, second = torch.randperm(len(primes), generator=generator)[:2].tolist()
        self.primes = (primes[first], primes[second])
        self.generator = generator
        self.infinite, self.dtype = False, torch.float32
        self.degree = 0  # the largest of any argument of a function so far
        self._tables: dict[tuple[str, int], Tensor] = {}

    # ---- numbers ------------------------------------------------------------------------------------------------
    def constant(self, values: Tensor) -> Residues:
        """The residues of floats, whole numbers or truth values, exactly. NaN and complex numbers: ValueError.

        Infinities are what the largest or the smallest of several passes over, and nothing else is known of them; that
        there are `infinite` numbers is remembered, since then no number can be said not to be one.
        """
        if values.is_complex():
            raise ValueError("complex numbers")
        wide = values.detach().to("cpu", torch.float64)
        if bool(wide.isnan().any()):
            raise ValueError("not a number")
        found = self._finite(wide.nan_to_num(0.0, 0.0, 0.0))
        for name, infinity in (("max", -math.inf), ("min", math.inf)):
            if bool((there := wide == infinity).any()):
                self.infinite = True
                passed = self.undone(name, Residues((torch.zeros(1).double(), torch.zeros(1).double())))
                found = found.replaced(there, passed)
        return found

    def _finite(self, wide: Tensor) -> Residues:
        mantissa, exponent = torch.frexp(wide)
        whole, power = mantissa * 2.0**53, exponent.long() - 53 + _EXPONENTS
        first, second = (
            self.reduced(torch.fmod(whole, p) * table[power], i)
            for i, (p, table) in enumerate(zip(self.primes, self._powers, strict=True))
        )
        return Residues((first, second))

    def random(self, shape: tuple[int, ...]) -> Residues:
        """Fresh random numbers."""
        first, second = (
            self.reduced(torch.randint(p, shape, generator=self.generator).double(), i)
            for i, p in enumerate(self.primes)
        )
        return Residues((first, second), degree=1)

    def reduced(self, part: Tensor, i: int) -> Tensor:
        """Whole numbers below 2^53 brought back between −p/2 and p/2."""
        p = self.primes[i]
        return part.add((part * (1.0 / p)).round_(), alpha=-p)

    @cached_property
    def _powers(self) -> tuple[Tensor, Tensor]:
        """2^e for e from −1200 to 1200, modulo each prime."""
        exponents = range(-_EXPONENTS, _EXPONENTS + 1)
        first, second = (
            torch.tensor([float(pow(2, e % (p - 1), p)) for e in exponents], dtype=torch.float64) for p in self.primes
        )
        return first, second

    # ---- arithmetic -----------------------------------------------------------------------------------------------
    def each(self, degree: int, make: Callable[..., Tensor], *given: Residues) -> Residues:
        """What `make` computes of the parts, in whole numbers below 2^53, brought back."""
        first, second = (self.reduced(make(*(r.parts[i] for r in given)), i) for i in range(2))
        return Residues((first, second), degree)

    def plus(self, a: Residues, b: Residues) -> Residues:
        """a + b."""
        return self.each(max(a.degree, b.degree), torch.add, a, b)

    def minus(self, a: Residues, b: Residues) -> Residues:
        """a − b."""
        return self.each(max(a.degree, b.degree), torch.sub, a, b)

    def times(self, a: Residues, b: Residues) -> Residues:
        """a · b."""
        return self.each(a.degree + b.degree, torch.mul, a, b)

    def negative(self, a: Residues) -> Residues:
        """−a."""
        return a.moved(torch.neg)

    def whole(self, a: Residues, factor: int) -> Residues:
        """a times a whole number."""
        return self.times(a, self.constant(torch.tensor(float(factor), dtype=torch.float64)))

    def share(self, a: Residues, count: int) -> Residues:
        """a / count, exactly."""
        return self.times(a, self.inverse(self.constant(torch.tensor(float(count), dtype=torch.float64))))

    def sum(self, a: Residues, dims: Iterable[int], keepdim: bool = False) -> Residues:
        """Σ over some axes."""
        return self.each(a.degree, lambda part: part.sum(tuple(dims), keepdim=keepdim), a)

    def power(self, a: Residues, exponent: int) -> Residues:
        """a^n for a whole number n ≥ 1."""
        first, second = (self._power(part, exponent, i) for i, part in enumerate(a.parts))
        return Residues((first, second), a.degree * exponent)

    def inverse(self, a: Residues) -> Residues:
        """1/a by Fermat, a^(p−2). ValueError where a is nothing, which but for a chance it is for every input."""
        if bool(((a.parts[0] == 0) & (a.parts[1] == 0)).any()):
            raise ValueError("a division by zero")
        first, second = (
            self._power(part, p - 2, i) for i, (part, p) in enumerate(zip(a.parts, self.primes, strict=True))
        )
        return Residues((first, second), a.degree)

    def _power(self, part: Tensor, exponent: int, i: int) -> Tensor:
        """By squaring."""
        result = part
        for bit in bin(exponent)[3:]:
            result = self.reduced(result * result, i)
            result = self.reduced(result * part, i) if bit == "1" else result
        return result

    def equal(self, a: Residues, b: Residues) -> bool:
        """Whether all numbers are the same."""
        return bool(self.differences(a, b).logical_not().all())

    def differences(self, a: Residues, b: Residues) -> Tensor:
        """Where they are not the same."""
        first, second = self.minus(a, b).parts
        return (first != 0) | (second != 0)

    # ---- functions of which nothing is known ----------------------------------------------------------------------
    def function(self, name: str, a: Residues) -> Residues:
        """A function drawn at random, the same for each name: a permutation of the pairs (a mod p, a mod q)."""
        self.degree = max(self.degree, a.degree)
        parts = [_from_zero(part, p) for part, p in zip(a.parts, self.primes, strict=True)]
        for turn in range(_ROUNDS):
            parts[turn % 2] = self._turned(name, turn, parts, +1)
        return self._centred(parts, degree=1)

    def undone(self, name: str, a: Residues) -> Residues:
        """The inverse of `function`."""
        parts = [_from_zero(part, p) for part, p in zip(a.parts, self.primes, strict=True)]
        for turn in reversed(range(_ROUNDS)):
            parts[turn % 2] = self._turned(name, turn, parts, -1)
        return self._centred(parts, degree=1)

    def merged(self, name: str, a: Residues, make: Callable[[Tensor], Tensor]) -> Residues:
        """φ⁻¹(Σ φ(a)), the sums by `make`: of any number of arguments, in any order and nested as one likes."""
        return self.undone(name, self.each(1, make, self.function(name, a)))

    def _turned(self, name: str, turn: int, parts: list[Tensor], sign: int) -> Tensor:
        """One round: one of the pair moves by a random function of the other."""
        i, p = turn % 2, self.primes[turn % 2]
        places = parts[1 - i].int().flatten()  # faster than to index with the tensor itself
        drawn = self._table(name, turn).index_select(0, places).view(parts[i].shape)
        moved = parts[i].add(drawn, alpha=sign)
        return moved.sub_(p * (moved >= p).double()) if sign > 0 else moved.add_(p * (moved < 0).double())

    def _table(self, name: str, turn: int) -> Tensor:
        key = (name, turn)
        if key not in self._tables:
            p, other = self.primes[turn % 2], self.primes[1 - turn % 2]
            drawn = self._generator(name, turn).integers(p, size=other, dtype=np.int32)
            self._tables[key] = torch.from_numpy(drawn).float()  # exact below 2^24, half of doubles to a cache
        return self._tables[key]

    def _generator(self, name: str, turn: int) -> np.random.Generator:
        return np.random.default_rng(hash_of(f"{self.seed} {name} {turn}"))

    def _centred(self, parts: list[Tensor], degree: int) -> Residues:
        first, second = (self.reduced(part, i) for i, part in enumerate(parts))
        return Residues((first, second), degree)

    def fingerprint(self, a: Residues) -> int:
        """Of the numbers up to order and signs: Σ u(a) v(a) + u(−a) v(−a) modulo 2^64, with random u of the residues
        modulo the first prime and v of those modulo the second."""
        places = [_from_zero(part, p).int().flatten() for part, p in zip(a.parts, self.primes, strict=True)]
        u, v = ([table.index_select(0, at) for table in both] for both, at in zip(self._marks, places, strict=True))
        return int(u[0].dot(v[0]) + u[1].dot(v[1]))

    @cached_property
    def _marks(self) -> list[tuple[Tensor, Tensor]]:
        """For each prime a random function of residues, and the same function of their negatives."""
        bits = np.iinfo(np.int64)
        drawn = [
            torch.from_numpy(self._generator("fingerprint", i).integers(bits.min, bits.max, size=p, dtype=np.int64))
            for i, p in enumerate(self.primes)
        ]
        return [(table, table.flip(0).roll(1)) for table in drawn]


def hash_of(text: str) -> int:
    """A whole number of 62 bits for a text, the same on every machine."""
    import hashlib

    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 2


def _from_zero(part: Tensor, p: int) -> Tensor:
    """Between 0 and p − 1: one number for each residue, wherever rounding has put it."""
    return part + p * (part < 0).double()


@lru_cache(maxsize=1)
def _primes() -> list[int]:
    """All primes between 2^19 and 2^20: some 38,000."""
    sieve = torch.ones(1 << 20, dtype=torch.bool)
    sieve[:2] = False
    for n in range(2, math.isqrt(1 << 20) + 1):
        if sieve[n]:
            sieve[n * n :: n] = False
    found = sieve.nonzero()[:, 0]
    return found[found > 1 << 19].tolist()
