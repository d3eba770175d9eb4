"""Charged particles in flight, the n-body benchmark: simulated by its published protocol, nothing is downloaded."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from erlangen.data.cache import cache_folder, made_here
from erlangen.data.dataset import DataSet
from erlangen.data.graph_pair import GraphPair
from erlangen.data.graphs import GraphBatch, GraphStore
from erlangen.data.quantity import Quantity
from erlangen.errors import DataError
from erlangen.given import whole

FILE, KEPT = "nbody.npz", "nbody"
SEED = 43
DRAWN = (10_000, 2_000, 2_000)  # trajectories of the published files: train, validation, test
SIZES = (3_000, 2_000, 2_000)  # and how many of each are used, the first ones
BODIES, SPEED, BOX, STRONGEST, STEP = 5, 0.5, 5.0, 100.0, 0.001
EVERY, FRAMES = 100, (30, 40)  # frame k is the state after step 100 (k + 1): given 3.1, asked 4.1
NOISE = 2 * 49 * 3 * BODIES  # numbers that the published generator draws for noise of strength 0
CHUNK = 250  # trajectories at a time, so that they stay in the processor's cache
FIELDS = ("charge", "position", "velocity", "later")


def nbody() -> DataSet[GraphPair]:
    """d²x_i/dt² = Σ_j q_i q_j (x_i − x_j)/|x_i − x_j|³: from five charges at time 3.1 to where they are at 4.1.

    pos `[points, 3]`; x `[points, 4]`, the charge ±1 and the velocity, er.O(3).trivial + er.O(3).standard; targets
    `[points, 3]`, the positions one unit of time later, for er.Positions(). 3,000 + 2,000 + 2,000 trajectories as
    published, from the same random stream. Charges are ±1 by a fair coin, first positions normal, first velocities of
    length ½ in a uniform direction; what starts beyond ±5 is reflected. Each component of a force is cut at ±100. Time
    goes by 0.001: a kick, then drift and kick in turn. Units are the protocol's own. It takes some seconds, once; the
    cache keeps it.

    Error is the mean square over all coordinates of the test part at the best validation. To stay where one is costs
    0.2715, to fly on straight, by 0.724 velocities as the training part would have it, 0.0836.

    Satorras, Hoogeboom, Welling 2021, arXiv:2102.09844; Fuchs et al. 2020, arXiv:2006.10503.
    """
    held = np.load(fetch_nbody() / FILE)
    return _as_data_set([[held[f"{part}_{name}"] for name in FIELDS] for part in range(len(SIZES))])


def fetch_nbody() -> Path:
    """Simulate all trajectories into the cache, where they are not there already; returns the folder."""

    def make(folder: Path) -> None:
        parts = enumerate(_simulated(*start) for start in beginnings(SIZES))
        arrays = {f"{i}_{name}": array for i, part in parts for name, array in zip(FIELDS, part, strict=True)}
        np.savez(folder / FILE, allow_pickle=False, **arrays)

    return made_here(cache_folder() / KEPT, make)


def small_nbody(train: int, validation: int, test: int) -> DataSet[GraphPair]:
    """The first so many trajectories of each part, simulated now: a small benchmark in a second.

    >>> len(small_nbody(8, 2, 2).train)
    8
    """
    sizes = tuple(whole("trajectories", n, DataError, mend="Some hundreds will do.") for n in (train, validation, test))
    if any(n > most for n, most in zip(sizes, DRAWN, strict=True)):
        raise DataError(f"{sizes} trajectories", f"at most {DRAWN}, as the protocol draws", "Take fewer.")
    return _as_data_set([_simulated(*start) for start in beginnings(sizes)])


def beginnings(sizes: tuple[int, ...]) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Charges `[n, 5]`, first positions and velocities `[n, 3, 5]` of the first so many of each part.

    The calls are those of the published generator in its order, what it does not use included, so that numbers are its.
    """
    rng = np.random.RandomState(SEED)  # the legacy stream is what was published
    parts = []
    for drawn, used in zip(DRAWN, sizes, strict=True):
        made = [_beginning(rng) for _ in range(drawn)][:used]
        charge, position, velocity = (np.stack(arrays) for arrays in zip(*made, strict=True))
        parts.append((charge[..., 0], *reflected(position, SPEED * velocity / _length(velocity))))
    return parts


