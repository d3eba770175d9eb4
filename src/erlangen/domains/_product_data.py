"""What users hold of signals on a product of domains, read factor by factor."""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from erlangen.domains._segments import lengths, starts
from erlangen.domains._together import Together
from erlangen.domains.packed import attribute
from erlangen.domains.sequence import BESIDE, Sequence
from erlangen.errors import InputError

if TYPE_CHECKING:
    from erlangen.domains._base import Domain
    from erlangen.domains.product import Product


HELD = ("pos", "batch", "ptr", "z", "edge_index", "edge_attr", "edge_weight", "cell", "pbc", "cell_offsets")


def _beside(data: Any, x: Tensor) -> dict[str, Any]:
    """What a factor has, with one channel in the place of the values."""
    held = {name: attribute(data, name) for name in HELD}
    return {"x": x, **{name: value for name, value in held.items() if value is not None}}


def read_product(product: "Product", data: Any) -> tuple[Tensor, Any]:
    """Values and supports. Raises InputError where the rows are not all tuples of points."""
    x = data if isinstance(data, Tensor) else attribute(data, "x")
    if not isinstance(x, Tensor):
        raise InputError(
            f"a {type(data).__name__} without a tensor x",
            "x, and what each packed factor has",
            "See er.domains.Product.",
        )
    product.check_values(x)
    packed = [i for i, factor in enumerate(product.factors) if factor.packed]
    given = attribute(data, "factors") if not isinstance(data, Tensor) else None
    supports: list[Any] = [None] * len(product.factors)
    ptrs: list[Tensor | None] = [None] * len(product.factors)
    if len(packed) == 1 and given is None:
        place = packed[0]
        factor: Any = product.factors[place]
        dummy = x.new_zeros(len(x), 1)
        _, supports[place] = factor.read(dummy if isinstance(data, Tensor) else _beside(data, dummy))
        members = factor.members(dummy, supports[place])
        x, ptrs[place] = (x if members.order is None else x[members.order]), members.ptr
    else:
        for place, own in zip(packed, _each(product, packed, given), strict=True):
            supports[place], ptrs[place] = _alone(product.factors[place], own, x)
        _check_rows(product, packed, ptrs, x)
    made = Together(supports, ptrs)
    told = {} if isinstance(data, Tensor) else {name: attribute(data, name) for name in BESIDE}
    told = {name: value for name, value in told.items() if value is not None}
    signals = len(lengths(ptrs[packed[0]]))  # type: ignore[arg-type]
    return x, _told_time(product, made, x, told, signals) if told else made


def support_in_time(product: "Product", values: Tensor, given: dict[str, Any]) -> Together:
    """What goes beside the values where no factor is packed: the clock of its sequences."""
    none = [None] * len(product.factors)
    return _told_time(product, Together(none, none), values, given, len(values))


def _told_time(product: "Product", together: Together, x: Tensor, given: dict[str, Any], signals: int) -> Together:
    times = [i for i, factor in enumerate(product.factors) if isinstance(factor, Sequence)]
    if not times:
        raise InputError(f"{', '.join(given)} on {product!r}", "x and what its factors have", "It has no sequence.")
    (axis,) = product.at(times[0])
    clock = product.factors[times[0]].support_of(x.new_zeros(signals, 1, x.shape[2 + axis]), given)
    return together.replaced(times[0], clock, None)


def _each(product: "Product", packed: list[int], given: Any) -> list[Any]:
    if not isinstance(given, tuple | list) or len(given) not in (len(packed), len(product.factors)):
        raise InputError(
            f"factors={given!r} of {product!r}",
            f"what each of its {len(packed)} packed factors has, in their order",
            'For example factors=({"edge_index": …}, {"batch": …}).',
        )
    return list(given) if len(given) == len(packed) else [given[i] for i in packed]


def _alone(factor: "Domain", data: Any, like: Tensor) -> tuple[Any, Tensor]:
    """The support of one of several packed factors, whose points stand signal by signal."""
    reads: Any = factor
    known = [attribute(data, name) for name in ("x", "pos", "batch")]
    count = next((len(known_of) for known_of in known if isinstance(known_of, Tensor)), None)
    count = attribute(data, "num_nodes") if count is None else count
    if count is None and attribute(data, "ptr") is not None:
        count = int(attribute(data, "ptr")[-1])
    if count is None:
        raise InputError(f"{data!r} for {factor!r}", "how many points it has", "Give num_nodes, batch or ptr.")
    dummy = like.new_zeros(int(count), 1)
    _, support = reads.read(_beside(data, dummy))
    members = reads.members(dummy, support)
    if members.order is not None:
        raise InputError("batch numbers that fall, in a product of packed domains", "rising ones", "Sort the points.")
    return support, members.ptr


def _check_rows(product: "Product", packed: list[int], ptrs: list[Tensor | None], x: Tensor) -> None:
    sizes = [lengths(ptrs[i]) for i in packed]  # type: ignore[arg-type]
    if len({len(size) for size in sizes}) > 1:
        raise InputError(f"{[len(s) for s in sizes]} signals", "as many of each factor", "Signal by signal.")
    rows = int(starts(torch.stack(sizes).prod(0))[-1])
    if rows != len(x):
        raise InputError(
            f"{len(x)} rows on {product!r}", f"{rows}, one for each tuple of points", "The last factor goes fastest."
        )
