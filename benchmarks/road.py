"""What the published network for rotated MNIST would cost here: a training step of its size, and from it the whole.

Error 0.68 to 0.72 % is of six convolutions by regular fields of 16 rotations (Weiler and Cesa 2019, arXiv:1911.08251;
widths and kernel sizes as in the code published with it), trained for 40 epochs. Beside it the recipe `rotated-mnist`.
"""

import torch
from measure import interleaved, keep
from training_step import step

import erlangen as er
from erlangen.train import read_config

FIELDS, SIZES = (24, 32, 36, 36, 64, 96), (9, 7, 7, 7, 7, 5)
HALVED_BEHIND = (1, 3)  # of its layers
BATCH, EXAMPLES, EPOCHS = 64, 12_000, 40
SOME = 4  # examples that a measured step sees; the rest is as many times more


def published() -> er.Blueprint:
    """The network of that size, in our layers: convolution, batch norm, ELU, maximum over the group and the plane."""
    group = er.C(16)
    space = er.Space(er.Grid(2), group.trivial)
    layers: list[er.layers.Layer] = []
    for i, (fields, size) in enumerate(zip(FIELDS, SIZES, strict=True)):
        target = er.Space(space.domain, fields * group.regular)
        layers.append(er.layers.SteerableConv(space, target, size))
        layers += [er.layers.normalize(target), er.layers.Pointwise(target, "elu")]
        if i in HALVED_BEHIND:
            layers.append(er.layers.pool(target))
        space = layers[-1].target
    layers.append(er.layers.invariant(space))
    last = layers[-1].target
    layers.append(er.layers.Dense(last, er.Space(last.domain, 10 * group.trivial)))
    return er.Blueprint(layers)


def main() -> None:
    torch.manual_seed(0)
    recipe = read_config("rotated-mnist")
    task = er.Task(er.Grid(2), er.SO(2), input=1, output=er.Invariant(10))
    nets = {
        "published": (published(), EXAMPLES * EPOCHS),
        "recipe": (er.derive(task, width=recipe.network.width), 10_000 * recipe.train.epochs),
    }
    x, y = torch.randn(SOME, 1, 28, 28), torch.randint(10, (SOME,))
    seconds = interleaved({k: lambda net=net: step(net, x, y) for k, (net, _) in nets.items()}, rounds=7, warmup=1)
    rows = {}
    for name, (net, seen) in nets.items():
        each = sorted(seconds[name])[3] / SOME
        weights = sum(p.numel() for p in net.parameters())
        rows[name] = {"weights": weights, "seconds_an_example": each, "examples": seen, "hours": each * seen / 3600}
    keep("road", rows)


if __name__ == "__main__":
    main()