def simulate(
    charge: np.ndarray, position: np.ndarray, velocity: np.ndarray, steps: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """States `[n, 3, 5]` after step 100, 200, …: kick at first, then drift, look, kick; semi-implicit Euler.

    >>> two = np.array([[[0.0, 9.0], [0.0, 0.0], [0.0, 0.0]]])
    >>> x, v = next(simulate(np.ones((1, 2)), two, np.zeros((1, 3, 2)), 100))  # they push each other away
    >>> x[0, 0].round(5).tolist()
    [-6e-05, 9.00006]
    """
    i, j = np.triu_indices(charge.shape[1], 1)
    product = (charge[:, i] * charge[:, j]).T[:, None]
    x, v = (np.ascontiguousarray(state.transpose(2, 1, 0)) for state in (position, velocity))  # bodies first

    def kick() -> None:
        apart = x[i] - x[j]
        squared = (apart * apart).sum(1, keepdims=True)
        pushed = apart * (product / (squared * np.sqrt(squared)))
        force = np.zeros_like(x)
        for pair, (a, b) in enumerate(zip(i, j, strict=True)):
            force[a] += pushed[pair]
            force[b] -= pushed[pair]
        np.add(v, STEP * force.clip(-STRONGEST, STRONGEST), out=v)

    kick()
    for step in range(1, steps + 1):
        x += STEP * v
        if step % EVERY == 0:
            yield x.transpose(2, 1, 0).copy(), v.transpose(2, 1, 0).copy()
        kick()


def reflected(position: np.ndarray, velocity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Once, before the start: what is beyond ±5 along an axis comes back from there as from a wall.

    >>> [array.tolist() for array in reflected(np.array([5.5, -6.0, 1.0]), np.array([0.1, 0.1, -0.1]))]
    [[4.5, -4.0, 1.0], [-0.1, 0.1, -0.1]]
    """
    outside = np.abs(position) > BOX
    back = np.where(outside, np.sign(position) * 2 * BOX - position, position)
    return back, np.where(outside, -np.sign(position) * np.abs(velocity), velocity)


def _beginning(rng: np.random.RandomState) -> tuple[np.ndarray, ...]:
    charge = rng.choice(np.array([-1.0, 0.0, 1.0]), size=(BODIES, 1), p=[0.5, 0, 0.5])
    position, velocity = rng.randn(3, BODIES), rng.randn(3, BODIES)
    rng.randn(NOISE)
    return charge, position, velocity


def _simulated(charge: np.ndarray, position: np.ndarray, velocity: np.ndarray) -> list[np.ndarray]:
    """What stands in the file: charges `[n, 5]`, the rest `[n, 5, 3]`, float32."""
    given, asked = FRAMES
    found = []
    for first in range(0, len(charge), CHUNK):
        some = slice(first, first + CHUNK)
        frames = list(simulate(charge[some], position[some], velocity[some], EVERY * (asked + 1)))
        found.append((*frames[given], frames[asked][0]))
    states = (np.concatenate(arrays).transpose(0, 2, 1) for arrays in zip(*found, strict=True))
    return [array.astype(np.float32) for array in (charge, *states)]


def _as_data_set(parts: Sequence[Sequence[np.ndarray]]) -> DataSet[GraphPair]:
    train, held_out, tested = (_as_pair(*map(torch.from_numpy, part)) for part in parts)
    return DataSet(
        train,
        held_out,
        tested,
        (),
        "nbody",
        "none is needed",
        f"simulated by seed {SEED}",
        "V. Satorras, E. Hoogeboom, M. Welling 2021, arXiv:2102.09844",
        quantity=Quantity("position"),
    )


def _as_pair(charge: Tensor, position: Tensor, velocity: Tensor, later: Tensor) -> GraphPair:
    n, bodies = charge.shape
    batch = GraphBatch(
        x=torch.cat([charge[..., None], velocity], dim=2).flatten(0, 1),
        pos=position.flatten(0, 1),
        batch=torch.arange(n).repeat_interleave(bodies),
        ptr=torch.arange(n + 1) * bodies,
        num_graphs=n,
    )
    return GraphPair(GraphStore.of(batch), later.flatten(0, 1))


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt((vectors**2).sum(axis=1, keepdims=True))
