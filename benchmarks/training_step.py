"""Training step and exported evaluation of derived networks over plain ones of the same channels."""

import torch
from measure import interleaved, keep, ratio
from plain import twin
from torch import Tensor, nn
from torch.nn import functional as F

import erlangen as er

CASES = {
    "2-D C4": (er.Grid(2), er.C(4), 64, 5, (16, 1, 28, 28)),
    "2-D D4": (er.Grid(2), er.D(4), 64, 5, (16, 1, 28, 28)),
    "3-D octahedral": (er.Grid(3), er.Octahedral(), 48, 3, (2, 1, 20, 20, 20)),
}


def step(net: nn.Module, x: Tensor, y: Tensor) -> None:
    """Forward, backward and one step of Adam."""
    optimiser = getattr(net, "optimiser", None) or torch.optim.Adam(net.parameters())
    object.__setattr__(net, "optimiser", optimiser)
    optimiser.zero_grad(set_to_none=True)
    F.cross_entropy(net(x), y).backward()
    optimiser.step()


def main() -> None:
    rows, exported = {}, {}
    for name, (domain, group, width, size, shape) in CASES.items():
        torch.manual_seed(0)
        net = er.derive(er.Task(domain, group, input=1, output=er.Invariant(10)), width=width, kernel_size=size)
        plain = twin(net)
        x, y = torch.randn(*shape), torch.randint(10, (shape[0],))
        seconds = interleaved({"ours": lambda: step(net, x, y), "plain": lambda: step(plain, x, y)}, rounds=25)
        rows[name] = {
            **ratio(seconds, "ours", "plain"),
            "ours_weights": net.free_weights(),
            "target": 1.15 if "3-D" in name else 1.05,
        }
        net.eval(), plain.eval()
        graph = net.export()
        with torch.no_grad():
            difference = float((graph(x) - net(x)).abs().max())
            seconds = interleaved({"ours": lambda: graph(x), "plain": lambda: plain(x)}, rounds=25)
        exported[name] = {**ratio(seconds, "ours", "plain"), "largest_difference": difference, "target": 1.0}
    keep("training_step", rows)
    keep("exported_eval", exported)


if __name__ == "__main__":
    main()
