"""Training step and exported evaluation of derived networks over plain ones of the same channels."""

from typing import Any

import torch
from measure import interleaved, keep, ratio
from plain import twin
from torch import Tensor, nn
from torch.nn import functional as F

import erlangen as er

CASES = {
    "2-D C4": (er.Grid(2), er.C(4), 64, 5, (16, 1, 28, 28)),
    "2-D D4": (er.Grid(2), er.D(4), 64, 5, (16, 1, 28, 28)),
    "2-D C8": (er.Grid(2), er.C(8), 64, 5, (16, 1, 28, 28)),
    "2-D SO(2), functions up to frequency 3": (er.Grid(2), er.SO(2), 63, 5, (16, 1, 28, 28)),
    "3-D octahedral, regular fields": (er.Grid(3), er.Octahedral(), 48, 3, (2, 1, 20, 20, 20)),
    "3-D octahedral, fields as chosen": (er.Grid(3), er.Octahedral(), 48, 3, (2, 1, 20, 20, 20)),
    "3-D SO(3), functions on the group up to degree 2": (er.Grid(3), er.SO(3), 70, 5, (2, 1, 17, 17, 17)),
    "3-D SO(3), fields as chosen": (er.Grid(3), er.SO(3), 72, 5, (2, 1, 17, 17, 17)),
}
CHOSEN = "fields as chosen"
TARGETS = {"2-D": 1.05, "3-D octahedral": 1.15, "3-D SO(3)": 1.3}


def step(net: nn.Module, x: Tensor, y: Tensor) -> None:
    """Forward, backward and one step of Adam."""
    optimiser = getattr(net, "optimiser", None) or torch.optim.Adam(net.parameters())
    object.__setattr__(net, "optimiser", optimiser)
    optimiser.zero_grad(set_to_none=True)
    F.cross_entropy(net(x), y).backward()
    optimiser.step()


def measure(
    domain: er.domains.Lattice, group: er.Group, width: int, size: int, shape: tuple[int, ...], **choices: Any
) -> tuple[dict, dict]:
    """One case: the training step, then the exported network in eval, each against the plain twin."""
    torch.manual_seed(0)
    task = er.Task(domain, group, input=1, output=er.Invariant(10))
    net = er.derive(task, width=width, kernel_size=size, **choices)
    plain = twin(net)
    x, y = torch.randn(*shape), torch.randint(10, (shape[0],))
    seconds = interleaved({"ours": lambda: step(net, x, y), "plain": lambda: step(plain, x, y)}, rounds=41)
    training = {
        **ratio(seconds, "ours", "plain"),
    }
    net.eval()
    plain.eval()
    graph = net.export()
    with torch.no_grad():
        difference = float((graph(x) - net(x)).abs().max())
        seconds = interleaved({"ours": lambda: graph(x), "plain": lambda: plain(x)}, rounds=41)
    return training, {**ratio(seconds, "ours", "plain"), "largest_difference": difference, "target": 1.0}


def main() -> None:
    measured = {
        name: measure(*case, fields=None if name.endswith(CHOSEN) else "regular") for name, case in CASES.items()
    }
    for name, (training, _) in measured.items():
        training["target"] = next(target for start, target in TARGETS.items() if name.startswith(start))
    keep("training_step", {name: training for name, (training, _) in measured.items()})
    keep("exported_eval", {name: exported for name, (_, exported) in measured.items()})


if __name__ == "__main__":
    main()
