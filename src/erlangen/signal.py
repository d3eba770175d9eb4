"""Space, the type of a signal, and Signal, its values: x : Ω → V with (g·x)(u) = ρ(g) x(g⁻¹u)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.utils import _pytree

from erlangen.domains import Domain
from erlangen.errors import InputError, MissingError, SpaceError
from erlangen.given import instance
from erlangen.representations import Representation
from erlangen.representations.channels import act_on_channels as act_on_channels

if TYPE_CHECKING:
    from erlangen.groups import Element, Group


@dataclass(frozen=True)
class Space:
    """X(Ω, ρ): the signals on a domain whose channels move by a representation. It is the type that layers check.

    Shapes: values are `[batch, ρ.dim, …points]`.

    >>> import erlangen as er
    >>> er.Space(er.Grid(2), 16 * er.C(4).regular)
    X(Grid(2), 16 × regular of C4)
    """

    domain: Domain
    rho: Representation

    def __post_init__(self) -> None:
        if not isinstance(self.domain, Domain) or not isinstance(self.rho, Representation):
            raise SpaceError(
                f"Space({self.domain!r}, {self.rho!r})",
                "a domain and a representation",
                "For scalars use n * G.trivial.",
            )

    def __deepcopy__(self, memo: dict[int, Any]) -> "Space":
        return self  # a value that never changes: copies of a network share it, and compare it by identity

    @property
    def group(self) -> "Group":
        """H, the group that acts on the points and, by ρ, on the channels."""
        return self.rho.group

    @property
    def channels(self) -> int:
        """dim ρ, the length of axis 1."""
        return self.rho.dim

    def act(self, g: "Element", values: Tensor) -> Tensor:
        """(g·x)(u) = ρ(g) x(g⁻¹u). Shapes: `[batch, channel, …]` → the same (the point axes may change places)."""
        return self.domain.move(g, values, self.rho)

    def check(self, values: Tensor) -> None:
        """Raise an InputError unless `values` has the shape and dtype of a signal of this space. Never reads values."""
        if values.layout != torch.strided:
            raise InputError(f"values of layout {values.layout}", "a dense tensor", "Convert with .to_dense().")
        if not values.dtype.is_floating_point:
            raise InputError(
                f"values of dtype {values.dtype}", "a floating dtype", "Convert with .float() or .double()."
            )
        self.domain.check_values(values)
        if values.shape[1] != self.channels:
            raise InputError(
                f"{values.shape[1]} channels",
                f"{self.channels} on axis 1, as {self!r} has",
                "Declare them in the task's input.",
            )

    def __repr__(self) -> str:
        return f"X({self.domain!r}, {self.rho})"


class Signal:
    """Values that know their space. Passes through layers of that space and refuses what would forget the symmetry.

    Shapes: values `[batch, channel, …points]`. Sums of two signals of one space, and products with a number, are
    signals; any other function of torch or NumPy raises a SpaceError that says why; `.values` is the plain tensor.

    >>> import torch, erlangen as er
    >>> x = er.Signal(torch.randn(1, 4, 8, 8), er.Space(er.Grid(2), er.C(4).regular))
    >>> (2 * x + x).space == x.space
    True
    """

    __slots__ = ("space", "support", "values")

    def __init__(self, values: Tensor, space: Space, support: Any = None):
        if not isinstance(values, Tensor):
            raise InputError(
                f"values of type {type(values).__name__}", "a torch.Tensor", "Use torch.as_tensor(values)."
            )
        instance("space", space, Space, SpaceError, "Build one with er.Space(domain, representation).")
        space.check(values)
        _fill(self, values, space, support)

    def __setattr__(self, name: str, value: Any) -> None:
        raise SpaceError(
            f"an assignment to Signal.{name}", "a new Signal", "Signals are frozen: build Signal(values, space)."
        )

    def __delattr__(self, name: str) -> None:
        raise SpaceError(
            f"a deletion of Signal.{name}", "a new Signal", "Signals are frozen: build Signal(values, space)."
        )

    def __reduce__(self) -> Any:
        return _unchecked, (self.values, self.space, self.support)

    def act(self, g: "Element") -> "Signal":
        """g·x, of the same space; g an element of the group, or what `group.element` reads as one."""
        from erlangen.groups import Element

        if not isinstance(g, Element):
            g = self.space.group.element(g)
        support = self.space.domain.move_support(g, self.support)
        return Signal(self.space.act(g, self.values), self.space, support)

    # ---- the linear structure, which every representation keeps ---------------------------------------------------
    def __add__(self, other: Any) -> "Signal":
        return self._linear(other, torch.add, "adding")

    def __sub__(self, other: Any) -> "Signal":
        return self._linear(other, torch.sub, "subtracting")

    def __mul__(self, number: Any) -> "Signal":
        return _unchecked(self.values * self._number(number, "multiplying by"), self.space, self.support)

    def __truediv__(self, number: Any) -> "Signal":
        return _unchecked(self.values / self._number(number, "dividing by"), self.space, self.support)

    def __neg__(self) -> "Signal":
        return _unchecked(-self.values, self.space, self.support)

    def __pos__(self) -> "Signal":
        return self

    __rmul__ = __mul__

    def __radd__(self, other: Any) -> "Signal":
        return self if isinstance(other, int) and other == 0 else self + other  # sum() begins with 0

    def __rsub__(self, other: Any) -> "Signal":
        return -self + other

    def _linear(self, other: Any, operation: Any, verb: str) -> "Signal":
        if not isinstance(other, Signal):
            raise SpaceError(
                f"{verb} a {type(other).__name__} and a signal of {self.space!r}",
                "two signals of one space",
                "A constant is not invariant under every representation; work on .values if you mean it.",
            )
        if other.space != self.space:
            raise SpaceError(
                f"{verb} {self.space!r} and {other.space!r}", "two signals of one space", "Map one by a layer first."
            )
        return _unchecked(operation(self.values, other.values), self.space, self.support)

    def _number(self, number: Any, verb: str) -> Any:
        if isinstance(number, np.floating | np.integer):
            return number.item()
        if isinstance(number, int | float):
            return number
        if isinstance(number, Tensor) and number.dim() == 0 and not number.is_complex():
            return number
        raise SpaceError(
            f"{verb} a {type(number).__name__}",
            "a number",
            f"A product by channels may break {self.space.rho}; use a layer, or take .values.",
        )

    # ---- refusals --------------------------------------------------------------------------------------------------
    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func in (torch.mul, Tensor.mul, Tensor.__mul__) and isinstance(args[0], Tensor) and isinstance(args[1], cls):
            return args[1] * args[0]
        signal = _first_signal((args, kwargs or {}))
        name = f"torch.{getattr(func, '__name__', func)}"
        known = f"{signal.space.rho}" if signal is not None else "a representation"
        raise SpaceError(
            f"{name} of a Signal",
            "a layer of its space",
            f"{name} knows nothing of {known}, so it may break the symmetry; "
            "use er.layers.nonlinearity(space) or another layer, or take .values.",
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> "Signal":
        if ufunc is np.multiply and method == "__call__" and isinstance(inputs[0], np.number):
            return inputs[1] * inputs[0]  # a number of NumPy's, then the signal
        return self.__array__()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise SpaceError("a NumPy function of a Signal", "plain values", "Take .values.detach().numpy().")

    def __getattr__(self, name: str) -> Any:
        """Only what a signal lacks comes here: refused with the way to what the tensor has."""
        if name in _OF_TENSORS:
            raise MissingError(
                f"Signal.{name}", "one of values, space, support, act", f"Take .values.{name}; it knows of no symmetry."
            )
        raise AttributeError(f"'Signal' object has no attribute {name!r}")

    def __repr__(self) -> str:
        return f"Signal({tuple(self.values.shape)}, {self.space!r})"


_OF_TENSORS = frozenset(name for name in dir(Tensor) if not name.startswith("_"))


def _refused(name: str) -> Any:
    """An operator that Python looks up on the type: refused, since no representation need keep it."""

    def refuse(self: Signal, *others: Any) -> Any:
        raise SpaceError(
            f"{name} of a Signal",
            "sums of signals and products with a number",
            f"It may break {self.space.rho}; use a layer, or take .values.",
        )

    return refuse


_ARITHMETIC = ("pow", "rpow", "matmul", "rmatmul", "floordiv", "rfloordiv", "mod", "rmod", "rtruediv", "abs", "invert")
_COMPARISON = ("lt", "le", "gt", "ge", "and", "or", "xor")
_CONTAINER = ("getitem", "setitem", "len", "iter", "contains", "float", "int", "round", "divmod", "rdivmod")
for _name in (*_ARITHMETIC, *_COMPARISON, *_CONTAINER):
    setattr(Signal, f"__{_name}__", _refused(f"__{_name}__"))


def _fill(signal: Signal, values: Any, space: Space, support: Any) -> Signal:
    for name, value in (("values", values), ("space", space), ("support", support)):
        object.__setattr__(signal, name, value)
    return signal


def _unchecked(values: Any, space: Space, support: Any) -> Signal:
    """A signal without the check at the door: for what is right by construction, and for torch's own transforms."""
    return _fill(object.__new__(Signal), values, space, support)


