"""Arrays larger than memory: several files, one behind the other, of which only what is cut is read."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from erlangen.errors import DataError

Check = Callable[[Tensor, str], None]
CUTS = torch.ops.aten


class Shards(Tensor):
    """x [n, …] in the .npy files F₀, F₁, …: n = Σ nᵢ. `x[i]`, `x[a:b]` and `x[indices]` are read; they are tensors.

    uint8 is scaled to 0 … 1 where a floating `dtype` is asked for. `check(values, where)` sees whatever is read. All
    else that one may do to a tensor would need all of it, and is a DataError.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = [Path(folder) / name for name in ("a.npy", "b.npy")]
    ...     for file, rows in zip(files, (2, 3)):
    ...         np.save(file, np.full((rows, 1, 4), rows, np.float32))
    ...     x = Shards(files)
    ...     x.shape, x[[1, 4]].mean((1, 2)).tolist()
    (torch.Size([5, 1, 4]), [2.0, 3.0])
    """

    files: list[Path]
    arrays: list[np.ndarray]
    starts: np.ndarray
    check: Check | None
    __torch_function__ = torch._C._disabled_torch_function_impl  # pyright: ignore[reportAssignmentType]

    @staticmethod
    def __new__(cls, files: Sequence[Path], dtype: torch.dtype = torch.float32, check: Check | None = None) -> "Shards":
        arrays = [_opened(file) for file in files]
        shape = _one_shape(files, arrays)
        made: Shards = torch.Tensor._make_wrapper_subclass(cls, shape, dtype=dtype)  # pyright: ignore[reportAttributeAccessIssue]
        made.files, made.arrays, made.check = list(files), arrays, check
        made.starts = np.cumsum([0, *map(len, arrays)])
        return made

    def rows(self, indices: np.ndarray) -> Tensor:
        """The rows at these places, in this order, `[k, …]`."""
        shards = np.searchsorted(self.starts, indices, side="right") - 1
        read = np.empty((len(indices), *self.shape[1:]), self.arrays[0].dtype)
        for shard in np.unique(shards):
            there = shards == shard
            read[there] = self.arrays[shard][indices[there] - self.starts[shard]]
        scale = 255 if read.dtype == np.uint8 and self.dtype.is_floating_point else 1
        values = torch.from_numpy(read).to(self.dtype) / scale if scale > 1 else torch.from_numpy(read).to(self.dtype)
        if self.check is not None:
            self.check(values, f"{self.files[0].parent}")
        return values

    def __reduce_ex__(self, protocol: Any) -> Any:
        return Shards, (self.files, self.dtype, self.check)

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        return f"Shards(of {len(self.files)} files, shape={tuple(self.shape)}, dtype={self.dtype})"

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        x, *rest = args
        cut = cls._cuts.get(func)
        if cut is None or not isinstance(x, Shards):
            given = f"{func.__name__} of an array in {len(_shards(args)[0].files)} files"
            raise DataError(given, "cuts along its first axis", "Cut batches from it, or load less of it: data.limit.")
        return cut(x, *rest)

    @staticmethod
    def _select(x: "Shards", dim: int, index: int) -> Tensor:
        if dim != 0:
            return x.rows(np.arange(len(x))).select(dim, index)
        return x.rows(np.array([index % len(x)]))[0]

    @staticmethod
    def _slice(x: "Shards", dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor:
        if dim != 0:
            return x.rows(np.arange(len(x)))[(slice(None),) * dim + (slice(start, end, step),)]
        return x.rows(np.arange(len(x))[slice(start, end, step)])

    @staticmethod
    def _index(x: "Shards", indices: Sequence[Tensor | None]) -> Tensor:
        first, *rest = indices
        places = torch.arange(len(x)) if first is None else first
        if places.dtype == torch.bool:
            places = places.nonzero()[:, 0]
        found = x.rows(places.numpy() % len(x))
        return found[(slice(None), *(slice(None) if i is None else i for i in rest))] if rest else found

    _cuts: ClassVar[dict[Any, Callable[..., Tensor]]] = {
        CUTS.select.int: _select,
        CUTS.slice.Tensor: _slice,
        CUTS.index.Tensor: _index,
        CUTS.detach.default: lambda x: x,
        CUTS.alias.default: lambda x: x,
    }


def _shards(args: Any) -> list[Shards]:
    """The first array in shards among the arguments, wherever it stands."""
    return [value for value in pytree.tree_leaves(args) if isinstance(value, Shards)]


def _opened(file: Path) -> np.ndarray:
    """The file's array, where it lies."""
    try:
        array = np.load(file, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # NumPy says in many ways that a header is damaged
        mend = "Write it again: erlangen.data.write_shards."
        raise DataError(f"{file}, which cannot be read ({error})", "an .npy file of a plain array", mend) from None
    if not isinstance(array, np.ndarray) or array.ndim < 1 or array.dtype.kind not in "fiub":
        raise DataError(f"{file}, which holds no numbers [n, …]", "an .npy file of a plain array", "Write it again.")
    return array


def _one_shape(files: Sequence[Path], arrays: Sequence[np.ndarray]) -> tuple[int, ...]:
    """[Σ nᵢ, …]; DataError where one file has rows of another shape or kind than the first."""
    like = arrays[0]
    for file, array in zip(files, arrays, strict=True):
        if array.shape[1:] != like.shape[1:] or array.dtype != like.dtype:
            given = f"{file} with rows of shape {array.shape[1:]} and dtype {array.dtype}"
            expected = f"{like.shape[1:]} and {like.dtype}, as in {files[0].name}"
            raise DataError(given, expected, "Write all shards of one part alike.")
    return (sum(map(len, arrays)), *like.shape[1:])
