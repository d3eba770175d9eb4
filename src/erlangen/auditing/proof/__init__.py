"""Proof over a prime field: f(g·x) = ρ(g) f(x) for all inputs, or the operation at which that fails.

A network is a tree of sums, products and functions. If both sides are equal at a random point of a finite field, with
random functions in place of the nonlinearities, they are the same expression, up to a chance that is printed (Schwartz
1980, Zippel 1979); then they are equal for all real inputs, and for all functions.
"""

from erlangen.auditing.proof.prove import Proof as Proof
from erlangen.auditing.proof.prove import Prover as Prover
from erlangen.auditing.proof.prove import summary as summary
