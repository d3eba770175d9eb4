"""What each core operation of torch does in the field: tables by name, and nothing is guessed beyond them.

Moves take numbers from place to place and are done to both parts of the residues by torch itself. The rest stands in
`arithmetic` (sums and products), `functions` (drawn at random) and `windows` (pools and interpolation).
"""

from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from erlangen.auditing.proof import arithmetic, functions, windows
from erlangen.auditing.proof.field import Field, Residues
from erlangen.auditing.proof.values import Known, Truth, Undecided, in_field, known

IGNORED = {"_assert_tensor_metadata", "_assert_async", "_assert_scalar", "sym_constrain_range_for_size"}
MOVES = {
    "_reshape_alias",
    "_to_copy",
    "_upsample_nearest_exact1d",
    "_upsample_nearest_exact2d",
    "_upsample_nearest_exact3d",
    "_unsafe_view",
    "alias",
    "cat",
    "chunk",
    "clone",
    "contiguous",
    "copy",
    "detach",
    "diagonal",
    "expand",
    "expand_as",
    "flatten",
    "flip",
    "gather",
    "im2col",
    "index",
    "index_select",
    "lift_fresh_copy",
    "movedim",
    "narrow",
    "permute",
    "pixel_shuffle",
    "pixel_unshuffle",
    "reflection_pad1d",
    "reflection_pad2d",
    "reflection_pad3d",
    "repeat",
    "replication_pad1d",
    "replication_pad2d",
    "replication_pad3d",
    "reshape",
    "roll",
    "rot90",
    "scatter",
    "select",
    "select_scatter",
    "slice",
    "slice_scatter",
    "split",
    "split_with_sizes",
    "squeeze",
    "stack",
    "t",
    "to",
    "transpose",
    "tril",
    "triu",
    "unbind",
    "unflatten",
    "unfold",
    "unsafe_split",
    "unsqueeze",
    "upsample_nearest1d",
    "upsample_nearest2d",
    "upsample_nearest3d",
    "view",
}
INDEXED = {"gather", "index", "index_select", "scatter"}  # moves that whole numbers steer
LOGIC = {"logical_not", "logical_and", "logical_or", "bitwise_not", "bitwise_and", "bitwise_or"}
QUANTIFIED = {"any", "all"}
FILLED = {"full_like": None, "zeros_like": 0.0, "ones_like": 1.0, "empty_like": 0.0}
ANEW = {"new_full": None, "new_zeros": 0.0, "new_ones": 1.0, "new_empty": 0.0}
RESHAPED = torch.ops.aten.reshape.default
TABLE = arithmetic.TABLE | functions.TABLE | windows.TABLE
_UNREAD = ("dtype", "layout", "device", "pin_memory", "memory_format", "non_blocking")


def name_of(target: Any) -> str:
    """ "convolution" of `aten.convolution.default`."""
    schema = getattr(target, "_schema", None)
    return str(target) if schema is None else schema.name.removeprefix("aten::")


def is_known(target: Any) -> bool:
    """Whether `act` has it in one of its tables."""
    name = name_of(target)
    return any(name in table for table in (IGNORED, MOVES, TABLE, FILLED, ANEW, LOGIC))


def act(field: Field, target: Any, args: Any, kwargs: Any) -> Any:
    """One operation of a graph on residues. Raises Undecided for one that no table has."""
    name = name_of(target)
    if name in IGNORED:
        return None
    _refuse_whole_numbers(target, name, kwargs)
    try:
        if name in FILLED or name in ANEW:
            return filled(field, target, args, kwargs)
        if name in LOGIC or any(isinstance(leaf, Truth) for leaf in pytree.tree_leaves((args, kwargs))):
            return of_truths(field, target, name, args, kwargs)
        return of_numbers(field, target, name, args, kwargs)
    except (TypeError, ValueError, AttributeError, RuntimeError, IndexError) as reason:  # an overload not in the table
        raise Undecided(f"{target}: {str(reason).splitlines()[0]}") from reason


