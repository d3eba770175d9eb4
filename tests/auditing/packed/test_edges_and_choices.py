"""Answers at edges are carried along with them; a choice among nodes that are alike is undefined, nothing else is."""

import networkx
import pytest
import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.domains.graph_formats import as_data
from erlangen.errors import InputError

FEW = {"bootstrap": 50, "max_elements": 2}


def a_graph(seed: int, graph: networkx.Graph | None = None, alike: bool = False) -> dict[str, Tensor]:
    graph = networkx.gnp_random_graph(8, 0.5, seed=seed) if graph is None else graph
    x = torch.randn(1 if alike else len(graph), 3, generator=torch.Generator().manual_seed(seed))
    return {"x": x.expand(len(graph), 3).clone(), "edge_index": as_data(graph)["edge_index"]}


GRAPHS = [a_graph(seed) for seed in range(16)]
RINGS = [a_graph(100 + n, networkx.cycle_graph(n), alike=True) for n in range(7, 23)]


class Ends(nn.Module):
    """What lies between the ends of each edge; `from_place` counts every second of the list up."""

    def __init__(self, from_place: bool = False):
        super().__init__()
        self.from_place = from_place

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        y = x[edge_index[0]] - 2 * x[edge_index[1]]
        return y + 3 * (torch.arange(len(y)) % 2)[:, None] if self.from_place else y


def audited(model: nn.Module, graphs: list, output=None) -> er.AuditReport:
    return er.audit(model.eval(), er.Graph(), er.Relabelling(), graphs, output, **FEW)


@pytest.mark.parametrize("output", [None, er.Equivariant(3, edges=True)])
def test_an_answer_at_every_edge_goes_along_with_the_edges(output: er.Equivariant | None):
    report = audited(Ends(), GRAPHS, output)
    assert report.verdict == "exact" and report.output == er.Equivariant(3, edges=True)
    found = {row.elements: row.verdict for row in audited(Ends(from_place=True), GRAPHS, output).judged}
    assert found == {"points relabelled": "exact", "edges in another order": "broken", "points and edges": "broken"}


def test_a_derived_network_answers_at_edges():
    net = er.derive(er.Task(er.Graph(), input=3, output=er.Equivariant(2, edges=True)), width=8)
    assert audited(net, GRAPHS).verdict == "exact"


def test_the_wrong_number_of_answers_is_said():
    with pytest.raises(InputError, match="450 answers; expected 128, a row a point"):
        audited(Ends(), GRAPHS, er.Equivariant(3))


def network(coarsen: str) -> er.Blueprint:
    torch.manual_seed(0)
    task = er.Task(er.Graph(), input=3, output=er.Invariant(4))
    choices = {"layer": "messages", "aggregate": "sum", "scales": 2, "normalize": "points"}
    return er.derive(task, width=16, coarsen=coarsen, **choices)


def test_a_partition_is_exact_where_nodes_differ_and_undefined_where_they_are_alike():
    report = audited(network("partition"), [*GRAPHS, *RINGS])
    found = {row.elements: row.verdict for row in report.judged}
    assert found["points relabelled, all nodes told apart"] == "exact"
    assert found["points relabelled, nodes alike"] == "undefined"
    assert report.verdict == "undefined" and not report.passed
    assert "no rule can make" in str(report.to_dict()) and "undefined" in str(report)
    assert audited(network("partition"), GRAPHS).verdict == "exact"
    assert audited(network("partition"), RINGS).verdict == "undefined"


@pytest.mark.parametrize("coarsen", ["overlapping", "soft"])
def test_other_pools_are_exact_on_all(coarsen: str):
    assert audited(network(coarsen), [*GRAPHS, *RINGS]).verdict == "exact"


def test_who_breaks_without_need_is_broken():
    """A model that says nothing of a choice is not excused, on rings or elsewhere."""

    class FirstStored(nn.Module):
        def forward(self, x: Tensor, edge_index: Tensor, batch: Tensor) -> Tensor:
            degree = torch.bincount(edge_index[1], minlength=len(x)).float()
            first = torch.searchsorted(batch, torch.arange(int(batch.max()) + 1))
            return torch.cat([x[first], degree[first, None]], dim=1)

    assert audited(FirstStored(), [*GRAPHS, *RINGS]).verdict == "broken"
