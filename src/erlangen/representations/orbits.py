"""Orbits of a group on pairs (i, j): the free weights of the maps between permutation representations.

Schreier's lemma: with words u_i that carry a root r to each i of its orbit, the loops u_{si}⁻¹ s u_i over all
generators s generate the stabiliser of r, whose orbits on j are the orbits on pairs. Every loop is looked at once, a
few of every root first: these join most labels, and the others, with hardly any left to join, are quickly seen to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from erlangen.errors import RepresentationError
from erlangen.representations._words import Integer, Places, Words, blocks, joined, words
from erlangen.representations.base import Images, Representation, not_a_permutation, same_group

Action: TypeAlias = "Representation | Sequence[Sequence[int] | Images]"
Edges: TypeAlias = tuple[Places, Places]

LOOPS = 2  # of each root in the first round
MORE_LOOPS = 4  # times as many in every further round
GOLDEN = 0.6180339887498949  # its multiples spread evenly over the circle


def pair_orbits(action_in: Action, action_out: Action) -> Images:
    """Orbits of G on pairs (i, j): W[g i, g j] = W[i, j] says that W has one free weight per orbit.

    An action is a permutation representation, or the image tuples of the generators, the same generators in both.
    Shapes: int64 labels 0 … k−1 in [dim_out, dim_in], numbered by first occurrence in row-major order. Memory: 12 bytes
    a pair, the labels among them (16 from 2³¹ pairs on), and up to as much again where nearly every pair is an orbit.
    Errors: RepresentationError for what is no permutation, for different groups or numbers of generators, and for more
    pairs than the machine has memory for.

    >>> import erlangen as er
    >>> er.pair_orbits(er.C(3).regular, er.C(3).regular).tolist()
    [[0, 1, 2], [2, 0, 1], [1, 2, 0]]

    Ravanbakhsh, Schneider, Poczos 2017, arXiv:1702.08389."""
    moves_in, moves_out = _read_both(action_in, action_out)
    size_out, size_in = moves_out.shape[1], moves_in.shape[1]
    tree = words(moves_out, moves_in, _dtype(size_out * size_in))
    labels = np.arange((tree.roots.max() + 1) * size_in, dtype=tree.undone.dtype)  # of the pairs (root, u_i⁻¹ j)
    for loops in _blocks_of_loops(tree, size_in):
        _join(labels, *_unequal(loops, labels, tree, moves_in, moves_out), size_in)
    # The first of an orbit stands in the row of a root, and roots are in order: numbering the labels there is enough.
    is_first = labels == np.arange(len(labels), dtype=labels.dtype)
    number = (np.cumsum(is_first, dtype=labels.dtype) - 1)[labels]
    answer = np.empty((size_out, size_in), dtype=np.int64)
    for b in blocks(size_out, size_in):
        answer[b] = number.take(tree.undone[b])
    return answer


def _blocks_of_loops(tree: Words, size: int) -> Iterator[Images]:
    """Blocks of loops (s, i), [2, loops]: LOOPS of every root, spread over its orbit, then more; roots in order."""
    generators, points = np.nonzero(~tree.kept)
    roots = tree.roots[points]
    order = np.argsort(roots, kind="stable")
    counts = np.bincount(roots)
    within = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    rank = within * GOLDEN % 1 * np.repeat(counts, counts)
    rounds = np.ceil(np.log(np.maximum(rank / LOOPS, 1)) / np.log(MORE_LOOPS)).astype(np.int64)
    order = order[np.argsort(rounds, kind="stable")]
    loops, ends = np.stack([generators[order], points[order]]), np.cumsum(np.bincount(rounds))
    for start, end in zip([0, *ends], ends, strict=False):
        yield from (loops[:, start:end][:, b] for b in blocks(int(end - start), size))


def _unequal(loops: Images, labels: Places, tree: Words, moves_in: Images, moves_out: Images) -> Edges:
    """The labels that loops make equal and that are not yet: W[s i, s j] = W[i, j]."""
    heads, tails = [labels[:0]], [labels[:0]]
    for s in np.unique(loops[0]):
        here = loops[1, loops[0] == s]
        before = labels.take(tree.undone[here])
        after = labels.take(tree.undone[moves_out[s, here]].take(moves_in[s], axis=1))
        different = before != after
        if different.any():
            heads.append(before[different])
            tails.append(after[different])
    return np.concatenate(heads), np.concatenate(tails)


def _join(labels: Places, heads: Places, tails: Places, size: int) -> None:
    """Labels with both ends of every edge made equal, each the smallest place that has it, in place."""
    if not len(heads):
        return
    low, high = heads.min() // size * size, (heads.max() // size + 1) * size  # of the roots that are met
    few = joined(high - low, heads - low, tails - low) + low
    labels[low:high] = few[labels[low:high] - low]


def _dtype(pairs: int) -> Integer:
    """int32 places where they suffice; refused where the memory of the machine does not."""
    dtype = np.int32 if pairs < 2**31 else np.int64
    needed, memory = (8 + np.dtype(dtype).itemsize) * pairs / 1e9, _memory() / 1e9
    if needed > memory:
        raise RepresentationError(
            f"{pairs:.3g} pairs, whose labels need some {needed:,.0f} GB",
            f"at most the {memory:,.0f} GB of this machine's memory",
            "Use smaller representations.",
        )
    return dtype


def _memory() -> float:
    """Bytes of memory, without limit where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return float("inf")


def _read_both(action_in: Action, action_out: Action) -> tuple[Images, Images]:
    if isinstance(action_in, Representation) and isinstance(action_out, Representation):
        same_group(action_in, action_out, "the pair orbits of")
    moves_in, moves_out = _read(action_in), _read(action_out)
    if len(moves_in) != len(moves_out):
        raise RepresentationError(
            f"{len(moves_in)} generators acting on the input and {len(moves_out)} on the output",
            "the same generators in the same order",
            "Write the identity for a generator that does not move one side.",
        )
    return moves_in, moves_out


def _read(action: Action) -> Images:
    """The image arrays of the generators, [generators, dim]."""
    if isinstance(action, Representation):
        if action.generator_images is None:
            raise not_a_permutation(action)
        return np.array(action.generator_images, dtype=np.int64).reshape(-1, action.dim)
    try:
        moves: npt.NDArray[np.generic] = np.asarray(action)
    except (ValueError, TypeError, RuntimeError):
        moves = np.zeros((0, 0))
    is_bijective = (
        moves.ndim == 2
        and moves.size > 0
        and moves.dtype.kind in "iu"
        and np.array_equal(np.sort(moves, axis=1), np.broadcast_to(np.arange(moves.shape[1]), moves.shape))
    )
    if not is_bijective:
        raise RepresentationError(
            f"the action {str(action)[:80]}",
            "for each generator the images of 0 … n−1, a permutation",
            "Pass a list of tuples such as [(1, 2, 0)], or a permutation representation.",
        )
    return moves.astype(np.int64)
