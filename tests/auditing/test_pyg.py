"""Layers of PyTorch Geometric under audit: which keep relabelling, and where the others break it."""

import pytest
import torch
from torch import Tensor, nn

import erlangen as er
from tests.auditing.packed.order_models import CHANNELS as C
from tests.auditing.packed.order_models import POINTS as N
from tests.auditing.packed.order_models import graphs, sets
from tests.laws.relabelled import GRAPH, SET

geometric = pytest.importorskip("torch_geometric")
aggr, gnn = geometric.nn.aggr, geometric.nn

FEW = {"max_elements": 3, "bootstrap": 50, "proof": False}
SETS, GRAPHS = sets(200), graphs(40)
DEGREES = torch.tensor([0] * N + [1])
BREAK = {
    "LSTMAggregation": lambda: aggr.LSTMAggregation(C, C),
    "GRUAggregation": lambda: aggr.GRUAggregation(C, C),
    "MLPAggregation": lambda: aggr.MLPAggregation(C, C, N, num_layers=1),
    "PatchTransformerAggregation": lambda: aggr.PatchTransformerAggregation(C, C, 2, 8),
    "LCMAggregation": lambda: aggr.LCMAggregation(C, C),
}
KEEP = {
    "SumAggregation": aggr.SumAggregation,
    "MeanAggregation": aggr.MeanAggregation,
    "MaxAggregation": aggr.MaxAggregation,
    "MinAggregation": aggr.MinAggregation,
    "MulAggregation": aggr.MulAggregation,
    "VarAggregation": aggr.VarAggregation,
    "StdAggregation": aggr.StdAggregation,
    "SoftmaxAggregation": aggr.SoftmaxAggregation,
    "PowerMeanAggregation": aggr.PowerMeanAggregation,
    "MedianAggregation": aggr.MedianAggregation,
    "QuantileAggregation": lambda: aggr.QuantileAggregation([0.25, 0.6]),
    "Set2Set": lambda: aggr.Set2Set(C, 2),
    "DegreeScalerAggregation": lambda: aggr.DegreeScalerAggregation(["mean", "max"], ["identity", "linear"], DEGREES),
    "GraphMultisetTransformer": lambda: aggr.GraphMultisetTransformer(C, 2),
    "AttentionalAggregation": lambda: aggr.AttentionalAggregation(nn.Linear(C, 1)),
    "DeepSetsAggregation": lambda: aggr.DeepSetsAggregation(nn.Linear(C, 8), nn.Linear(8, 2)),
    "SetTransformerAggregation": lambda: aggr.SetTransformerAggregation(C),
    "VariancePreservingAggregation": aggr.VariancePreservingAggregation,
    "MultiAggregation": lambda: aggr.MultiAggregation(["mean", "max"]),
}


class Read(nn.Module):
    def __init__(self, pool: nn.Module):
        super().__init__()
        self.pool = pool

    def forward(self, x: Tensor, batch: Tensor) -> Tensor:
        return self.pool(x, batch)


class Net(nn.Module):
    """A layer of PyTorch Geometric, which is given the edges sorted by their targets, as some demand."""

    def __init__(self, conv: nn.Module):
        super().__init__()
        self.conv1, self.read = conv, nn.Linear(8, 2)

    def forward(self, x: Tensor, edge_index: Tensor, batch: Tensor) -> Tensor:
        edge_index = edge_index[:, torch.argsort(edge_index[1], stable=True)]
        return self.read(gnn.global_mean_pool(torch.tanh(self.conv1(x, edge_index)), batch))


class Pooled(nn.Module):
    """Nodes are dropped, and those that stay read by what is left of their neighbours."""

    def __init__(self, pool: nn.Module):
        super().__init__()
        self.pool, self.conv = pool, gnn.GraphConv(C, 8)

    def forward(self, x: Tensor, edge_index: Tensor, batch: Tensor) -> Tensor:
        x, edge_index, _, batch, *_ = self.pool(x, edge_index, None, batch)
        return gnn.global_add_pool(torch.tanh(self.conv(x, edge_index)), batch)


def audited(model: nn.Module) -> er.AuditReport:
    domain, inputs = (SET, SETS) if isinstance(model, Read) else (GRAPH, GRAPHS)
    return er.audit(model.eval(), domain, er.Relabelling(), inputs, **FEW)


def guilty(report: er.AuditReport) -> list[str]:
    return [leaf.name for leaf in report.layers if leaf.local > 1e-5]


def rows(report: er.AuditReport) -> dict[str, str]:
    return {row.elements: row.verdict for row in report.verdicts}


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def test_every_aggregation_is_named_here():
    assert {*BREAK, *KEEP, "Aggregation", "EquilibriumAggregation", "SortAggregation"} == set(aggr.__all__)


