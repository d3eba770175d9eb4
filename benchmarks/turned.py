"""How much a turn by 45° changes what untrained networks compute: smooth blobs on 33 × 33, turned by formula.

Features: two C8 convolutions with a ReLU between, 8 regular fields, the relative error in the central disc, with the
rings of the peer (escnn's default widths), those of a search over widths alone, and ours. Networks: the derived one's
invariant answers, the change over their spread. Scenes and weights are of seeds that no choice was made on.
"""

import math
import statistics
from collections.abc import Callable

import numpy as np
import torch
from measure import keep
from scipy.ndimage import map_coordinates
from torch import Tensor

import erlangen as er
from erlangen.layers import SteerableConv
from erlangen.solve.rings import good_rings
from erlangen.solve.steerable import profiles

SIDE, RADIUS, SEEDS = 33, 11, range(100, 105)
AXIS = np.arange(SIDE) - SIDE // 2
ROWS, COLUMNS = np.meshgrid(AXIS, AXIS, indexing="ij")
LENGTH = np.hypot(ROWS, COLUMNS)
DISC = LENGTH <= RADIUS
WINDOW = np.where(
    LENGTH < SIDE // 2, np.cos(np.pi / 2 * np.clip((LENGTH - RADIUS) / (SIDE // 2 - RADIUS), 0, 1)) ** 2, 0.0
)
PEER = {3: (0.005, 0.4), 5: (0.005, 0.6, 0.4), 7: (0.005, 0.6, 0.6, 0.4), 9: (0.005, 0.6, 0.6, 0.6, 0.4)}
WIDTHS = {3: (0.005, 0.38), 5: (0.5, 0.7, 0.42), 7: (0.5, 0.7, 0.7, 0.44), 9: (0.5, 0.6, 0.6, 0.6, 0.4)}

Map = Callable[[Tensor], Tensor]


