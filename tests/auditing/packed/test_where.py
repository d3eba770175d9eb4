"""Where relabelling breaks: models in plain PyTorch of which the layer that reads the order is known."""

import json
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

import erlangen as er
from erlangen.auditing.packed.calls import tensors, with_tensors
from erlangen.auditing.packed.motion import Relabelled
from erlangen.auditing.packed.reading import read_samples
from erlangen.auditing.packed.signals import EDGES, POINTS, batch_of
from erlangen.auditing.packed.storage import Storage, missed
from tests.auditing.packed.order_models import (
    CHANNELS,
    NEIGHBOURS,
    Attending,
    First,
    Heard,
    Last,
    Middle,
    OfSets,
    Pool,
    Rows,
    flat,
    graphs,
    sets,
)
from tests.auditing.packed.order_models import POINTS as SIZE
from tests.laws.relabelled import GRAPH, SET

FEW = {"max_elements": 3, "bootstrap": 50, "proof": False}


def of_graphs(model: nn.Module) -> er.AuditReport:
    return er.audit(model.eval(), GRAPH, er.Relabelling(), graphs(), **FEW)


def of_sets(model: nn.Module) -> er.AuditReport:
    return er.audit(model.eval(), SET, er.Relabelling(), sets(), **FEW)


def guilty(report: er.AuditReport) -> list[tuple[str, str]]:
    return [(leaf.name, leaf.kind) for leaf in report.layers if leaf.local > 1e-5]


def rows(report: er.AuditReport) -> dict[str, str]:
    return {row.elements: row.verdict for row in report.verdicts}


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize(
    "read", [lambda: Last(nn.LSTM), lambda: Last(nn.GRU), lambda: flat(NEIGHBOURS)], ids=["lstm", "gru", "mlp"]
)
def test_neighbours_in_stored_order_are_found_and_located(read: Callable[[], nn.Module]):
    report = of_graphs(Heard(Rows(read(), NEIGHBOURS)))
    found = rows(report)
    assert found["points relabelled"] == "exact" and found["edges in another order"] != "exact"
    assert guilty(report) == [("hear", "Rows")] and report.layers[0].name == "embed"
    worst = max(report.layers, key=lambda leaf: leaf.local)
    assert worst.share == pytest.approx(1) and worst.moves == "points" and worst.local > 0.1
    assert {leaf.name: leaf.moves for leaf in report.layers}["answer"] == "stays"
    (cause,) = report.causes
    assert cause.name == "order dependence" and "hear (Rows) reads its rows in the order" in cause.what
    assert cause.after < 1e-9 < 0.01 < cause.before


@pytest.mark.parametrize(
    ("read", "name"),
    [
        (lambda: Last(nn.LSTM), "pool.read.cell"),
        (lambda: Last(nn.GRU), "pool.read.cell"),
        (lambda: flat(SIZE), "pool.read.0"),
        (lambda: Attending(places=True), "pool.read"),
    ],
    ids=["lstm", "gru", "mlp", "places"],
)
def test_points_in_stored_order_are_found_and_located(read: Callable[[], nn.Module], name: str):
    report = of_sets(OfSets(Rows(read(), SIZE)))
    assert report.verdict == "broken" and [found for found, _ in guilty(report)] == [name]
    assert report.causes[0].after < 1e-9 and name in report.causes[0].what
    assert name in str(report) and "Cause" in str(report)


@pytest.mark.parametrize(
    "rows_to_one",
    [Pool("mean"), Pool("max"), Pool("sum"), Rows(Attending(places=False), SIZE), Rows(Middle(), SIZE)],
    ids=["mean", "max", "sum", "attention", "block"],
)
def test_what_keeps_every_order_has_nothing_to_locate(rows_to_one: nn.Module):
    report = of_sets(OfSets(rows_to_one))
    assert set(rows(report).values()) == {"exact"} and report.layers == () and report.causes == ()


def test_ties_are_named_where_nothing_else_breaks():
    model = OfSets(Rows(First(), SIZE))
    model.embed = nn.Identity()  # whatever mixes the channels leaves no ties in one of them
    report = of_sets(model)
    assert report.verdict == "exact" and rows(report)["all but one channel twice"] == "broken"
    assert rows(report)["the same points twice"] == "exact"  # whichever of two that are the same is picked
    assert guilty(report) == [("pool.read", "First")]
    (cause,) = report.causes
    assert cause.name == "ties" and "pool.read (First)" in str(cause) and cause.after < 1e-6 < 0.1 < cause.before


