"""Eight people and the parts of their bodies, as a network sees them: `python -m examples.bodies runs/bodies`.

Writes docs/bodies.webp, with people of the test part and the derived network of the first seed of a finished run; and
says for each seed where it is wrong. They have to be there: erlangen data fetch bodies.
"""

import sys
from pathlib import Path

import torch
from torch import nn

from erlangen.data import GraphPair, load
from erlangen.files import write_whole
from erlangen.train import load_network
from erlangen.train.evaluate import scores
from erlangen.train.experiment import read_run
from erlangen.train.folder import NETWORK
from examples.shared.panels import in_a_row

DRAWING = Path(__file__).parents[1] / "docs" / "bodies.webp"
COUNT = 8
VIEW, INCHES = (-70.0, 8.0), (10.0, 3.2)


def picture(net: nn.Module, pair: GraphPair, count: int = COUNT) -> bytes:
    """The first so many surfaces, how many of their vertices are seen rightly, and each in the colours of its parts."""
    some = pair.take(list(range(count)))
    said = scores(net, some.inputs).argmax(1)
    sizes = some.inputs.sizes.tolist()
    panels = [
        (f"{(parts == right).double().mean():.0%}", body, parts)
        for body, parts, right in zip(some.inputs, said.split(sizes), some.targets.split(sizes), strict=True)
    ]
    return in_a_row(panels, VIEW, INCHES)


def wrong_where(net: nn.Module, pair: GraphPair) -> tuple[float, float]:
    """Of the wrong answers the share at borders, where a triangle has vertices of two parts; and of the other vertices
    that which is right."""
    face, targets = pair.inputs.batch(range(len(pair))).face, pair.targets
    border = torch.zeros(len(targets), dtype=torch.bool)
    border[face[:, targets[face].amax(0) != targets[face].amin(0)].flatten()] = True
    wrong = scores(net, pair.inputs).argmax(1) != targets
    return float(border[wrong].double().mean()), float((~wrong[~border]).double().mean())


def main() -> None:
    if len(sys.argv) != 2:
        sys.stdout.write("Pass the folder of a finished run: erlangen train bodies.\n")
        return
    run = Path(sys.argv[1])
    config = read_run(run)
    nets = [load_network(run / f"seed-{seed}" / "derived" / NETWORK)[0] for seed in config.train.seeds]
    people = load(config.data.source).test
    for seed, net in zip(config.train.seeds, nets, strict=True):
        border, within = wrong_where(net, people)
        sys.stdout.write(f"seed {seed}: {border:.1%} of what is wrong at borders, elsewhere {within:.2%} right\n")
    sys.stdout.write(f"{write_whole(DRAWING, picture(nets[0], people))}\n")


if __name__ == "__main__":
    main()