def turn(angle: float) -> np.ndarray:
    """The turn of the plane of rows and columns."""
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def scene(seed: int, angle: float, blobs: int = 6) -> np.ndarray:
    """A sum of Gaussians in the central disc, turned by turning their centres; nothing is cut off by the square."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((SIDE, SIDE))
    for _ in range(blobs):
        centre, width, height = rng.uniform(-9, 9, 2), rng.uniform(1.5, 3.5), rng.normal()
        row, column = turn(angle) @ centre
        picture += height * np.exp(-((ROWS - row) ** 2 + (COLUMNS - column) ** 2) / (2 * width**2))
    return picture * WINDOW


def scenes(seed: int, angle: float, count: int) -> Tensor:
    return torch.as_tensor(np.stack([scene(1000 * seed + i, angle) for i in range(count)]))[:, None]


def rings_of(size: int, widths: tuple[float, ...]) -> list[tuple[float, float, int]]:
    """Rings at whole radii with these widths, and our band limits, which are the peer's."""
    return [
        (float(r), w, ring.highest) for r, (w, ring) in enumerate(zip(widths, good_rings(size // 2, 2), strict=True))
    ]


def feature_error(size: int, rings: list[tuple[float, float, int]] | None, relu: bool, angle: float) -> list[float]:
    """For each seed the error of two of our convolutions."""
    scalar, hidden = er.Space(er.Grid(2), er.C(8).trivial), er.Space(er.Grid(2), 8 * er.C(8).regular)
    make = lambda source: SteerableConv(source, hidden, size, rings, bias=False).double()  # noqa: E731
    return error_of(lambda: (make(scalar), make(hidden)), relu, angle)


def error_of(make: Callable[[], tuple[Map, Map]], relu: bool, angle: float) -> list[float]:
    """For each seed |f(g·x) − g·f(x)| / |f(g·x)| in the central disc, f two convolutions to 8 regular fields of C8."""
    turned_fibre = (8 * er.C(8).regular)(er.C(8).element(angle))
    pulled = turn(-angle) @ np.stack([ROWS.ravel(), COLUMNS.ravel()]) + SIDE // 2
    errors = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        first, second = make()
        with torch.no_grad():
            net = lambda x: second(first(x).relu() if relu else first(x)).numpy()  # noqa: B023, E731
            here, turned = net(scenes(seed, 0.0, 4)), net(scenes(seed, angle, 4))
        moved = np.stack(
            [[map_coordinates(c, pulled.reshape(2, SIDE, SIDE), order=5) for c in picture] for picture in here]
        )
        moved = turned_fibre @ moved.reshape(4, len(turned_fibre), -1)
        difference = (turned - moved.reshape(turned.shape))[..., DISC]
        errors.append(float(np.linalg.norm(difference) / np.linalg.norm(turned[..., DISC])))
    return errors


def answer_error(make: Callable[[], er.Blueprint], degrees: float) -> list[float]:
    """For each seed the rms change of the answers over the rms of their spread from scene to scene."""
    errors = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        net = make().double().train()
        with torch.no_grad():
            for _ in range(25):
                net(scenes(seed + 50, 0.0, 16))  # so that the normalisation knows its statistics
            net.eval()
            here, turned = net(scenes(seed, 0.0, 32)), net(scenes(seed, math.radians(degrees), 32))
        errors.append(float((turned - here).norm() / (here - here.mean(0)).norm()))
    return errors


def energy_beyond_one(size: int) -> float:
    """How much of the kernels' energy white weights put into angular frequencies ≥ 2, between regular fields of C8."""
    made = profiles(er.Grid(2), er.C(8), (size, size))
    each = [(p.harmonic.degree, p.harmonic.dim) for p in made]
    return sum(dim for degree, dim in each if degree >= 2) / sum(dim for _, dim in each)


def network_energy(net: er.Blueprint) -> float:
    """The same of the kernels of a whole network, less all that frequencies 0 and 1 could make of them."""
    high = total = 0.0
    for layer in er.layers.leaves(net):
        if isinstance(layer, SteerableConv) and max(layer.kernel_size) > 1:
            made = profiles(er.Grid(2), layer.source.group, layer.kernel_size)
            low = np.concatenate([p.values for p in made if p.harmonic.degree < 2], axis=1)
            basis, _ = torch.linalg.qr(torch.as_tensor(low))
            kernel = layer.weight().detach().double().flatten(2)
            total += float(kernel.square().sum())
            high += float(kernel.square().sum() - (kernel @ basis).square().sum())
    return high / total


def summary(errors: list[float]) -> dict[str, float]:
    return {"median": statistics.median(errors), "least": min(errors), "largest": max(errors)}


def main() -> None:
    rows: dict[str, dict] = {}
    for size in (3, 5, 7, 9):
        choices = {"peer": rings_of(size, PEER[size]), "widths alone": rings_of(size, WIDTHS[size]), "ours": None}
        for name, rings in choices.items():
            row = summary(feature_error(size, rings, True, math.pi / 4))
            row["without ReLU"] = statistics.median(feature_error(size, rings, False, math.pi / 4))
            row["at 90°"] = statistics.median(feature_error(size, rings, True, math.pi / 2))
            rows[f"C8 features, {size} × {size}, {name}"] = row
        rows[f"C8 features, {size} × {size}, ours"]["energy at frequencies ≥ 2"] = energy_beyond_one(size)
    for group in (er.Trivial(), er.C(4), er.C(8), er.SO(2), er.O(2)):
        task = er.Task(er.Grid(2), group, 1, er.Invariant(10))
        make = lambda task=task: er.derive(task)  # noqa: E731
        row = {"parameters": sum(p.numel() for p in make().parameters()), **summary(answer_error(make, 45))}
        row |= {f"at {angle}°": statistics.median(answer_error(make, angle)) for angle in (30, 90)}
        if group.order is None:
            row["energy at frequencies ≥ 2"] = network_energy(make())
        rows[f"answers of the derived network, {group!r}"] = row
    keep("turned", rows)


if __name__ == "__main__":
    main()