def of_numbers(field: Field, target: Any, name: str, args: Any, kwargs: Any) -> Any:
    """A move, or what a table says; a comparison gives truth values."""
    if name not in MOVES and name not in TABLE:
        raise Undecided(f"the operation {target}")
    args, kwargs = in_field((args, kwargs))
    if name in MOVES:
        return moved(target, args, kwargs)
    if name in QUANTIFIED:
        raise Undecided(f"{target} of numbers")
    made = TABLE[name](field, *args, **{k: v for k, v in kwargs.items() if k not in _UNREAD})
    return Truth(made) if name in functions.COMPARISONS and isinstance(made, Residues) else made


def of_truths(field: Field, target: Any, name: str, args: Any, kwargs: Any) -> Any:
    """What may be done with truth values: move, combine, choose, and be read as 1 and 0."""
    leaves = [leaf for leaf in pytree.tree_leaves((args, kwargs)) if isinstance(leaf, Residues | Truth | Known)]
    bare = pytree.tree_map_only(Truth, lambda truth: truth.residues, (args, kwargs))
    if name in ("_to_copy", "to"):
        return bare[0][0] if kwargs.get("dtype", torch.bool).is_floating_point else args[0]
    if name in ("where", "masked_fill"):
        chooses, *values = (args[0], *args[1:]) if name == "where" else (args[1], args[0], *args[2:])
        if isinstance(chooses, Truth) and not any(isinstance(value, Truth) for value in values):
            given = in_field(bare)
            return TABLE[name](field, *given[0], **given[1])
        raise Undecided(f"{target} of truth values")
    if name in QUANTIFIED and isinstance(args[0], Truth):
        return Truth(TABLE[name](field, *bare[0], **bare[1]))
    whole = all(
        isinstance(leaf, Truth) or (isinstance(leaf, Known) and leaf.native.dtype == torch.bool) for leaf in leaves
    )
    if name in LOGIC and whole:
        return Truth(TABLE[name](field, *in_field(bare[0])))
    if name in MOVES and all(isinstance(leaf, Truth) for leaf in leaves):
        made = moved(target, *bare)
        return Truth(made) if isinstance(made, Residues) else [Truth(part) for part in made]
    raise Undecided(f"{target} of truth values")


def _refuse_whole_numbers(target: Any, name: str, kwargs: Any) -> None:
    """Whole numbers that depend on the inputs have an arithmetic of their own."""
    dtype, anyhow = kwargs.get("dtype"), name in FILLED or name in ANEW or name in ("_to_copy", "to")
    if not anyhow and dtype is not None and not dtype.is_floating_point:
        raise Undecided(f"{target} to whole numbers")


def moved(target: Any, args: Any, kwargs: Any) -> Any:
    """A move, done to both parts."""
    name = name_of(target)
    if name in ("_to_copy", "to"):
        if not kwargs.get("dtype", torch.float32).is_floating_point:
            raise Undecided(f"{target} to whole numbers")
        return args[0]
    kwargs = {k: v for k, v in kwargs.items() if k not in _UNREAD}
    leaves, form = pytree.tree_flatten((args, kwargs))
    written = any(isinstance(leaf, str | float) for leaf in leaves) and "upsample" not in name  # by a factor
    if written or (name not in INDEXED and any(isinstance(leaf, Tensor) for leaf in leaves)):
        raise Undecided(f"{target} of numbers and whole numbers together")
    move = RESHAPED if name in ("view", "_unsafe_view") else target  # what is moved need not lie as it did
    halves = []
    for i in range(2):
        half = [leaf.parts[i] if isinstance(leaf, Residues) else leaf for leaf in leaves]
        given = pytree.tree_unflatten(half, form)
        halves.append(move(*given[0], **given[1]))
    degree = max(leaf.degree for leaf in leaves if isinstance(leaf, Residues))
    if isinstance(halves[0], Tensor):
        return Residues((halves[0], halves[1]), degree)
    return [Residues((a, b), degree) for a, b in zip(*halves, strict=True)]


def filled(field: Field, target: Any, args: Any, kwargs: Any) -> Known:
    """A constant in the shape of a tensor, of which no number is read."""
    name, (like, *rest) = name_of(target), args
    shape = like.shape if name in FILLED else rest.pop(0)
    value = (FILLED | ANEW)[name]
    dtype = kwargs.get("dtype") or field.dtype
    return known(field, torch.full(tuple(shape), rest[0] if value is None else value, dtype=dtype), str(target))
