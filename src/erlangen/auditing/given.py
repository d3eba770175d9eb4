"""What was given is read: the model, how its answer moves, how its input moves, and which group that lets us judge."""

from typing import Any

from torch import Tensor

from erlangen.auditing.common import common_group, refuse_extendable
from erlangen.auditing.motion import Output, is_dense
from erlangen.auditing.witness import warn
from erlangen.domains import Domain, Finite, Lattice, Nest, Product, Sequence, Sphere
from erlangen.domains.packed import Packed
from erlangen.errors import DomainError, InputError, TaskError
from erlangen.given import instance, shortened
from erlangen.groups import Declaration, Group, Relabelling, TimeWarp, Translations
from erlangen.pages import several
from erlangen.representations import Representation
from erlangen.task import Equivariant, Invariant


def check(model: Any, domain: Any, symmetry: Any, name: Any = None) -> None:
    """Raise unless this is a model, a lattice and a symmetry that acts on its points, and its name, if any, a text."""
    if name is not None and (not isinstance(name, str) or not name.strip()):
        raise InputError(f"name={name!r}", "what the report calls the model", 'For example name="My first network".')
    if not callable(model):
        raise InputError(
            f"a model of type {type(model).__name__}", "an nn.Module or a function of a tensor", "Pass the model first."
        )
    if not isinstance(symmetry, Group | Declaration | tuple | list | None):
        raise DomainError(f"symmetry={shortened(symmetry)}", "a group", "For quarter turns: er.C(4).")
    if isinstance(domain, Packed) or (is_packed(domain) and symmetry == Relabelling()):
        return
    if not isinstance(domain, Lattice | Finite | Sphere | Product | Nest):
        if isinstance(domain, Domain):
            mend = "Hold layers on a domain of your own to their laws by er.testing.check_layer."
            raise DomainError(f"domain={domain!r}", "one of erlangen's own domains", mend)
        raise DomainError(f"domain={domain!r}", "a domain whose points a group moves", "For pictures: er.Grid(2).")
    if symmetry == Translations() and isinstance(domain, Lattice):
        return
    if symmetry == TimeWarp() and isinstance(domain, Sequence):
        return
    if not isinstance(symmetry, Group) or getattr(symmetry, "is_declaration", False):
        raise DomainError(
            f"symmetry={symmetry!r} on {domain!r}",
            _expected(domain),
            "For quarter turns: er.C(4). Translations are reported beside every group."
            if isinstance(domain, Lattice)
            else "Name such a group.",
        )
    if not isinstance(domain, Lattice):
        domain.check_motion(symmetry)


def is_packed(domain: Any) -> bool:
    """Whether signals have points in an order that means nothing, in rows of a batch."""
    return isinstance(domain, Packed) or (isinstance(domain, Product | Nest) and domain.packed)


def _expected(domain: Lattice | Finite | Sphere | Product | Nest) -> str:
    """The symmetries that can be asked about on a domain."""
    if is_packed(domain):
        return "er.Relabelling(), or a group that moves its signals"
    if isinstance(domain, Finite):
        return f"{domain.group.label} or a subgroup of it"
    return "a group of rotations and mirrors" + ", or er.Translations()" * isinstance(domain, Lattice)


def lattice(domain: Domain, what: str) -> Lattice:
    """The domain, where it is a lattice; else a DomainError for what only lattices have."""
    return instance(f"{what} on a domain", domain, Lattice, DomainError, "Only a lattice has points between its sites.")


def between_sites(domain: Domain, what: str) -> Lattice | Sphere:
    """The domain, where its signals are sampled functions, on a lattice or a sphere; else a DomainError."""
    return domain if isinstance(domain, Sphere) else lattice(domain, what)


