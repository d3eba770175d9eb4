"""Audits on products with packed factors and on sets of signals: what is derived passes, what breaks a law does not."""

import itertools
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.auditing.packed.reading import read_samples
from erlangen.errors import DomainError, InputError, TaskError
from tests.batches import KINDS, One, batched, drawn, space_of

pytestmark = pytest.mark.filterwarnings("ignore:Only", "ignore:All inputs have", "ignore:The answer to an input")
PACKED = [name for name, kind in KINDS.items() if not kind.axes]
PAIRS = [pair for pair in itertools.product(KINDS, repeat=2) if set(pair) & set(PACKED)]
FEW: dict[str, Any] = {"bootstrap": 20, "max_elements": 3, "proof": False}
C4 = er.C(4)


def inputs_of(names: tuple[str, ...], channels: int, count: int = 8) -> list[Any]:
    packed = sum(name in PACKED for name in names)
    sizes = [(3 + i % 2, 2 + i % 3)[:packed] for i in range(count)]
    return [batched([one]) for one in drawn(names, channels, sizes)]


def judged(report: Any) -> dict[str, str]:
    return {f"{row.law}: {row.elements}": row.verdict for row in report.verdicts if row.judged}


@pytest.mark.parametrize("names", PAIRS, ids="-".join)
def test_derived_networks_on_products_are_exact_in_every_row(names: tuple[str, ...]):
    space = space_of(*names, copies=1)
    torch.manual_seed(0)
    net = er.Blueprint([er.layers.linear(space, space)]).double().eval()
    output, x = er.Equivariant(space.rho), inputs_of(names, space.rho.dim)
    asked = space.group if space.group.order != 1 else er.Relabelling()
    report = er.audit(net, space.domain, asked, x, output, input=space.rho, **FEW)
    assert report.verdict == "exact"
    rows = {row.law: row.verdict for row in report.verdicts}
    assert rows["Relabelling()"] == "exact"
    assert set(rows) >= ({str(space.group)} if space.group.order != 1 else set())
    shifted = [row for row in report.verdicts if "shift" in row.law or "roll" in row.law]
    assert bool(shifted) == bool({"grid", "sequence"} & set(names))


class Broken(nn.Module):
    """Reads the x of a batch, and says of each signal what does not keep one law."""

    def __init__(self, of: Any):
        super().__init__()
        self.of = of

    def forward(self, x: Tensor, batch: Tensor) -> Tensor:
        return torch.stack([self.of(x[batch == b]) for b in range(int(batch.max()) + 1)])


def odd(y: Tensor) -> Tensor:
    """1 and −1 by turns."""
    return 1 - 2 * (torch.arange(len(y)) % 2)[:, None]


def first(x: Tensor) -> Tensor:
    return x[0].flatten()[:1] ** 2 + x.mean()


def top(x: Tensor) -> Tensor:
    return x[..., 0, :].mean((0, 2)) ** 2


def same_everywhere(x: Tensor) -> Tensor:
    """Kept by a turn of all members at once, not by one of each: their pictures are added first."""
    return x.sum(0).square().mean((1, 2))


FIVE = [torch.randn(n, 2, 5, 5, generator=torch.Generator().manual_seed(n)) for n in (2, 3, 4, 5) * 4]


@pytest.mark.parametrize(
    ("of", "domain", "group", "relabelled"),
    [
        (first, er.Set() * er.Grid(2), "broken", "broken"),
        (top, er.Set() * er.Grid(2), "broken", "exact"),
        (same_everywhere, er.Set() * er.Grid(2), "exact", "exact"),
        (same_everywhere, er.Set(er.Grid(2)), "broken", "exact"),
        (first, er.Set(er.Grid(2)), "broken", "broken"),
    ],
)
def test_what_breaks_one_law_is_told(of: Any, domain: Any, group: str, relabelled: str):
    report = er.audit(Broken(of).eval(), domain, C4, FIVE, bootstrap=20)
    found = {row.law: row.verdict for row in report.verdicts}
    assert (found["C4"], found["Relabelling()"]) == (group, relabelled)
    assert er.audit(Broken(of).eval(), domain, er.Relabelling(), FIVE, bootstrap=20).verdict == relabelled


