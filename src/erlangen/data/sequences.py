"""Sequences of several lengths in one store, from which batches are cut: filled up on the right, with their lengths."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from erlangen.data.pace import at_pace, factors_of, lasting
from erlangen.data.rows import cut, starts
from erlangen.domains.clock import within
from erlangen.errors import DataError
from erlangen.given import listed, shortened


class SequenceBatch(SimpleNamespace):
    """Some sequences, zeros after the end of each: x `[b, c, T]`, lengths `[b]`; dt, holds `[b, T]` if there are.

    >>> batch = SequenceStore([torch.ones(1, 2), torch.ones(1, 3)]).batch([0, 1])
    >>> len(batch), batch.to("cpu").lengths.tolist()
    (2, [2, 3])
    """

    x: Tensor
    lengths: Tensor

    def __len__(self) -> int:
        return len(self.lengths)

    def to(self, device: Any, **how: Any) -> "SequenceBatch":
        """The same on another device."""
        held = vars(self).items()
        return SequenceBatch(**{name: v.to(device, **how) if isinstance(v, Tensor) else v for name, v in held})

    def steps(self, values: Tensor) -> Tensor:
        """What stands at the steps that there are, one sequence behind the other: `[b, …, T]` → `[steps, …]`.

        >>> SequenceStore([torch.ones(1, 2), torch.ones(1, 3)]).batch([0, 1]).steps(torch.ones(2, 7, 3)).shape
        torch.Size([5, 7])
        """
        return values.movedim(-1, 1)[self._there.to(values.device)]

    def filled(self, values: Tensor, fill: int) -> Tensor:
        """The way back for one number a step, `[steps]` → `[b, T]`, `fill` after the end of each.

        >>> SequenceStore([torch.ones(1, 2), torch.ones(1, 3)]).batch([0, 1]).filled(torch.arange(5), -1).tolist()
        [[0, 1, -1], [2, 3, 4]]
        """
        held = values.new_full((len(self), self.x.shape[-1]), fill)
        held[self._there.to(values.device)] = values
        return held

    def paced(self, slower: "float | Sequence[float]") -> "tuple[SequenceBatch, Tensor]":
        """Each at another speed, see `SequenceStore.paced`."""
        store, rows = SequenceStore.of(self).paced(slower)
        return store.batch(range(len(self))), rows

    @property
    def _there(self) -> Tensor:
        """Where there are steps, `[b, T]`."""
        return within(self.x.shape[-1], self.lengths)


class SequenceStore:
    """All sequences one behind the other: x `[steps, c]`, dt and holds `[steps]` if there are, and where each begins.

    `sequences` are of shape `[c, T]`, T ≥ 1 its own for each; `dt`, for each the length of every step `[T]`, not
    negative; `holds` which steps hold one value, numbers that rise, `[T]`. Kept as float32. What does not fit is a
    DataError that says which.

    >>> store = SequenceStore([torch.ones(2, 4), torch.zeros(2, 3)])
    >>> store.sizes.tolist(), store.batch([1, 0]).x.shape, store[0].x.shape
    ([4, 3], torch.Size([2, 2, 4]), torch.Size([1, 2, 4]))
    """

    def __init__(
        self,
        sequences: Sequence[Tensor],
        dt: Sequence[Tensor] | None = None,
        holds: Sequence[Tensor] | None = None,
    ):
        if not isinstance(sequences, list | tuple):
            raise DataError(f"sequences={shortened(sequences)}", "a list of tensors", "Of one: [sequence].")
        if not sequences:
            raise DataError("no sequences", "at least one", "Check the file that they come from.")
        read = [_as_tensor(f"sequence {i}", sequence, torch.float32) for i, sequence in enumerate(sequences)]
        for i, sequence in enumerate(read):
            if sequence.dim() != 2 or 0 in sequence.shape or len(sequence) != len(read[0]):
                given = f"sequence {i} of shape {tuple(sequence.shape)}"
                channels = len(read[0]) if read[0].dim() else "channel"
                raise DataError(given, f"[{channels}, steps], with as many channels in all", "Transpose it?")
        self.x = torch.cat([sequence.T for sequence in read])
        self.ptr = starts([sequence.shape[1] for sequence in read])
        self.dt = self._along("dt", dt, torch.float32)
        self.holds = self._along("holds", holds, torch.int64)
        self._check()

    def __len__(self) -> int:
        return len(self.ptr) - 1

    def __getitem__(self, index: int) -> SequenceBatch:
        return self.batch([index])

    def __iter__(self) -> Iterator[SequenceBatch]:
        return (self[i] for i in range(len(self)))

    @property
    def sizes(self) -> Tensor:
        """How many steps each has."""
        return self.ptr.diff()

    def batch(self, indices: "Sequence[int] | Tensor") -> SequenceBatch:
        """The sequences at these indices, filled up to the longest of them."""
        picked = torch.as_tensor(indices, dtype=torch.int64)
        if not len(picked):
            raise DataError("a batch of no sequences", "at least one", "Give their numbers.")
        rows, which, ptr = cut(self.ptr, picked)
        lengths = ptr.diff()
        place = torch.arange(len(rows)) - ptr[which]

        def padded(values: Tensor, fill: int = 0) -> Tensor:
            held = values.new_full((len(picked), int(lengths.max()), *values.shape[1:]), fill)
            held[which, place] = values[rows]
            return held

        made = SequenceBatch(x=padded(self.x).transpose(1, 2).contiguous(), lengths=lengths)
        if self.dt is not None:
            made.dt = padded(self.dt)
        if self.holds is not None:
            made.holds = padded(self.holds, int(self.holds.max()) + 1)  # after the end they go on rising
        return made

    def take(self, indices: "Sequence[int] | Tensor") -> "SequenceStore":
        """A store of the sequences at these indices, in this order."""
        rows, _, ptr = cut(self.ptr, torch.as_tensor(indices, dtype=torch.int64))
        dt, holds = (None if value is None else value[rows] for value in (self.dt, self.holds))
        return SequenceStore._of(ptr, self.x[rows], dt, holds)

    def rows(self, indices: "Sequence[int] | Tensor") -> Tensor:
        """The rows of x that belong to the sequences at these indices."""
        return cut(self.ptr, torch.as_tensor(indices, dtype=torch.int64))[0]

    def joined(self, *others: "SequenceStore") -> "SequenceStore":
        """The sequences of this store, then those of the others."""
        stores = [self, *others]
        sizes = torch.cat([store.sizes for store in stores]).tolist()
        dt, holds = (_joined([getattr(store, name) for store in stores]) for name in ("dt", "holds"))
        return SequenceStore._of(starts(sizes), torch.cat([store.x for store in stores]), dt, holds)

    def paced(
        self, slower: "float | Sequence[float]", told: bool = False, held: bool = False
    ) -> "tuple[SequenceStore, Tensor]":
        """Each sequence `slower` times slower (one factor, or one for each), and which row of x each step comes from.

        Interpolated, or with `held` every step so many times, and then `holds` says so. `told`: dt makes each as long
        as it was; else a step is as long as one was, and all of it so many times longer. DataError for no factors.

        >>> slow, rows = SequenceStore([torch.tensor([[0.0, 1.0]])]).paced(2, told=True, held=True)
        >>> slow.x[:, 0].tolist(), slow.dt.tolist(), slow.holds.tolist(), rows.tolist()
        ([0.0, 0.0, 1.0, 1.0], [0.5, 0.5, 0.5, 0.5], [0, 0, 1, 1], [0, 0, 1, 1])
        """
        parts, dt, holds, rows = [], [], [], []
        for i, factor in enumerate(factors_of(slower, len(self), held)):
            first, end = self.ptr[i : i + 2].tolist()
            x, source = at_pace(self.x[first:end].T, factor, held)
            parts.append(x)
            rows.append(first + source)
            recorded = torch.ones(end - first) if self.dt is None else self.dt[first:end]
            dt.append(lasting(recorded, len(source)) * (1.0 if told else len(source) / (end - first)))
            kept = held and self.holds is not None  # what is interpolated holds no value that was held
            holds.append(self.holds[rows[-1]] if kept and self.holds is not None else source)
        known, found = told or self.dt is not None, torch.cat(rows)
        return SequenceStore(parts, dt if known else None, holds if held else None), found

    @staticmethod
    def of(batch: SequenceBatch) -> "SequenceStore":
        """The store that has this batch as the whole of it.

        >>> SequenceStore.of(SequenceStore([torch.ones(1, 2), torch.ones(1, 3)]).batch([1, 0])).sizes.tolist()
        [3, 2]
        """
        dt, holds = (getattr(batch, name, None) for name in ("dt", "holds"))
        beside = (None if value is None else batch.steps(value) for value in (dt, holds))
        return SequenceStore._of(starts(batch.lengths.tolist()), batch.steps(batch.x), *beside)

    @staticmethod
    def _of(ptr: Tensor, x: Tensor, dt: Tensor | None, holds: Tensor | None) -> "SequenceStore":
        store = object.__new__(SequenceStore)
        store.ptr, store.x, store.dt, store.holds = ptr, x, dt, holds
        return store

    def _check(self) -> None:
        """Steps last no negative time, and holds rise within a sequence; else a DataError says in which they do not."""
        of = torch.repeat_interleave(torch.arange(len(self)), self.sizes)
        if self.dt is not None and bool((self.dt < 0).any()):
            which = int(of[self.dt < 0][0])
            raise DataError(f"negative dt in sequence {which}", "times from 0 up", "Sort its steps by time.")
        if self.holds is not None:
            falls = (self.holds.diff() < 0) & (of.diff() == 0)
            if bool(falls.any()):
                which = int(of[1:][falls][0])
                raise DataError(f"holds that fall in sequence {which}", "rising numbers", "For example 0, 0, 1, 2.")

    def _along(self, name: str, given: Sequence[Tensor] | None, dtype: torch.dtype) -> Tensor | None:
        """One number for each step, or None."""
        if given is None:
            return None
        parts = listed(name, given, DataError, "numbers for each sequence", "Or leave it out.")
        read = [_as_tensor(name, part, dtype) for part in parts]
        sizes, wanted = [len(part) if part.dim() == 1 else -1 for part in read], self.sizes.tolist()
        if sizes != wanted:
            which = next((i for i, (a, b) in enumerate(zip(sizes, wanted, strict=False)) if a != b), len(sizes))
            said = f"{name} that does not fit sequence {which}"
            raise DataError(said, "one number for each step", "Or leave it out.")
        return torch.cat(read)


def _as_tensor(name: str, given: Any, dtype: torch.dtype) -> Tensor:
    try:
        found = torch.as_tensor(given)
    except (TypeError, ValueError, RuntimeError):
        found = None
    if found is None or found.is_complex() or found.is_sparse or found.is_meta:
        raise DataError(f"{name}={shortened(given)}", "real numbers", "Convert with torch.as_tensor(…).")
    return found.to(dtype)


def _joined(parts: list[Tensor | None]) -> Tensor | None:
    """What all stores say of their steps, or None where none does."""
    said = [part for part in parts if part is not None]
    if len(said) not in (0, len(parts)):
        raise DataError("stores of which some say dt or holds", "all of them, or none", "Leave it out.")
    return torch.cat(said) if said else None
