"""Orbits of a group on pairs (i, j): the free weights of the maps between permutation representations.

Schreier's lemma: with words u_j that carry a root r to each j of its orbit, the loops u_{sj}⁻¹ s u_j over all
generators s generate the stabiliser of r, and the orbits on pairs are the orbits of stabilisers on i. Few loops
usually do, so labels are made from a handful, checked against every generator, which is exact, and mended by loops that
failed: more of them every round, since where each loop joins two labels only, as swaps do, many are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from erlangen.errors import RepresentationError
from erlangen.representations.base import Images, Representation, not_a_permutation, same_group

Action: TypeAlias = "Representation | Sequence[Sequence[int] | Images]"
Small: TypeAlias = npt.NDArray[np.int32]

LOOPS = 16  # of each root in the first round; few generators of a stabiliser make the same orbits as all of it
MORE_LOOPS = 4  # times as many in every further round
MOST_PAIRS = 2**31 - 1


def pair_orbits(action_in: Action, action_out: Action) -> Images:
    """Orbits of G on pairs (i, j): W[g i, g j] = W[i, j] says that W has one free weight per orbit.

    An action is a permutation representation, or the image tuples of the generators, the same generators in both.
    Shapes: int64 labels 0 … k−1 in [dim_out, dim_in], numbered by first occurrence in row-major order.
    Errors: RepresentationError for what is no permutation, and for different groups or numbers of generators.

    >>> import erlangen as er
    >>> er.pair_orbits(er.C(3).regular, er.C(3).regular).tolist()
    [[0, 1, 2], [2, 0, 1], [1, 2, 0]]

    Ravanbakhsh, Schneider, Poczos 2017, arXiv:1702.08389."""
    moves_in, moves_out = _read_both(action_in, action_out)
    roots, undo = _forest(moves_in, moves_out)
    size_out = moves_out.shape[1]
    places = roots[:, None] * size_out + undo  # of the pairs (root, u_j⁻¹ i)
    labels, most = np.arange((roots.max() + 1) * size_out, dtype=np.int32), LOOPS
    while True:
        columns = labels.take(places)
        loops = _failing(columns, roots, moves_in, moves_out, most)
        if not loops:
            return _number_by_first_occurrence(columns.T)
        labels = _merge(labels, [_edge(columns, moves_in[s], moves_out[s], j) for s, j in loops])
        most *= MORE_LOOPS


def _forest(moves_in: Images, moves_out: Images) -> tuple[Images, Small]:
    """The number of each j's orbit, and u_j⁻¹ as an image array on i, for a word u_j from the orbit's first to j.

    Breadth first from all roots at once, by the generators and their inverses. Shapes: [dim_in], [dim_in, dim_out]."""
    size_in, size_out = moves_in.shape[1], moves_out.shape[1]
    back_in, back_out = np.argsort(moves_in, axis=1), np.argsort(moves_out, axis=1)
    orbit = _components(size_in, np.tile(np.arange(size_in), len(moves_in)), moves_in.ravel())
    _, frontier = np.unique(orbit, return_index=True)
    undo = np.empty((size_in, size_out), dtype=np.int32)
    undo[frontier] = np.arange(size_out)
    seen = np.zeros(size_in, dtype=bool)
    seen[frontier] = True
    steps = [*zip(moves_in, back_out, strict=True), *zip(back_in, moves_out, strict=True)]
    while len(frontier):
        reached = []
        for move, undo_move in steps:
            targets = move[frontier]
            new = ~seen[targets]
            undo[targets[new]] = undo[frontier[new]].take(undo_move, axis=1)
            seen[targets[new]] = True
            reached.append(targets[new])
        frontier = np.concatenate(reached) if reached else frontier[:0]
    return orbit, undo


def _failing(columns: Small, roots: Images, moves_in: Images, moves_out: Images, most: int) -> list[tuple[int, int]]:
    """For each root `most` (s, j) whose loop u_{sj}⁻¹ s u_j does not keep the labels; none where they are invariant."""
    failed = [
        (columns[to].take(images, axis=1) != columns).any(axis=1)
        for to, images in zip(moves_in, moves_out, strict=True)
    ]
    generators, places = np.nonzero(np.array(failed, dtype=bool).reshape(moves_in.shape))
    order = np.argsort(roots[places], kind="stable")
    _, starts, counts = np.unique(roots[places][order], return_index=True, return_counts=True)
    spread = np.arange(most) * counts[:, None] // most
    chosen = order[np.unique(starts[:, None] + spread)]
    return list(zip(generators[chosen].tolist(), places[chosen].tolist(), strict=True))


def _edge(columns: Small, move_in: Images, move_out: Images, j: int) -> tuple[Small, Small]:
    """The labels that the loop of (s, j) makes equal: W[s i, s j] = W[i, j]."""
    before, after = columns[j], columns[move_in[j]][move_out]
    different = before != after
    return before[different], after[different]


def _merge(labels: Small, edges: list[tuple[Small, Small]]) -> Small:
    """Labels with both ends of every edge made equal, still one root's labels never another's."""
    heads, tails = (np.concatenate(ends) for ends in zip(*edges, strict=True))
    merged = _components(int(labels.max()) + 1, heads, tails)
    return merged.astype(np.int32)[labels]


def _components(size: int, heads: Images | Small, tails: Images | Small) -> Images:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(heads), dtype=bool), (heads, tails)), shape=(size, size))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _number_by_first_occurrence(labels: Small) -> Images:
    flat = np.ascontiguousarray(labels).ravel()
    first = np.full(int(flat.max()) + 1, -1, dtype=np.int64)
    first[flat[::-1]] = np.arange(len(flat) - 1, -1, -1)  # the last write wins: the smallest place of each label
    used = np.flatnonzero(first >= 0)
    number = np.empty(len(first), dtype=np.int64)
    number[used[np.argsort(first[used])]] = np.arange(len(used))
    return number[flat].reshape(labels.shape)


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
    if moves_in.shape[1] * moves_out.shape[1] > MOST_PAIRS:
        raise RepresentationError(
            f"{moves_in.shape[1]} × {moves_out.shape[1]} pairs", f"at most {MOST_PAIRS}", "Use smaller representations."
        )
    return moves_in, moves_out


def _read(action: Action) -> Images:
    """The image arrays of the generators, [generators, dim]."""
    if isinstance(action, Representation):
        if action.generator_images is None:
            raise not_a_permutation(action)
        return np.array(action.generator_images, dtype=np.int64).reshape(-1, action.dim)
    try:
        moves: npt.NDArray[np.generic] = np.array(action)
    except ValueError:
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