VECTOR = er.Equivariant(C4.standard, pooled=er.Grid(2))
OUTPUTS = [er.Invariant(2), er.Equivariant(2), er.Equivariant(C4.regular), er.Equivariant(2, pooled=er.Grid(2)), VECTOR]


@pytest.mark.parametrize("output", OUTPUTS, ids=repr)
def test_sets_of_pictures_each_turned_by_its_own(output: Any):
    torch.manual_seed(1)
    net = er.derive(er.Task(er.Set(er.Grid(2)), C4, input=2, output=output), width=8).eval()
    report = er.audit(net, er.Set(er.Grid(2)), C4, FIVE, **FEW)
    assert report.verdict == "exact"
    other = er.derive(er.Task(er.Set(er.Grid(2)), er.Trivial(), input=2, output=_plain(output)), width=8)
    assert er.audit(other.eval(), er.Set(er.Grid(2)), C4, FIVE, output, **FEW).verdict == "broken"


def _plain(output: Any) -> Any:
    """As many scalars under no group."""
    if isinstance(output, er.Invariant):
        return output
    given = output.n_or_representation
    return er.Equivariant(given if isinstance(given, int) else given.dim, pooled=output.pooled)


def graph(n: int, seed: int) -> dict[str, Tensor]:
    made = torch.Generator().manual_seed(seed)
    return {"x": torch.randn(n, 2, generator=made), "edge_index": torch.randint(n, (2, 2 * n), generator=made)}


def cloud(n: int, seed: int) -> dict[str, Tensor]:
    made = torch.Generator().manual_seed(seed)
    return {"x": torch.randn(n, 1, generator=made), "pos": torch.randn(n, 3, generator=made)}


def sets(of: Any, count: int = 8) -> list[list[Any]]:
    return [[of(3 + (i + k) % 3, 10 * i + k) for k in range(2 + i % 3)] for i in range(count)]


@pytest.mark.parametrize("output", [er.Invariant(2), er.Equivariant(2), er.Equivariant(2, pooled=er.Graph())], ids=repr)
def test_sets_of_graphs(output: Any):
    domain = er.Set(er.Graph())
    net = er.derive(er.Task(domain, input=2, output=output), width=8).eval()
    report = er.audit(net, domain, er.Relabelling(), sets(graph), **FEW)
    assert report.verdict == "exact"
    assert [row.elements for row in report.verdicts] == [
        "members reordered",
        "points of every member reordered",
        "edges of every member reordered",
    ]

    def crooked(data: Any) -> Tensor:
        y = net(data)
        return y + 3 * data.x[: len(y)].mean(1, keepdim=True) * odd(y)

    assert er.audit(crooked, domain, er.Relabelling(), sets(graph), output, **FEW).verdict == "broken"


VECTORS = er.Equivariant(er.O(3).standard)


EACH = er.Equivariant(er.O(3).standard, pooled=er.Points(3))


@pytest.mark.parametrize("output", [er.Invariant(2), VECTORS, EACH], ids=repr)
def test_sets_of_clouds_each_turned_and_shifted_by_its_own(output: Any):
    domain = er.Set(er.Points(3))
    net = er.derive(er.Task(domain, input=1, output=output), width=8).eval()
    report = er.audit(net, domain, er.O(3), sets(cloud), **FEW)
    assert {row.verdict for row in report.verdicts} == {"exact"}
    assert [row.law for row in report.verdicts[:2]] == ["O(3)", "Translations()"]

    def seen(data: Any) -> Tensor:
        return net(data) + data.pos[:, 0].sum()

    report = er.audit(seen, domain, er.O(3), sets(cloud), output, **FEW)
    assert {row.law: row.verdict for row in report.verdicts}["O(3)"] == "broken"


