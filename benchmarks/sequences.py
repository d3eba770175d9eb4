"""Layers on lines beside torch's own: recurrences in time, torch's cells as we hold them, and DNA's two strands."""

from collections.abc import Callable
from typing import Any

import torch
from measure import interleaved, keep, ratio, steady_memory
from torch import nn

import erlangen as er
from erlangen import layers as L

BATCH, WIDTH = 32, 64
TIME = er.Space(er.Sequence(), WIDTH * er.Trivial().trivial)


def forward_and_backward(run: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> Callable[[], None]:
    """One pass and its gradient."""

    def step() -> None:
        run(x).square().mean().backward()

    return step


def recurrences(steps: int) -> dict[str, Any]:
    """Linear recurrences over torch's LSTM, and torch's cells with the zero state kept over torch's own."""
    x = torch.randn(BATCH, steps, WIDTH, requires_grad=True)  # as both store it between two layers
    lstm, gru = (kind(WIDTH, WIDTH, batch_first=True) for kind in (nn.LSTM, nn.GRU))
    cases = {
        "gated": (L.GatedRecurrence(TIME, TIME), lstm, "≤ 0.35"),
        "state space, 4 states": (L.StateSpace(TIME, TIME, 4), lstm, ""),
        "our LSTM": (L.Recurrent(TIME, TIME, "lstm"), lstm, "≤ 1.02"),
        "our GRU": (L.Recurrent(TIME, TIME, "gru"), gru, "≤ 1.02"),
    }
    rows = {}
    for name, (ours, theirs, target) in cases.items():
        sides = {
            "ours": forward_and_backward(lambda v, ours=ours: ours(v.transpose(1, 2)).transpose(1, 2), x),
            "theirs": forward_and_backward(lambda v, theirs=theirs: theirs(v)[0], x),
        }
        found = ratio(interleaved(sides, 15 if steps > 500 else 41), "ours", "theirs")
        beside = "nn.GRU" if theirs is gru else "nn.LSTM"
        rows[f"{name} over {beside}, {steps} steps"] = {**found, **({"target": f"ratio {target}"} if target else {})}
    return rows


def strands() -> dict[str, Any]:
    """Three convolutions with batch norm on both strands of DNA over the same ones without the symmetry."""
    dna, h = er.Dna(), er.Mirror()
    hidden, space = er.Space(dna, WIDTH // 2 * h.regular), er.Space(dna, dna.natural_input(h))
    made: list[Any] = []
    plain: list[nn.Module] = []
    for size in (15, 13, 13):
        made += [L.LatticeConv(space, hidden, size, bias=False), L.FieldBatchNorm(hidden), L.Pointwise(hidden)]
        conv = nn.Conv1d(space.channels, WIDTH, size, padding=size // 2, bias=False)
        plain += [conv, nn.BatchNorm1d(WIDTH), nn.ReLU()]
        space = hidden
    ours, theirs = er.Blueprint(made), nn.Sequential(*plain)
    x = torch.randn(BATCH, 4, 1000)
    sides = {"ours": forward_and_backward(ours, x), "theirs": forward_and_backward(theirs, x)}
    free = sum(p.numel() for p in ours.parameters()) / sum(p.numel() for p in theirs.parameters())
    found = ratio(interleaved(sides, 21), "ours", "theirs")
    return {"DNA, three convolutions, over plain": {**found, "free_weights": free, "target": "ratio ≤ 1.05"}}


def main() -> None:
    steady_memory()
    torch.manual_seed(0)
    keep("sequences", {**recurrences(128), **recurrences(1024), **strands()})


if __name__ == "__main__":
    main()
