"""What a user writes, with the types that an editor is to show; nothing that is touched may be unknown."""

# pyright: strict

from pathlib import Path
from typing import Any, assert_type

import torch
from torch import Tensor, nn

import erlangen as er


def declared_and_derived() -> er.Blueprint:
    task = er.Task(er.Grid(2), symmetry=er.C(4), input=1, output=er.Invariant(10))
    assert_type(task, er.Task)
    assert_type(task.source, er.Space)
    net = er.derive(task, width=16, depth=2)
    assert_type(net, er.Blueprint)
    assert_type(net.minimum_size, int)
    assert_type(net.task, er.Task | None)
    assert_type(net.export(), nn.Module)
    er.save(net, "net.safetensors")
    assert_type(er.load(Path("net.safetensors")), er.Blueprint)
    assert_type(er.citation(net), str)
    return net


def audited(net: nn.Module) -> float:
    report = er.audit(net, er.Grid(2), er.D(4), torch.randn(4, 1, 8, 8))
    assert_type(report, er.AuditReport)
    assert_type(report.passed, bool)
    said: str = report.verdict
    print(said)
    assert_type(report.to_dict(), dict[str, Any])
    return report.error


def composed() -> er.Blueprint:
    G = er.C(4)
    assert_type(G.regular, er.Representation)
    assert_type(3 * G.regular + G.trivial, er.Representation)
    pixels, features = er.Space(er.Grid(2), G.trivial), er.Space(er.Grid(2), 8 * G.regular)
    first = er.layers.linear(pixels, features)
    assert_type(first, er.layers.Layer)
    assert_type(first.target, er.Space)
    conv = er.layers.LatticeConv(pixels, features)
    return er.Blueprint([conv, er.layers.nonlinearity(features), er.layers.pool(features, 2)])


def signals(layer: er.layers.Layer, x: Tensor) -> er.Signal:
    signal = er.Signal(x, layer.source)
    assert_type(signal.values, Tensor)
    for g in er.C(4).elements:
        assert_type(signal.act(g), er.Signal)
    return layer(signal)


def on_spaces(layer: er.layers.Layer) -> er.Space:
    return layer(layer.source)


def solved() -> Tensor:
    G = er.Octahedral()
    assert_type(er.intertwiners(G.standard, G.standard), Tensor)
    return er.intertwiners(G.regular, G.irrep(1))


def other_ways(model: nn.Module, x: Tensor) -> None:
    domain, group = er.Grid(2), er.C(4)
    mean = er.symmetrize.average(model, domain, group, output=er.Invariant(2))
    upright = er.symmetrize.canonicalize(model, domain, group, output=er.Invariant(2), input=3)
    assert isinstance(mean, nn.Module)
    assert isinstance(upright, nn.Module)
    er.testing.assert_symmetric(model, domain, group)


def with_data() -> int:
    data = er.data.load("digits")
    train: er.data.TensorPair = data.train
    return len(train)


def refused() -> str:
    try:
        er.derive(er.Task(er.Grid(2), er.C(8), input=1, output=er.Invariant(2)))
    except er.SymmetryError as error:
        return f"{error.given}, {error.expected}, {error.mend}"
    return ""
