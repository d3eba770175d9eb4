"""A dog in poses that no network has seen: accuracy by gait, beside how far each gait stretches the skin.

`python -m examples.dog --run runs/dog` measures the networks of a finished run, trains the same network without an
orientation beside them, and keeps what it finds in benchmarks/results; without --run it prints what is kept. The dog
has to be there: erlangen data fetch dog.
"""

import sys
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.data import DataSet, GraphPair, GraphStore, dog_poses, load
from erlangen.data.dog import CHOSEN, HALF, PARTS, SEEN, UNSEEN, labelled
from erlangen.domains import metric_distortion
from erlangen.pages import number
from erlangen.train import Config, fit, load_network
from erlangen.train.evaluate import scores
from erlangen.train.experiment import read_run
from erlangen.train.fit import seed_everything
from erlangen.train.folder import NETWORK
from erlangen.train.networks import build_network, task_of
from erlangen.train.on_surfaces import in_space
from examples.shared.kept import run_or_show
from examples.shared.tables import one_row, spread

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results" / "dog.json"
ROLES = {"learnt from": SEEN, "chosen by": CHOSEN, "not seen": UNSEEN}
WITHOUT = "without orientation"
FINER = {"2,000": HALF, "6,000": 3150, "17,000": None}  # vertices in all, about, by those of one side
POSES = 4  # of each gait on other meshes
PRECISIONS = {"single": torch.float32, "double": torch.float64}


def measured(run: Path) -> dict[str, Any]:
    """Of every gait how far it stretches the skin and what each network answers rightly, a number a seed; and on finer
    meshes, which no network was trained on, the derived ones."""
    config, data = read_run(run), load("dog")
    nets = {model: [_network(run, model, seed) for seed in config.train.seeds] for model in config.train.models}
    nets[WITHOUT] = [unoriented(config, data, seed) for seed in config.train.seeds]
    turns = [torch.as_tensor(g.group.matrix(g)) for g in in_space(task_of(config.task)).sample(4, 0)]
    turned = by_precision(nets["derived"], data.test.inputs, turns)
    return {"gaits": by_gait(nets), "meshes": by_mesh(nets["derived"]), "turned": turned}


def by_gait(nets: dict[str, list[nn.Module]], half: int | None = HALF) -> dict[str, dict[str, Any]]:
    """A row for each gait."""
    rows: dict[str, dict[str, Any]] = {}
    still = dog_poses("rest", 1, half=half)
    for role, gaits in ROLES.items():
        for done, (gait, count) in enumerate(gaits.items(), 1):
            poses = dog_poses(gait, count, _seed(role), half)
            found = metric_distortion(still.position[0], poses.position, poses.face)
            pair = labelled([poses], PARTS)
            right = {model: [accuracy(net, pair) for net in each] for model, each in nets.items()}
            rows[gait] = {"role": role, "edges": found.edges, "vibrations": found.vibrations, "right": right}
            sys.stderr.write(f"{gait}, {done} of {len(gaits)}: {rows[gait]}\n")
    return rows


def by_mesh(nets: Sequence[nn.Module], meshes: dict[str, int | None] = FINER) -> dict[str, list[float]]:
    """The same poses on other triangles, a number a network."""
    found: dict[str, list[float]] = {}
    for name, half in meshes.items():
        pair = labelled([dog_poses(gait, POSES, _seed("not seen"), half) for gait in UNSEEN], PARTS)
        found[name] = [accuracy(net, pair) for net in nets]
        sys.stderr.write(f"{name} vertices: {found[name]}\n")
    return found


def by_precision(nets: Sequence[nn.Module], poses: GraphStore, turns: Sequence[Tensor]) -> dict[str, dict[str, float]]:
    """How many answers change when poses are turned, of how many, and by how much a score does beside their spread."""
    found = {}
    for precision, dtype in PRECISIONS.items():
        changed, asked, furthest = 0, 0, 0.0
        for net in (deepcopy(net).to(dtype) for net in nets):
            still = scores(net, _turned(poses, torch.eye(3), dtype))
            for turn in turns:
                moved = scores(net, _turned(poses, turn, dtype))
                changed += int((moved.argmax(1) != still.argmax(1)).sum())
                asked += len(still)
                furthest = max(furthest, float((moved - still).abs().max() / still.std()))
        found[precision] = {"changed": changed, "asked": asked, "furthest": furthest}
    return found


def _turned(poses: GraphStore, matrix: Tensor, dtype: torch.dtype) -> GraphStore:
    """Turned in double precision, and then known in this one."""
    bodies = ((pose.pos.double() @ matrix.double().T, pose.face) for pose in (poses[i] for i in range(len(poses))))
    return GraphStore([{"pos": position.to(dtype), "face": face} for position, face in bodies])


def accuracy(net: nn.Module, pair: GraphPair) -> float:
    """% of vertices."""
    return 100 * float((scores(net, pair.inputs).argmax(1) == pair.targets).float().mean())


def unoriented(config: Config, data: DataSet, seed: int) -> nn.Module:
    """The derived network of the run, but that left is not told from right, trained in the same way."""
    task = task_of(replace(config.task, symmetry="Isometries()"))
    seed_everything(seed)
    net = build_network("derived", task, config.network)
    with TemporaryDirectory() as folder:
        fit(net, task, data, config.train, seed, Path(folder))
    return net.eval()


def table(rows: dict[str, dict[str, Any]]) -> str:
    """A row for each gait: what it is to the networks, how far it stretches the skin, what is answered rightly."""
    models = list(next(iter(rows.values()))["right"])
    lines = [f"| % right | | edges, 5 … 95 % | eigenvalues | {' | '.join(models)} |"]
    lines.append(f"| --- | --- | ---: | ---: |{' ---: |' * len(models)}")
    for gait, row in rows.items():
        stretch = f"× {row['edges'][1]:.2f} … {row['edges'][3]:.2f} | {100 * row['vibrations']:.1f} %"
        cells = " | ".join(spread(row["right"][model]) for model in models)
        lines.append(f"| {gait} | {row['role']} | {stretch} | {cells} |")
    return "\n".join(lines)


def table_of_meshes(rows: dict[str, list[float]]) -> str:
    """What the derived networks answer rightly on finer meshes."""
    return one_row("vertices", "% right", rows)


def table_of_precisions(rows: dict[str, dict[str, float]]) -> str:
    """How exactly the derived networks answer alike when poses are turned."""
    lines = [
        "| precision | answers that change | largest change of a score, beside their spread |",
        "| --- | ---: | ---: |",
    ]
    for name, row in rows.items():
        lines.append(f"| {name} | {row['changed']:,} of {row['asked']:,} | {number(row['furthest'])} |")
    return "\n".join(lines)


def shown(rows: dict[str, Any]) -> str:
    """All tables, one below the other."""
    return "\n\n".join([table(rows["gaits"]), table_of_meshes(rows["meshes"]), table_of_precisions(rows["turned"])])


def _seed(role: str) -> int:
    """As the data set draws it."""
    return list(ROLES).index(role)


def _network(run: Path, model: str, seed: int) -> nn.Module:
    return load_network(run / f"seed-{seed}" / model / NETWORK)[0]


def main() -> None:
    run = Path(sys.argv[sys.argv.index("--run") + 1]) if "--run" in sys.argv else Path()
    torch.manual_seed(0)
    run_or_show(RESULTS, lambda: measured(run), shown, 0)


if __name__ == "__main__":
    main()