@pytest.mark.parametrize("name", BREAK)
def test_five_aggregations_read_the_order(name: str):
    report = audited(Read(BREAK[name]()))
    little = name == "LCMAggregation"  # by a tenth of the spread, more or less, as its first weights are drawn
    assert not report.passed and report.error > (0.01 if little else 0.3)
    assert report.verdict == "broken" or (little and report.verdict in ("approximate", "not resolved"))
    (where,) = guilty(report)
    assert where in ("pool", "pool.lstm", "pool.gru")
    (cause,) = report.causes
    assert cause.name == "order dependence" and where in cause.what and cause.after < 1e-9


@pytest.mark.parametrize("name", KEEP)
def test_the_other_aggregations_keep_relabelling(name: str):
    report = audited(Read(KEEP[name]()))
    assert set(rows(report).values()) == {"exact"} and report.layers == ()


def test_an_aggregation_that_descends_an_energy_of_the_whole_batch_is_told():
    """Its steps are scaled by the number of sets in the batch: the order of points is kept, the batch is not."""
    with pytest.warns(UserWarning, match="what else is in its batch"):
        report = audited(Read(aggr.EquilibriumAggregation(C, C, [8])))
    assert set(rows(report).values()) == {"exact"}


def test_sorting_breaks_ties_alone():
    report = audited(Read(aggr.SortAggregation(3)))
    assert report.verdict == "exact" and rows(report)["all but one channel twice"] == "broken"
    assert guilty(report) == ["pool"] and report.causes[0].name == "ties"
    assert "SortAggregation" in str(report.causes[0])


def test_a_layer_that_reads_neighbours_in_a_row_breaks_under_the_order_of_edges_alone():
    report = audited(Net(gnn.SAGEConv(C, 8, aggr="lstm", root_weight=False)))
    found = rows(report)
    assert found["points relabelled"] == "exact" and found["edges in another order"] == "broken"
    worst = max(report.layers, key=lambda leaf: leaf.local)
    assert (worst.name, worst.kind) == ("conv1.aggr_module", "LSTMAggregation") and guilty(report) == [worst.name]
    assert "conv1.aggr_module (LSTMAggregation) reads its rows" in report.causes[0].what


@pytest.mark.parametrize(
    "conv",
    [
        lambda: gnn.SAGEConv(C, 8),
        lambda: gnn.SAGEConv(C, 8, aggr="max"),
        lambda: gnn.GCNConv(C, 8),
        lambda: gnn.GATv2Conv(C, 4, heads=2),
        lambda: gnn.GINConv(nn.Linear(C, 8)),
        lambda: gnn.EdgeConv(nn.Linear(2 * C, 8)),
        lambda: gnn.TransformerConv(C, 8),
        lambda: gnn.GraphConv(C, 8),
    ],
    ids=["sage", "sage max", "gcn", "gatv2", "gin", "edge", "transformer", "graph"],
)
def test_convolutions_keep_relabelling(conv):
    assert set(rows(audited(Net(conv()))).values()) == {"exact"}


def test_pooling_breaks_ties():
    """Of two nodes with the same score one stays, the one stored first, though they have other neighbours."""
    report = audited(Pooled(gnn.TopKPooling(C, ratio=3)))
    assert report.verdict == "exact" and rows(report)["the same points twice"] == "broken"
    assert guilty(report) == ["pool.select"] and "SelectTopK" in str(report.causes[0])


@pytest.mark.parametrize(("size", "verdict"), [(False, "broken"), (True, "exact")], ids=["signs", "sizes"])
def test_signs_of_eigenvectors_depend_on_the_order_of_nodes(size: bool, verdict: str):
    """The transform runs inside the audited function: applied before it, its signs would be carried along."""
    positions = geometric.transforms.AddLaplacianEigenvectorPE(2, attr_name="pe", is_undirected=True)
    read = nn.Linear(2, 4).double()

    def model(data) -> Tensor:
        own = data.batch[data.edge_index[0]]
        parts = [
            geometric.data.Data(
                edge_index=data.edge_index[:, own == i] - data.ptr[i],
                edge_weight=data.edge_weight[own == i],
                num_nodes=int(data.ptr[i + 1] - data.ptr[i]),
            )
            for i in range(data.num_graphs)
        ]
        found = torch.cat([positions(part).pe for part in parts])
        return gnn.global_mean_pool(torch.tanh(read(found.abs() if size else found)), data.batch)

    report = er.audit(
        model, GRAPH, er.Relabelling(), [weighted(g["x"].double(), g["edge_index"]) for g in GRAPHS], **FEW
    )
    assert report.verdict == verdict and rows(report)["points relabelled"] == verdict


def weighted(x: Tensor, edge_index: Tensor) -> dict[str, Tensor]:
    """Both directions of every edge, weighted by how near its ends are: no eigenvalue comes twice."""
    source, target = both = geometric.utils.to_undirected(edge_index)
    return {"x": x, "edge_index": both, "edge_weight": torch.exp(-(x[source] - x[target]).square().mean(1))}
