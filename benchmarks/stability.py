"""Anti-aliased pooling against the average and the maximum: the constant C of change ≈ C·ε, untrained.

The same C4 networks with the same weights, only their pools changed; an answer for the whole, and one at each point.
Sizes are even and odd, since on odd ones the average and the maximum both take every second site. Inputs are rough
(noise under a binomial blur of five sites), handwritten digits, and smooth (broad blobs).
"""

import math
import statistics
import warnings

import torch
from measure import keep
from torch.nn import functional as F

import erlangen as er
from erlangen.data import load

POOLS = ("average", "max", "antialiased")
SEEDS, INPUTS = 8, 32
ANSWERS = {"invariant": er.Invariant(10), "equivariant": er.Equivariant(2)}


def main() -> None:
    warnings.simplefilter("ignore", UserWarning)
    rows = {}
    for size in (28, 29):
        for kind, x in inputs(size).items():
            for name, output in ANSWERS.items():
                constants = {pool: [constant(pool, seed, output, x) for seed in range(SEEDS)] for pool in POOLS}
                rows |= {f"{kind}, {size} px, {name}, {pool}": row(constants, pool) for pool in POOLS}
    keep("stability", rows)


def inputs(size: int) -> dict[str, torch.Tensor]:
    """Pictures with much, some and next to nothing above the frequencies that a halved grid can carry."""
    generator = torch.Generator().manual_seed(0)
    blur = torch.tensor([1.0, 4, 6, 4, 1]) / 16
    noise = torch.randn(INPUTS, 1, size, size, generator=generator)
    rough = F.conv2d(F.conv2d(noise, blur[None, None, :, None], padding=(2, 0)), blur[None, None, None], padding=(0, 2))
    drawn = F.interpolate(load("digits", limit=400).parts["train"].inputs[:INPUTS], size=(20, 20), mode="bicubic")
    left, right = (size - 20) // 2, (size - 19) // 2
    return {"rough": rough, "digits": F.pad(drawn, (left, right, left, right)), "smooth": blobs(size, generator)}


def blobs(size: int, generator: torch.Generator) -> torch.Tensor:
    """Six Gaussian blobs a picture, fading before the border."""
    u = torch.arange(size) - (size - 1) / 2
    place, width = torch.rand(2, INPUTS, 6, 2, generator=generator).unbind(0)
    place, width = size * (0.56 * place - 0.28), size * (0.05 + 0.05 * width[..., :1])
    rows, columns = (torch.exp(-((u - place[..., a : a + 1]) ** 2) / (2 * width**2)) for a in (0, 1))
    height = torch.randn(INPUTS, 6, generator=generator)
    return torch.einsum("nb,nbi,nbj->nij", height, rows, columns)[:, None]


def constant(pool: str, seed: int, output: er.Invariant | er.Equivariant, x: torch.Tensor) -> float:
    torch.manual_seed(seed)
    task = er.Task(er.Grid(2), er.C(4), input=1, output=output)
    net = er.derive(task, width=16, depth=1, scales=3, pool=pool).eval()
    report = er.audit(net, er.Grid(2), er.C(4), x, bootstrap=0, seed=seed, elements=[math.pi / 2], stability=True)
    return report.stability.constant


def row(constants: dict[str, list[float]], pool: str) -> dict[str, float]:
    """The median of C with its quartiles over seeds, and the median, least and most of its ratio to the average's."""
    low, middle, high = statistics.quantiles(constants[pool], n=4)
    ratios = [a / b for a, b in zip(constants[pool], constants["average"], strict=True)]
    return {
        "constant": middle,
        "quartile_low": low,
        "quartile_high": high,
        "over_average": statistics.median(ratios),
        "over_average_least": min(ratios),
        "over_average_most": max(ratios),
    }


if __name__ == "__main__":
    main()