def test_ties_are_not_blamed_for_an_order_that_is_broken_beside_a_group():
    """Under a group of the features relabelling is no part of the verdict, and still no order is kept."""

    class FirstSize(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x[:, 0].abs()

    c2 = er.C(2)
    sign = CHANNELS * c2.irreps()[-1]
    model = OfSets(Rows(FirstSize(), SIZE))
    model.embed = nn.Identity()
    report = er.audit(model.eval(), SET, c2, sets(), er.Invariant(CHANNELS), input=sign, **FEW)
    assert report.verdict == "exact" and rows(report)["points relabelled"] == "broken"
    assert report.causes == () and report.layers == ()


def test_a_model_without_parts_has_a_name():
    class Whole(nn.Module):
        def forward(self, x: Tensor, batch: Tensor) -> Tensor:
            return x[torch.cat([torch.zeros(1, dtype=torch.bool), batch[1:] == batch[:-1]]).logical_not()]

    report = of_sets(Whole())
    assert guilty(report) == [("the model", "Whole")] and "the model (Whole)" in str(report)
    square = er.audit(nn.Flatten().eval(), er.Grid(2), er.C(4), torch.randn(16, 1, 4, 4), bootstrap=20, proof=False)
    assert [leaf.name for leaf in square.layers] == ["the model"]


def test_code_between_the_layers_is_that_of_the_module_around_them():
    class Between(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.before, self.after = nn.Linear(CHANNELS, 4), nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.after(self.before(x).cumsum(0))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.block, self.pool = Between(), Pool("max")

        def forward(self, x: Tensor, batch: Tensor) -> Tensor:
            return self.pool(self.block(x), batch)

    report = of_sets(Net())
    assert guilty(report) == [("block", "Between")]
    by_name = {leaf.name: leaf for leaf in report.layers}
    assert by_name["block.after"].local < 1e-9 < 0.01 < by_name["block.after"].error
    assert json.loads(json.dumps(report.to_dict()))["layers"][0]["fitted"] is None


def test_a_layer_within_a_derived_network_is_located():
    """Its layers hand on the edges beside the values; they are asked again with the edges of π·x."""
    net = er.derive(er.Task(GRAPH, input=CHANNELS, output=er.Equivariant(2)), width=8, layer="messages").eval()
    whole = nn.Sequential()
    whole.add_module("net", net)
    whole.add_module("last", nn.Linear(2, 2))
    layer = net.get_submodule("layers.3.inner.layers.0")

    class Placed(type(layer)):
        def compute(self, values: Tensor, support: object = None) -> Tensor:
            return super().compute(values, support) + torch.arange(len(values))[:, None].to(values) % SIZE

    layer.__class__ = Placed
    report = er.audit(whole.eval(), GRAPH, er.Relabelling(), graphs(), er.Equivariant(2), **FEW)
    assert guilty(report) == [("net.layers.3.inner.layers.0", "Placed")]
    assert {leaf.name: leaf.error for leaf in report.layers}["net.layers.0"] < 1e-9 and "flow" not in vars(net)


def test_the_page_has_the_layers(tmp_path):
    page = of_sets(OfSets(Rows(flat(SIZE), SIZE))).to_html(tmp_path / "a.html").read_text(encoding="utf-8")
    assert "pool.read.0 (Flatten)" in page and "Order dependence: pool.read.0 (Flatten)" in page


def test_functions_have_no_layers():
    report = er.audit(lambda data: data.x[data.ptr[:-1]], SET, er.Relabelling(), sets(), **FEW)
    assert report.verdict == "broken" and report.layers == () and report.causes == ()


# ---- how tensors move ------------------------------------------------------------------------------------------------
SAMPLES = read_samples(GRAPH, [*graphs(3), *graphs(3, n=5)])
MOTION = Relabelled("both", frozenset({POINTS, EDGES}), 7, rows="whole")
STORED, HERE, THERE = Storage.of(MOTION, SAMPLES), batch_of(SAMPLES), batch_of(MOTION.move(SAMPLES))


@pytest.mark.parametrize(
    ("made", "moves"),
    [
        (lambda data: data.x, "points"),
        (lambda data: data.edge_index, "edges"),
        (lambda data: data.x[data.edge_index[0]], "edges"),
        (lambda data: data.x[data.edge_index[0]][torch.argsort(data.edge_index[1], stable=True)], "edges"),
        (lambda data: torch.sort(data.edge_index[1], stable=True).values, "edges"),
        (lambda data: torch.cat([data.x[data.edge_index[0]], data.x]), "edges"),
        (lambda data: data.batch, "points"),
        (lambda data: data.ptr, "stays"),
        (lambda data: torch.bincount(data.batch).double(), "stays"),
        (lambda data: pad_sequence(data.x.split(torch.bincount(data.batch).tolist()), True), "points"),
        (lambda data: data.x[:7], None),
        (lambda data: data.x[: 5 + int(data.edge_index[0, 0])], None),
    ],
    ids=["x", "ends", "sent", "sorted", "targets", "loops", "batch", "ptr", "sizes", "padded", "some", "any"],
)
def test_tensors_move_as_their_first_axis_says(made, moves: str | None):
    carried = STORED.fit(made(HERE), made(THERE))
    if moves is None:
        assert carried is None
    else:
        assert carried is not None and carried.moves == moves and carried.error == 0
        assert torch.equal(carried.carry(made(HERE)), made(THERE))


def test_what_is_missed_is_counted():
    assert missed(torch.tensor([1, 2, 3, 4]), torch.tensor([1, 2, 4, 3])) == 0.5
    assert missed(torch.ones(2), torch.ones(3)) == 1.0 and missed(torch.ones(2), torch.ones(2)) == 0.0
    assert math.isnan(missed(torch.tensor(1.0), torch.tensor(2.0)))


def test_tensors_are_found_in_what_holds_them_and_put_back():
    held = {"a": (torch.ones(1), 2, [torch.zeros(2)]), "b": HERE.ptr}
    again = with_tensors(held, iter([t + 1 for t in tensors(held)]))
    assert again["a"][0].item() == 2 and again["a"][1] == 2 and torch.equal(again["b"], HERE.ptr + 1)
