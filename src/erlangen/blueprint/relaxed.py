"""Networks that may break their symmetry where data do: what they are told, what it costs, what they have learnt."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from erlangen.domains import Domain, Finite, Graph, Lattice, Nest, Product, Set
from erlangen.errors import TaskError
from erlangen.given import number
from erlangen.layers import Layer
from erlangen.layers.linear._free import FREE, USUAL, FreePart, RelaxedKernel
from erlangen.pages import percent
from erlangen.task import Task

if TYPE_CHECKING:
    from erlangen.blueprint._blueprint import Blueprint

MEND = (
    "0.1, 0.3, 1.0, …: how large what breaks the symmetry is expected to be beside what keeps it; True for the usual."
)


def deviation(relaxed: Any) -> float | None:
    """The prior's σ of a choice `relaxed`: none for False, the usual one for True; TaskError for what is no number."""
    if relaxed is False:
        return None
    if relaxed is True:
        return USUAL
    found = number("relaxed", relaxed, TaskError, mend=MEND)
    if not found:
        raise TaskError(f"relaxed={relaxed!r}", "True, False or a number above 0", MEND)
    return found


def freely(relaxed: bool | float) -> dict[str, float]:
    """What a linear layer is told of its free part: nothing where it has none."""
    found = deviation(relaxed)
    return {} if found is None else {"relaxed": found}


def bias_of_block(choices: Any) -> bool | str:
    """Whether the linear layer of a block has a bias: no invariant one in front of a normalisation, which has its own;
    what breaks the symmetry passes that."""
    if choices.homogeneous or not choices.normalize:
        return not choices.homogeneous
    return FREE if freely(choices.relaxed) else False


def checked(task: Task, choices: dict[str, Any]) -> dict[str, Any]:
    """The choices, without a `relaxed` that asks for nothing.

    Refuses to relax where there is nothing that data could break, or no free part is known.
    """
    if deviation(choices.get("relaxed", False)) is None:
        return {name: value for name, value in choices.items() if name != "relaxed"}
    given = f"relaxed={choices['relaxed']!r} on {task.domain!r}"
    if not isinstance(task.domain, Lattice | Finite) or task.warped:
        raise TaskError(given, "a lattice or a finite domain", _why_not(task.domain))
    if task.symmetry.order == 1:
        mend = "Leave it out: convolutions alone are left, and shifts are kept by their shared weights."
        raise TaskError(f"{given} under {task.symmetry!r}", "a symmetry besides translations", mend)
    return choices


def _why_not(domain: Domain) -> str:
    if isinstance(domain, Lattice):
        return 'Under a warping of time steps are what varies; take layer="lstm", which is free of it.'
    if isinstance(domain, Product | Nest):
        return "Relax a network of one factor, or of the members; or give what breaks the symmetry as a further input."
    if isinstance(domain, Set | Graph):
        return "Points have no order of their own that an answer could need; where it matters, give it as a feature."
    return "Kernels there are functions of distances and directions; give what breaks the symmetry as a further input."


def note(relaxed: bool | float) -> list[str]:
    """What is said of it where the choices are told."""
    found = deviation(relaxed)
    if found is None:
        return []
    return [
        "Relaxed: every linear layer is a symmetric one plus a free part, orthogonal to all symmetric ones, which "
        f"starts at nought and is expected to be {found:g} times as large. Trained by hand the loss takes "
        "net.prior() / len(examples) besides."
    ]


# ---- what a network has ---------------------------------------------------------------------------------------------
def relaxed_kernels(net: nn.Module) -> Iterator[tuple[str, RelaxedKernel]]:
    """Those with a free part that is more than nothing, by the names of their layers."""
    for name, part in net.named_modules():
        if isinstance(part, RelaxedKernel) and part.free.blocks:
            yield name.removesuffix("kernel").removesuffix("dense.").rstrip("."), part


def _free_parts(net: nn.Module) -> list[FreePart]:
    """Of kernels and of biases."""
    return [part for part in net.modules() if isinstance(part, FreePart)]


def prior(net: "Blueprint") -> Tensor:
    """−log p of all free parts, but for a constant."""
    nought = next(net.parameters()).new_zeros(())
    return sum((part.prior() for part in _free_parts(net)), nought)


def relaxation(net: nn.Module) -> dict[str, float]:
    """The share of each layer's square norm that breaks the symmetry."""
    return {name: kernel.share() for name, kernel in relaxed_kernels(net)}


def share_in_words(share: float) -> str:
    """In percent; what is more than nothing is not said to be nothing.

    >>> share_in_words(0.0123), share_in_words(2e-6), share_in_words(0)
    ('1.23 %', '< 0.01 %', '0 %')
    """
    return "< 0.01 %" if 0 < share < 5e-5 else percent(share, 2)


def learnable(layer: Layer) -> int:
    """How many numbers it learns that make a difference: of a relaxed kernel as many as there are entries."""
    return layer.free_weights() - sum(part.idle for part in _free_parts(layer))


def strict(net: "Blueprint") -> "Blueprint":
    """The same network without its free parts."""
    from erlangen.blueprint.recipe import build

    recipe = net.recipe
    recipe["layers"] = [_without(node) for node in recipe["layers"]]
    recipe["notes"] = [said for said in recipe["notes"] if not said.startswith("Relaxed:")]
    made = build(recipe).to(next(net.parameters()))
    parted = (".kernel.free.", ".bias.free.")
    kept = {name: value for name, value in net.state_dict().items() if not any(part in name for part in parted)}
    made.load_state_dict(kept)
    return made.train(net.training)


def _without(node: dict[str, Any]) -> dict[str, Any]:
    """A recipe's layer and those in it, none of them relaxed."""
    made = dict(node)
    if "choices" in node:
        made["choices"] = {name: value for name, value in node["choices"].items() if name != "relaxed"}
        if made["choices"].get("bias") == FREE:
            made["choices"]["bias"] = False
    for name in ("inner", "shortcut"):
        if name in node:
            made[name] = _without(node[name])
    if "layers" in node:
        made["layers"] = [_without(part) for part in node["layers"]]
    return made