def _first_signal(nest: Any) -> Signal | None:
    leaves = _pytree.tree_flatten(nest, is_leaf=lambda leaf: isinstance(leaf, Signal))[0]
    return next((leaf for leaf in leaves if isinstance(leaf, Signal)), None)


# A signal is the tree of its values and, where it has one, its support; its space is what kind of tree it is.
def _flatten(signal: Signal) -> tuple[list[Any], Space]:
    return [leaf for _, leaf in _flatten_with_keys(signal)[0]], signal.space


def _flatten_with_keys(signal: Signal) -> tuple[list[tuple[Any, Any]], Space]:
    parts = [("values", signal.values)] + ([] if signal.support is None else [("support", signal.support)])
    return [(_pytree.GetAttrKey(name), part) for name, part in parts], signal.space


def _unflatten(leaves: Any, space: Space) -> Signal:
    values, *support = leaves
    return _unchecked(values, space, support[0] if support else None)


def _space_to_data(space: Space) -> dict[str, Any]:
    from erlangen.domains.text import domain_to_data
    from erlangen.groups.text import group_to_data
    from erlangen.representations.text import representation_to_data

    return {
        "group": group_to_data(space.group),
        "domain": domain_to_data(space.domain),
        "rho": representation_to_data(space.rho),
    }


def _space_from_data(data: dict[str, Any]) -> Space:
    from erlangen.domains.text import domain_from_data
    from erlangen.groups.text import group_from_data
    from erlangen.representations.text import representation_from_data

    group = group_from_data(data["group"])
    return Space(domain_from_data(data["domain"], group), representation_from_data(data["rho"], group))


_pytree.register_pytree_node(
    Signal,
    _flatten,
    _unflatten,
    flatten_with_keys_fn=_flatten_with_keys,
    serialized_type_name="erlangen.Signal",
    to_dumpable_context=_space_to_data,
    from_dumpable_context=_space_from_data,
)
