"""What the tests of training share: data and runs that take a second."""

from pathlib import Path

import torch

from erlangen.data import DataSet, GraphPair, GraphStore, Quantity, SequencePair, SequenceStore, TensorPair
from erlangen.data.graph_pair import hide
from erlangen.train import Config, DataSection, NetworkSection, ReportSection, Results, TaskSection, TrainSection
from erlangen.train.evaluate import AtElement
from erlangen.train.results import Outcome

PARTS = (48, 16, 24)


def strokes(n: int, seed: int) -> TensorPair:
    """Upright bars (0), lying bars (1) and crosses (2) of 6 × 6 pixels with a little noise."""
    generator = torch.Generator().manual_seed(seed)
    x, y = torch.rand(n, 1, 6, 6, generator=generator) * 0.3, torch.arange(n) % 3
    for i, label in enumerate(y.tolist()):
        at = int(torch.randint(1, 5, (1,), generator=generator))
        if label != 1:
            x[i, 0, :, at] += 1
        if label != 0:
            x[i, 0, at, :] += 1
    return TensorPair(x, y)


def small_data() -> DataSet:
    train, validation, test = (strokes(n, seed) for seed, n in enumerate(PARTS))
    return DataSet(train, validation, test, ("upright", "lying", "cross"), "strokes", "CC0", "made here")


def small_masks() -> DataSet:
    """Where is the ink? A label at every pixel."""
    parts = [
        TensorPair(pair.inputs, (pair.inputs[:, 0] > 0.5).long())
        for pair in (strokes(n, seed) for seed, n in enumerate(PARTS))
    ]
    return DataSet(*parts, ("paper", "ink"), "masks", "CC0", "made here")


def small_config(**changes: object) -> Config:
    """Two networks, one seed, two epochs."""
    sections = {
        "task": TaskSection("Grid(2)", "Invariant(3)", "C(2)", 1),
        "data": DataSection(),
        "network": NetworkSection(width=8, depth=1, scales=2),
        "train": TrainSection(seeds=(0,), models=("derived", "plain"), epochs=2, batch_size=16, threads=1),
        "report": ReportSection(pairs=(("upright", "lying"),), examples=2),
    }
    return Config(**{"name": "small", **sections, **changes})  # pyright: ignore[reportArgumentType]