def test_a_set_of_graphs_may_be_given_as_one_batch():
    batch = torch.tensor([0, 0, 0, 1, 1])
    edges = torch.tensor([[0, 1, 3], [1, 2, 4]])
    x = torch.randn(5, 2)
    listed = [{"x": x[:3], "edge_index": edges[:, :2]}, {"x": x[3:], "edge_index": torch.tensor([[0], [1]])}]
    (a, b) = read_samples(er.Set(er.Graph()), [{"x": x, "edge_index": edges, "batch": batch}, listed])
    for one, other in zip(a.members, b.members, strict=True):  # type: ignore[attr-defined]
        assert torch.equal(one.points["x"], other.points["x"])
        assert torch.equal(one.edges["edge_index"], other.edges["edge_index"])


def test_an_answer_at_the_points_of_one_of_two_factors():
    domain = er.Set() * er.Graph()
    for pooled, breaks in ((er.Graph(), "points of factor 1 reordered"), (er.Set(), "points of factor 2 reordered")):
        task = er.Task(domain, input=2, output=er.Equivariant(2, pooled=pooled))
        net = er.derive(task, width=8).eval()
        x = inputs_of(("set", "graph"), 2)
        x = [{**one, "x": one["x"].float()} for one in x]
        assert er.audit(net, domain, er.Relabelling(), x, **FEW).verdict == "exact"

        def numbered(data: Any, net: Any = net) -> Tensor:
            y = net(data)
            return y * odd(y)

        report = er.audit(numbered, domain, er.Relabelling(), x, task.output, **FEW)
        assert {row.elements: row.verdict for row in report.verdicts}[breaks] == "broken"


@pytest.mark.parametrize(("boundary", "verdict"), [("open", "expected"), ("periodic", "proved")])
def test_translations_of_a_lattice_among_the_factors(boundary: Any, verdict: str):
    domain = er.Grid(2, boundary=boundary) * er.Sequence()
    torch.manual_seed(0)
    net = er.derive(er.Task(domain, C4, input=1, output=er.Invariant(2)), width=8, depth=1, scales=1).eval()
    first, second = net.translation_laws
    assert (first.boundary, second.causal) == (boundary, True)
    assert net.translation_law is None
    report = er.audit(net, domain, C4, torch.randn(16, 1, 6, 6, 2), bootstrap=20)
    rows = {row.elements: row for row in report.verdicts}
    row = rows["along Grid(2)" if boundary == "open" else f"along {er.Grid(2, boundary='periodic')!r}"]
    assert row.law == "circular roll by 1" and not row.judged
    assert (row.verdict == "proved", row.expected) == ((False, "border") if verdict == "expected" else (True, ""))


def test_what_is_refused_says_why():
    domain = er.Set() * er.Grid(2)
    with pytest.raises(DomainError, match="Relabelling"):
        er.audit(Broken(first).eval(), domain, er.Translations(), FIVE)
    with pytest.raises(DomainError, match="moves its signals exactly"):
        er.audit(Broken(first).eval(), domain, er.Trivial(), FIVE)
    with pytest.raises(TaskError, match="pooled"):
        er.audit(lambda data: data.x.mean((2, 3))[:, :, None], domain, C4, FIVE)
    with pytest.raises(InputError, match="answers"):
        er.audit(lambda data: data.x[:3].mean((2, 3)), domain, C4, FIVE)
    with pytest.raises(InputError, match="input 0"):
        er.audit(Broken(first).eval(), domain, C4, [torch.randn(3, 2, 5)] * 4)


def test_one_holds_what_a_batch_does():
    one = One([{"num_nodes": 2}, {"num_nodes": 3}], torch.randn(2, 3, 1))
    (sample, _) = read_samples(er.Set() * er.Set(), [batched([one])] * 2)
    moved, orders = sample.reordered((1, frozenset({"points"})), torch.Generator().manual_seed(0))  # type: ignore[attr-defined]
    back = orders((1,))
    assert torch.equal(moved.points["x"], sample.points["x"].view(2, 3, 1)[:, back].flatten(0, 1))
    assert torch.equal(orders("points").view(2, 3) % 3, back.expand(2, 3))
    assert torch.equal(orders((0,)), torch.arange(2))