def choose_output(model: Any, y: Tensor, domain: Domain, given: Any, warnings: list[str]) -> Output:
    """How the answer y moves: as given, else as the model's task says, else not at all; checked against its shape."""
    output = given if given is not None else getattr(getattr(model, "task", None), "output", None)
    if output is None:
        if y.dim() == 2 + domain.axes and y.shape[2:].numel() > 1:
            warn(
                warnings,
                "The answer has axes like the input, and was audited as one that stays put; "
                "if it moves along, pass output=er.Equivariant(n).",
            )
        return Invariant(y.shape[1])
    if not isinstance(output, Invariant | Equivariant):
        raise TaskError(
            f"output={output!r}", "er.Invariant(n) or er.Equivariant(n)", "Say whether the answer moves along."
        )
    channels, axes = _channels(output), 2 + domain.axes if is_dense(output) else None
    if y.shape[1] != channels or (axes is not None and y.dim() != axes):
        dense = f" and {domain.axes} {'axis' if domain.axes == 1 else 'axes'} of points" if axes is not None else ""
        raise InputError(
            f"answers of shape {tuple(y.shape)} for output={output!r}",
            f"{several(channels, 'channel')}{dense}",
            "Name the output the model has, or pick it with select=….",
        )
    return output


def choose_input(model: Any, domain: Domain, symmetry: Any, given: Any, channels: int) -> Representation | None:
    """How the input's channels move: as given, as the model's task says, as the domain says; None is not at all.

    Raises a TaskError where plain scalars are named for channels that the domain itself moves, as `er.Task` does.
    """
    natural = _natural_input(domain, symmetry)
    if isinstance(given, int) and not isinstance(given, bool):
        _refuse_scalars(domain, symmetry, given, natural)
        rho, wanted = None, given
    else:
        if given is not None and not isinstance(given, Representation):
            raise TaskError(
                f"input={given!r}", "a number of scalar channels or a representation", "For grey pictures: input=1."
            )
        own = getattr(getattr(model, "task", None), "input", None)
        rho = next((r for r in (given, own, natural) if r is not None), None)
        wanted = channels if rho is None else rho.dim
    if wanted != channels:
        raise InputError(
            f"inputs with {several(channels, 'channel')}", f"{wanted} on axis 1", "Say how they move with input=…."
        )
    return None if rho is None or rho.is_trivial else rho


def _natural_input(domain: Domain, symmetry: Any) -> Representation | None:
    """The channels that the domain has by itself, where the symmetry moves them."""
    if symmetry == Translations():
        return None
    rho = domain.natural_input(symmetry)
    return domain.natural_input(domain.natural_symmetry()) if rho is None else rho


def _refuse_scalars(domain: Domain, symmetry: Any, given: int, natural: Representation | None) -> None:
    """Four scalar channels of DNA would be audited by plain reversal, which is not the reverse complement."""
    if natural is not None and natural.dim == given and not natural.is_trivial:
        raise TaskError(
            f"input={given} scalar channels on {domain!r}, which {symmetry!r} would leave as they are",
            f"the domain's own {given} channels, which it moves",
            "Leave input out; for channels that stay as they are, say so: input=n * group.trivial.",
        )


def judged_group(
    domain: Domain, symmetry: Any, output: Output, rho_in: Representation | None, warnings: list[str]
) -> Any:
    """The group whose elements can be judged: the one asked about, or what it has in common with those of ρ and ρ_in.

    Raises a TaskError that offers the representation to pass where there is a plain one, and where nothing is common.
    """
    rho = output.n_or_representation if isinstance(output, Equivariant) else None
    pooled = isinstance(output, Equivariant) and output.pooled is not False
    moving = {"output": rho, "input": rho_in}
    known = {role: r for role, r in moving.items() if isinstance(r, Representation) and not r.is_trivial}
    if symmetry == Translations() or not known:
        return symmetry
    group = common_group(domain, symmetry, [r.group for r in known.values()])
    if group == symmetry:
        return symmetry
    for role, r in known.items():
        refuse_extendable(domain, symmetry, role, r, pooled)
    said = " and ".join(f"the {role} moves by {r}" for role, r in known.items())
    if group.order == 1:
        raise TaskError(
            f"a model of which {said}, audited under {symmetry!r}",
            "a representation that says how some element of it moves them",
            f"Pass representations of {symmetry!r} with output=… and input=….",
        )
    warn(
        warnings,
        f"Only {group!r} was judged: {said}, which says nothing of the other elements of {symmetry!r}. "
        f"To judge all, pass representations of {symmetry!r} with output=… and input=….",
    )
    return group


def _channels(output: Output) -> int:
    if isinstance(output, Invariant):
        return output.n
    rho = output.n_or_representation
    return rho if isinstance(rho, int) else rho.dim
