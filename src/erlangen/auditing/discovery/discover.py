"""`er.discover`: which of these symmetries, and of their subgroups, does a model keep, or do data have?"""

from collections.abc import Iterable
from typing import Any, Literal, overload

from erlangen.auditing.discovery.generators import Generators, discover_generators
from erlangen.auditing.discovery.given import Choices, check_domain, chosen, listed
from erlangen.auditing.discovery.judged import of_data, of_model
from erlangen.auditing.discovery.result import Discovery
from erlangen.auditing.discovery.rotations import Rotations, discover_rotations
from erlangen.auditing.motion import Output
from erlangen.auditing.witness import Select, Witness, in_eval
from erlangen.domains import Lattice, Sphere
from erlangen.errors import InputError
from erlangen.groups import Group
from erlangen.representations import Representation


@overload
def discover(
    model_or_data: Any, domain: None, candidates: Literal["linear"], inputs: Any, *, seed: int = 0
) -> Generators: ...
@overload
def discover(
    model_or_data: Any,
    domain: Sphere,
    candidates: Literal["rotations"],
    inputs: Any,
    output: Output | None = None,
    *,
    input: int | Representation | None = None,
    seed: int = 0,
    select: Select = None,
    batch_size: int = 64,
) -> Rotations: ...
@overload
def discover(
    model_or_data: Any,
    domain: Lattice | Sphere | None = None,
    candidates: Group | Iterable[Group] | None = None,
    inputs: Any = None,
    output: Output | None = None,
    *,
    input: int | Representation | None = None,
    alpha: float = 0.05,
    tolerance: float | None = None,
    seed: int = 0,
    select: Select = None,
    batch_size: int = 64,
    proof: bool = True,
    name: str | None = None,
) -> Discovery: ...
def discover(
    model_or_data: Any,
    domain: Lattice | Sphere | None = None,
    candidates: Group | Iterable[Group] | Literal["linear", "rotations"] | None = None,
    inputs: Any = None,
    output: Output | None = None,
    *,
    input: int | Representation | None = None,
    alpha: float = 0.05,
    tolerance: float | None = None,
    seed: int = 0,
    select: Select = None,
    batch_size: int = 64,
    proof: bool = True,
    name: str | None = None,
) -> Discovery | Generators | Rotations:
    """{g ∈ G : f(g·x) = g·f(x)}, or of data {g : g·X ~ X}: each subgroup proved, not rejected or broken.

    Shapes: a model is asked with `inputs` `[n, channel, …]`, or `[n, d]` without a domain; data are such a tensor by
    themselves. Inputs that are moved before they are sampled, `er.testing.scene(domain).at(32)`, have no floor of
    interpolation between the sites.

    `candidates` are finite groups, or SO(n) and O(n), which are sought by finite subgroups; left out they are the
    largest named group that keeps the lattice, on the sphere all turns and mirrors about the polar axis and of space.
    "linear" seeks the Lie algebra of a function of vectors (`discover_generators`); "rotations" that of a model on the
    sphere: about which axis, whichever it is, turns are kept.

    A group that contains a broken one is broken, and not tested. The others are tested with Holm's correction at
    `alpha`: of a model by the audit's error (what rounding, the transform or `tolerance` explains is no break), and
    where it is kept on these inputs a proof is tried; of data by randomising the pose of every sample, on the sphere of
    what the grid holds. "Not rejected"
    never means that it holds: each such row says the smallest planted break that would have been found. Samples are
    taken for independent; of many, 100 to 400 are drawn.

    Raises InputError, DomainError or GroupError for inputs, domains and groups that do not fit.

    >>> import torch, erlangen as er
    >>> x = torch.randn(16, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> found = er.discover(lambda x: x[..., 2:6, :].mean((2, 3)), er.Grid(2), [er.D(4)], x)
    >>> found.largest, found.row(er.C(4)).verdict
    ((D(2),), 'broken')
    """
    choices = Choices(output, input, alpha, tolerance, seed, proof, name)
    check_domain(domain)
    told: list[str] = []
    if isinstance(candidates, str):
        if candidates == "rotations" and isinstance(domain, Sphere) and callable(model_or_data):
            with in_eval(model_or_data):
                witness = Witness(model_or_data, select, batch_size, seed)
                return discover_rotations(model_or_data, domain, inputs, choices, witness, told)
        return _linear(model_or_data, domain, candidates, inputs, seed, select)
    groups = listed(chosen(domain, candidates), told)
    if not callable(model_or_data):
        if inputs is not None:
            raise InputError("data, and inputs=…", "a model with inputs, or data alone", "Leave inputs out.")
        return of_data(model_or_data, domain, groups, choices, told)
    witness = Witness(model_or_data, select, batch_size, seed)
    with in_eval(model_or_data):
        return of_model(witness, domain, groups, inputs, choices, told)


def _linear(model: Any, domain: Any, candidates: str, inputs: Any, seed: int, select: Any) -> Generators:
    if candidates != "linear" or domain is not None or not callable(model):
        raise InputError(
            f"candidates={candidates!r} on {domain!r}",
            'candidates="linear" for a model of vectors, with domain None, or "rotations" for one on er.Sphere()',
            "On lattices name groups, such as [er.D(4)].",
        )
    return discover_generators(model, inputs, seed=seed, select=select)