def files_in(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def untimed(data: object) -> object:
    """What results say, but for the seconds that it took."""
    if isinstance(data, dict):
        return {key: untimed(value) for key, value in data.items() if key != "seconds"}
    return [untimed(value) for value in data] if isinstance(data, list | tuple) else data


def made_results(
    derived: tuple[int, ...],
    plain: tuple[int, ...],
    augmented: tuple[int, ...] = (),
    tested: int = 400,
    classes: tuple[str, ...] = ("0", "1"),
    best_epoch: int = 7,
    confused: dict[str, tuple[int, int]] | None = None,
    others: int = 0,
) -> Results:
    """Results with so many per cent right upright, one number a seed; moved, the plain network has 60 % right.

    All classes are equally many. With `confused`, so many of the first two are taken for each other upright and moved,
    and `others` of the third are called one of the two when moved; the tables then say no more than that.
    """

    def at(model: str, place: int, right: int) -> AtElement:
        share = (60 if model == "plain" and place else right) / 100
        each, k = tested // len(classes), len(classes)
        table = [[0] * k for _ in range(k)]
        for c in range(k):
            table[c][c], table[c][(c + 1) % k] = round(each * share), each - round(each * share)
        if confused is not None:
            a, b = confused.get(model, (0, 0))[place] // 2, -(-confused.get(model, (0, 0))[place] // 2)
            lost = others if model == "plain" and place else 0
            table = [[each - a, a, 0], [b, each - b, 0], [lost // 2, lost - lost // 2, each - lost]]
        deviation = (share * (1 - share)) ** 0.5
        name, agreeing = ("0°", "90°")[place], round(tested * share)
        return AtElement(name, tested, share, deviation, tuple(map(tuple, table)), tested, agreeing, (0,))

    outcomes = [
        Outcome(model, seed, 1000, 2.0, 10, best_epoch, 0.9, tuple(at(model, place, right) for place in (0, 1)))
        for model, seeds in (("derived", derived), ("plain", plain), ("augmented", augmented))
        for seed, right in enumerate(seeds)
    ]
    pairs = ((classes[0], classes[1]),)
    return Results("made", classes, pairs, tuple(outcomes))


def rings(n: int, seed: int) -> GraphPair:
    """Rings (0) and paths (1) of 4 to 7 points, stored in a random order, with an edge both ways."""
    generator = torch.Generator().manual_seed(seed)
    graphs, labels = [], torch.arange(n) % 2
    for label in labels.tolist():
        size = int(torch.randint(4, 8, (1,), generator=generator))
        at = torch.randperm(size, generator=generator)
        ends = torch.stack([at, at.roll(1)])[:, label:]
        index = torch.cat([ends, ends.flip(0)], dim=1)
        x = torch.randn(size, 2, generator=generator)
        graphs.append({"x": x, "edge_index": index, "edge_attr": torch.ones(index.shape[1], 1)})
    return GraphPair(GraphStore(graphs), labels)


def small_graphs() -> DataSet[GraphPair]:
    train, validation, test = (rings(n, seed) for seed, n in enumerate((48, 16, 32)))
    return DataSet(train, validation, test, ("ring", "path"), "rings", "CC0", "made here", drawn=True)


def small_nodes() -> DataSet[GraphPair]:
    """One ring of 60 points: which half is a point on?"""
    at, labels = torch.arange(60), (torch.arange(60) >= 30).long()
    index = torch.cat([torch.stack([at, at.roll(1)]), torch.stack([at.roll(1), at])], dim=1)
    x = labels[:, None].float() + torch.randn(60, 2, generator=torch.Generator().manual_seed(0))
    store = GraphStore([{"x": x, "edge_index": index}])
    parts = [GraphPair(store, known) for known in hide(labels, (0.2, 0.5), 0)]
    return DataSet(*parts, ("near", "far"), "circle", "CC0", "made here")


ON_GRAPHS = {
    "task": TaskSection("Graph(edge_features=1)", "Invariant(2)", None, 2),
    "network": NetworkSection(width=16, depth=1, choices={"layer": "messages"}),
    "train": TrainSection(seeds=(0,), epochs=10, batch_size=16, threads=1),
    "report": ReportSection(pairs=(("ring", "path"),)),
}
ON_NODES = {
    **ON_GRAPHS,
    "task": TaskSection("Graph()", "Equivariant(2)", None, 2),
    "network": NetworkSection(width=8, depth=1),
    "report": ReportSection(),
}


IN_TIME = {
    "task": TaskSection("Sequence()", "Invariant(2)", "TimeWarp()", 1),
    "network": NetworkSection(width=8, depth=2),
    "report": ReportSection(examples=2),
    "train": TrainSection(
        seeds=(0,), models=("derived", "plain", "augmented"), epochs=3, batch_size=16, learning_rate=0.02, threads=1
    ),
}
AT_STEPS = {**IN_TIME, "task": TaskSection("Sequence()", "Equivariant(2)", "TimeWarp()", 1)}


def waves(n: int, seed: int, dense: bool = False) -> SequencePair:
    """A slow (0) or a fast (1) wave of 5 to 12 steps; with `dense` whether it is above 0, at every step."""
    generator = torch.Generator().manual_seed(seed)
    parts = []
    for i in range(n):
        steps, start = 5 + i % 8, float(torch.rand(1, generator=generator))
        parts.append(torch.sin(6.28 * (start + torch.arange(steps) * (0.05 + 0.2 * (i % 2))))[None])
    store = SequenceStore(parts)
    return SequencePair(store, (store.x[:, 0] > 0).long() if dense else torch.arange(n) % 2)


def small_waves(dense: bool = False) -> DataSet:
    train, validation, test = (waves(n, seed, dense) for seed, n in enumerate((48, 16, 32)))
    return DataSet(train, validation, test, ("slow", "fast"), "waves", "CC0", "made here", drawn=not dense)


def charges(n: int, seed: int, at_points: bool = False, dim: int = 3) -> GraphPair:
    """Three to six charges at random places: their dipole Σ q p; or at each the vector q p, seen from the middle."""
    generator = torch.Generator().manual_seed(seed)
    clouds, values = [], []
    for _ in range(n):
        size = int(torch.randint(3, 7, (1,), generator=generator))
        place = torch.randn(size, dim, generator=generator)
        charge = torch.randn(size, 1, generator=generator)
        charge -= charge.mean()
        clouds.append({"pos": place, "x": charge})
        values.append(charge * (place - place.mean(0)) if at_points else (charge * place).sum(0, keepdim=True))
    return GraphPair(GraphStore(clouds), torch.cat(values))


def small_clouds(at_points: bool = False, dim: int = 3) -> DataSet[GraphPair]:
    parts = [charges(n, seed, at_points, dim) for seed, n in enumerate((96, 16, 40))]
    quantity = Quantity("dipole moment", "e Å")
    return DataSet(*parts, (), "charges", "CC0", "made here", drawn=not at_points, quantity=quantity)


ON_CLOUDS = {
    "task": TaskSection("Points(3)", "Equivariant(irrep(1, -1), pooled=True)", None, 1),
    "network": NetworkSection(width=16, depth=1),
    "train": TrainSection(
        seeds=(0,), models=("derived", "plain", "augmented", "distances"), epochs=4, batch_size=16, threads=1
    ),
    "report": ReportSection(),
}
