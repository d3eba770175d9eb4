"""The blueprint: linear equivariant layers, nonlinearities, local pooling, and if the task asks an invariant layer."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from erlangen.blueprint.translations import TranslationLaw
from erlangen.domains import Domain, Finite, Graph, Lattice, Nest, Product, Sphere
from erlangen.domains.packed import Packed
from erlangen.errors import InputError, TaskError
from erlangen.given import instance, listed
from erlangen.layers import Along, Chain, Composite, Kmers, LatticeConv, Layer, SpherePool, leaves
from erlangen.signal import Signal, Space
from erlangen.task import Task

if TYPE_CHECKING:
    from erlangen.blueprint.explanation import Explanation


_MEND = "er.derive(task) composes them; by hand it is a list of er.layers."


class Blueprint(Chain):
    """f = f_n ∘ … ∘ f_1, each an equivariant layer. Takes a plain tensor and gives one; a Signal for a Signal.

    Shapes: `[batch, source.channels, …points]` → those of `target`. `task` and `notes` are what `er.derive` leaves.

    >>> import torch, erlangen as er
    >>> net = er.derive(er.Task(er.Grid(2), er.C(4), input=1, output=er.Invariant(10)), width=16)
    >>> net(torch.randn(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    >>> net(net.source)
    X(Point(), 10 × trivial of C4)

    Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478.
    """

    def __init__(self, layers: Sequence[Layer], task: Task | None = None, notes: Sequence[str] = ()):
        if isinstance(layers, Layer):
            layers = [layers]
        parts = listed("layers", layers, TaskError, "layers", _MEND)
        super().__init__([part for layer in parts for part in _flat(layer)])
        if task is not None:
            instance("task", task, Task, TaskError, "Leave it out where the layers say it all.")
        if task is not None and (task.source, task.target) != (self.source, self.target):
            raise TaskError(
                f"layers from {self.source!r} to {self.target!r}",
                f"{task.source!r} to {task.target!r}, as {task!r} asks",
                "Compose layers for this task, or leave the task out.",
            )
        self.task, self.notes = task, listed("notes", notes, TaskError, "texts", "Leave them out.")
        self._least = self._fewest()

    def forward(self, x: Any, edge_index: Tensor | None = None, **along: Any) -> Any:
        """f(x): a tensor, a Signal or a Space; on sets and graphs also what has x, edge_index, edge_attr, batch, ptr.

        On sets and graphs these may be given one by one too: `net(x, edge_index, edge_attr=…, batch=…)`. In time
        `net(x, dt=…, holds=…, lengths=…)`: how long each step is, which steps hold one value, how many there are; or
        what has these as attributes, or torch's PackedSequence.
        """
        domain, given = self.source.domain, {"edge_index": edge_index, **along}
        known = {name: value for name, value in given.items() if value is not None}
        if not domain.packed:
            beside: dict[str, Any]
            values: Any
            values, beside = (x, {}) if isinstance(x, Tensor | Signal | Space) else domain.opened(x)
            known = {**beside, **known}
            if not known:
                return super().forward(values)
            support = domain.support_of(values, known)
            self._check_clock(known)
            return self.flow(self.admit(values), support)[0]
        alone = isinstance(x, Tensor) and not known and isinstance(domain, Packed) and not isinstance(domain, Graph)
        if alone or isinstance(x, Signal | Space):
            return super().forward(x)
        return self._of_data(domain, {"x": x, **known} if isinstance(x, Tensor) else x)

    @property
    def clocked(self) -> bool:
        """Whether a layer computes with how long each step is."""
        return any(layer.keeps_clock for layer in leaves(self))

    def _check_clock(self, known: dict[str, Any]) -> None:
        """Refuse to be told what no layer would hear."""
        told = [name for name in ("dt", "holds") if name in known]
        if told and not self.clocked:
            given = f"{' and '.join(told)} for a network without a layer that keeps the clock"
            mend = 'Leave it out, or derive with layer="gated" or "state-space".'
            raise InputError(given, "lengths alone", mend)

    def _of_data(self, domain: Any, data: Any) -> Tensor:
        """The answer in the order of the points, or of the edges, as they were given."""
        values, support = domain.read(data)
        y, support = self.flow(self.admit(values), support)
        asked_at: Any = self.target.domain
        order = asked_at.order(y, support) if asked_at.packed else None
        if order is None:
            return y
        return torch.empty_like(y).index_copy(0, order, y)

    def admit(self, values: Tensor) -> Tensor:
        values = super().admit(values)
        if not torch.compiler.is_exporting():
            self._check_size(tuple(values.shape[2:]))
        return values

    def _check_size(self, size: tuple[int, ...]) -> None:
        """Refuse an input too small for the scales, or for a kernel on a ring, and say for which."""
        least = self._least
        if all(n >= enough for n, enough in zip(size, least, strict=False)):  # nothing to ask of what is no lattice
            return
        alike = f"{least[0]} sites along every axis" if len(set(least)) == 1 else ""
        raise InputError(
            f"an input of {' × '.join(map(str, size))}",
            f"at least {alike or ' × '.join(map(str, least)) + ' sites'}",
            self._mend(min(size)),
        )

    def _mend(self, side: int) -> str:
        """What to do about an input too small."""
        domain, halvings = self.source.domain, self._halvings()
        if isinstance(domain, Sphere):
            return "Take a finer grid, or derive with a lower band."
        if isinstance(domain, Lattice) and domain.boundary == "periodic" and side >= domain.minimum_size(halvings):
            why = "A kernel would wrap around the ring twice; resize, or take a smaller kernel_size"
            return why + (" or fewer scales." if halvings else ".")
        fewer = f", or take fewer than {halvings + 1} scales" if halvings else ""
        return f"Its coarsest grid would be too small; resize{fewer}."

    # ---- what it promises ------------------------------------------------------------------------------------------
    @property
    def minimum_size(self) -> int:
        """So many sites along every axis suffice: each level keeps two, and no kernel goes round a ring twice."""
        return max(self._least, default=0)

    @property
    def smallest_input(self) -> tuple[int, ...]:
        """The fewest sites along each axis: rows and columns of a sphere are not as many. Empty where any size fits."""
        return self._least

    @property
    def translation_law(self) -> TranslationLaw | None:
        """Which translations it keeps exactly; None where the domain has none."""
        domain = self.source.domain
        if not isinstance(domain, Lattice):
            return None
        seen = self.footprint().receptive_field
        fixed = domain.causal and self._zero_is_fixed()
        goes_on = not fixed and any(layer.zero_is_fixed for layer in leaves(self)) and not self.target.domain.axes
        return TranslationLaw(domain.boundary, 2 ** self._halvings(), seen, domain.causal, fixed, goes_on)

    @property
    def translation_laws(self) -> tuple[TranslationLaw | None, ...]:
        """Of each factor of a product of domains which translations it keeps exactly; None for those that have none."""
        domain = self.source.domain
        if not isinstance(domain, Product):
            return ()
        seen = self.explain().rows[-1].along
        return tuple(self._law_of(i, factor, seen[i]) for i, factor in enumerate(domain.factors))

    def _law_of(self, place: int, factor: Domain, seen: int | None) -> TranslationLaw | None:
        if not isinstance(factor, Lattice):
            return None
        along = [x for layer in _alongs(self, place) for x in leaves(layer)]
        return TranslationLaw(factor.boundary, 2 ** _halvings(factor, along), seen, factor.causal)

    def _zero_is_fixed(self) -> bool:
        """Whether zeros before a sequence change nothing: no layer up to the last state starts at them, and then steps
        stay apart."""
        parts = list(leaves(self))
        last = max((i for i, part in enumerate(parts) if part.zero_is_fixed), default=-1)
        after = [part for part in parts[last + 1 :] if part.source.domain.axes]
        apart = all(part.footprint().extent == 0 or getattr(part, "method", "") == "last" for part in after)
        return last >= 0 and all(part.zero_is_fixed for part in parts[: last + 1]) and apart

    def _halvings(self) -> int:
        return _halvings(self.source.domain, list(leaves(self)))

    def _fewest(self) -> tuple[int, ...]:
        """The fewest sites along each axis; a kernel need not be as long on all of them."""
        domain = self.source.domain
        if isinstance(domain, Product):
            along = [[x for layer in _alongs(self, i) for x in leaves(layer)] for i in range(len(domain.factors))]
            return tuple(n for f, parts in zip(domain.factors, along, strict=True) for n in _fewest_of(f, parts))
        return _fewest_of(domain.of if isinstance(domain, Nest) else domain, list(leaves(self)))

    def warped(self, factor: float) -> "Blueprint":
        """T_c: the network for signals that run `factor` times slower, f_{Tθ}(x ∘ c) = f_θ(x) ∘ c at the ends of holds.

        A copy with other weights, of every layer that has such a map. Raises TaskError where a layer that sees more
        than one step at a time has none.
        """
        from erlangen.blueprint.warping import warped

        return warped(self, factor)

    # ---- where it may break its symmetry ---------------------------------------------------------------------------
    def prior(self) -> Tensor:
        """−log p(F) = Σ ‖F‖²/2 over the free parts F of relaxed layers, each in units of what is expected of it.

        A scalar with gradients, to be added to what is summed over all examples; to a mean as `net.prior() / n`. 0 for
        a network that is not relaxed.

        >>> import erlangen as er
        >>> task = er.Task(er.Grid(2), er.C(4), input=1, output=er.Invariant(10))
        >>> er.derive(task, relaxed=True).prior().item()  # it starts symmetric
        0.0

        Finzi, Benton, Wilson 2021, arXiv:2112.01388.
        """
        from erlangen.blueprint.relaxed import prior

        return prior(self)

    def relaxation(self) -> dict[str, float]:
        """‖V − K‖²/‖V‖² of every relaxed layer, by its name: the share of its weight V that breaks the symmetry.

        K is the nearest weight that keeps it. 0 where nothing does; empty for a network that is not relaxed.
        """
        from erlangen.blueprint.relaxed import relaxation

        return relaxation(self)

    def strict(self) -> "Blueprint":
        """The nearest network that keeps its symmetry, layer by layer: the same without the free parts; a copy."""
        from erlangen.blueprint.relaxed import strict

        return strict(self)

    # ---- what can be done with it ----------------------------------------------------------------------------------
    @property
    def recipe(self) -> dict[str, Any]:
        """Pure data (JSON) from which `er.build` makes the same network, with fresh weights."""
        from erlangen.blueprint.recipe import write

        return write(self)

    def explain(self) -> "Explanation":
        """Why each layer is there: prior, law, free weights against unconstrained, spaces, receptive field, source."""
        from erlangen.blueprint.explain import explain

        return explain(self)

    def export(self, like: Tensor | None = None) -> nn.Module:
        """A module of torch's own layers with the same outputs in eval: nothing of this library is left in it.

        Layers between regular fields are written as one dense product or in isotypic blocks, as they compute; with
        `like`, a batch of the size to be served, both are timed on it and the faster is taken.
        """
        from erlangen.blueprint.export import export

        return export(self, like)

    def save(self, path: str | Path) -> None:
        """`er.save(self, path)`."""
        from erlangen.blueprint.store import save

        save(self, path)


def _fewest_of(domain: Domain, parts: list[Layer]) -> tuple[int, ...]:
    """The fewest sites along each axis of a domain that so many layers look at; a kernel need not be as long on all."""
    if isinstance(domain, Sphere):
        bands = [layer.band for layer in parts if isinstance(layer, SpherePool) and layer.domain == domain]
        return domain.grid.least(domain.band if domain.band is not None else max(bands, default=0))
    if not isinstance(domain, Lattice):
        return (1,) * domain.axes if not isinstance(domain, Finite) else ()
    least = [domain.minimum_size(_halvings(domain, parts))] * domain.dim
    for layer in parts:
        if isinstance(layer, LatticeConv):
            halvings = layer.domain.level - domain.level
            least = [max(n, domain.minimum_size(halvings, far)) for n, far in zip(least, layer.reach, strict=True)]
        if isinstance(layer, Kmers):  # on an open line words leave fewer sites than there are letters
            least = [max(n, layer.k) if domain.boundary == "periodic" else n + layer.k - 1 for n in least]
    return tuple(least)


def _halvings(domain: Domain, parts: list[Layer]) -> int:
    base = getattr(domain, "level", 0)
    return max((getattr(end.domain, "level", 0) for x in parts for end in (x.source, x.target)), default=base) - base


def _alongs(layer: Layer, place: int) -> Iterator[Layer]:
    """The layers along one factor of a product."""
    if isinstance(layer, Along):
        yield from [layer] if layer.place == place else []
        return
    inside = [getattr(layer, name, None) for name in ("inner", "shortcut")]
    parts = layer if isinstance(layer, Chain) else layer.layers if isinstance(layer, Composite) else ()
    for part in [*parts, *inside]:
        if isinstance(part, Layer):
            yield from _alongs(part, place)


def _flat(layer: Layer) -> list[Layer]:
    return [part for inner in layer for part in _flat(inner)] if isinstance(layer, Chain) else [layer]
