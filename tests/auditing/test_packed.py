"""Audits on sets and graphs: models that keep relabelling, and those that read the order of points, edges or ties."""

from types import SimpleNamespace

import pytest
import torch
from torch import Tensor, nn

import erlangen as er
from erlangen.auditing.packed.reading import read_samples
from erlangen.auditing.packed.signals import batch_of
from erlangen.domains._segments import segment_max, segment_mean, segment_sum
from erlangen.errors import InputError, SymmetryError, TaskError
from tests.laws.relabelled import BONDS, GRAPH, SET

FEW = {"max_elements": 3, "bootstrap": 50, "proof": False}
PROVED = {**FEW, "proof": True}


def graphs(count: int = 20, channels: int = 3, bonds: bool = False) -> list[dict[str, Tensor]]:
    found = []
    for i in range(count):
        generator = torch.Generator().manual_seed(i)
        n = int(torch.randint(3, 12, (1,), generator=generator))
        graph = {
            "x": torch.randn(n, channels, generator=generator),
            "edge_index": torch.randint(n, (2, 3 * n), generator=generator),
        }
        found.append(graph | ({"edge_attr": torch.randn(3 * n, 2, generator=generator)} if bonds else {}))
    return found


def rows(report: er.AuditReport) -> dict[str, str]:
    return {row.elements: row.verdict for row in report.verdicts}


class Pooled(nn.Module):
    """In the style of PyTorch Geometric: arguments by name."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(3, 8), nn.Linear(8, 2)

    def forward(self, x: Tensor, edge_index: Tensor, batch: Tensor) -> Tensor:
        source, target = edge_index
        heard = segment_sum(self.one(x)[source], target, len(x))
        return self.two(segment_max(torch.relu(heard), batch, int(batch.max()) + 1))


class First(nn.Module):
    """Reads the point that is stored first."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.Linear(3, 2)

    def forward(self, data: SimpleNamespace) -> Tensor:
        return self.read(data.x[data.ptr[:-1]])


class EdgeOrder(nn.Module):
    """Weighs the edges by their place in the list."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.Linear(3, 2)

    def forward(self, data: SimpleNamespace) -> Tensor:
        place = torch.arange(data.edge_index.shape[1]) % 2
        sent = self.read(data.x)[data.edge_index[0]] * place[:, None]
        return segment_sum(sent, data.batch[data.edge_index[1]], data.num_graphs)


@pytest.mark.parametrize("layer", ["convolution", "attention", "messages", "transformer"])
def test_derived_networks_keep_relabelling(layer: str):
    for output in (er.Invariant(2), er.Equivariant(2)):
        net = er.derive(er.Task(BONDS, input=3, output=output), width=8, layer=layer).eval()
        report = er.audit(net, BONDS, er.Relabelling(), graphs(bonds=True), **FEW)
        assert report.verdict == "exact" and report.passed and len(report.judged) == 3


def test_models_of_others_are_called_by_the_names_of_their_arguments():
    report = er.audit(Pooled().eval(), GRAPH, er.Relabelling(), graphs(), **FEW)
    assert report.verdict == "exact" and "Pooled" in str(report) and "3 … 11 points" in str(report)


@pytest.mark.parametrize(
    ("model", "order"), [(First().eval(), "points relabelled"), (EdgeOrder().eval(), "edges in another order")]
)
def test_the_rows_tell_the_order_of_points_from_that_of_edges(model: nn.Module, order: str):
    report = er.audit(model, GRAPH, er.Relabelling(), graphs(), **FEW)
    found = rows(report)
    orders, broken = {"points relabelled", "edges in another order", "points and edges"}, {order, "points and edges"}
    assert {name for name in orders if found[name] == "broken"} == broken
    assert {name for name in orders if found[name] == "exact"} == orders - broken
    assert report.error > 0.1 and not report.passed


def test_ties_are_asked_about_in_a_row_of_their_own():
    """The first of those with the largest value: exact where no two are alike, broken where they are."""

    def largest(data: SimpleNamespace) -> Tensor:
        picked = []
        for start, end in zip(data.ptr[:-1].tolist(), data.ptr[1:].tolist(), strict=True):
            top = start + int(data.x[start:end, 0].argmax())
            picked.append(data.extra[top])
        return torch.stack(picked)

    samples = [{"x": torch.randn(6, 1), "extra": torch.randn(6, 2)} for _ in range(20)]
    report = er.audit(largest, SET, er.Relabelling(), samples, **FEW)
    assert report.verdict == "exact" and rows(report)["the same points twice"] == "broken"


def test_answers_at_points_are_carried_along():
    moved = lambda data: data.x * (torch.arange(len(data.x)) % 2)[:, None]  # noqa: E731
    still = lambda data: data.x - segment_mean(data.x, data.batch, data.ptr)[data.batch]  # noqa: E731
    for model, verdict in ((still, "exact"), (moved, "broken")):
        report = er.audit(model, SET, er.Relabelling(), [g["x"] for g in graphs()], er.Equivariant(3), **FEW)
        assert report.verdict == verdict


def test_a_group_that_moves_features_is_asked_about_beside():
    d4 = er.D(4)
    net = er.derive(er.Task(SET, d4, d4.standard, er.Equivariant(d4.standard)), width=16).eval()
    vectors = [g["x"] for g in graphs(channels=2)]
    report = er.audit(net, SET, d4, vectors, **FEW)
    assert report.verdict == "exact" and report.judged[0].count == 3 and rows(report)["points relabelled"] == "exact"
    broken = er.audit(lambda data: net(data) + 1.0, SET, d4, vectors, net.task.output, input=d4.standard, **FEW)
    assert broken.verdict == "broken"
    with pytest.raises(TaskError, match="input="):
        er.audit(lambda data: data.x, SET, d4, vectors, **FEW)


def test_the_report_is_a_page_a_dictionary_and_a_test_case(tmp_path):
    dense = er.audit(lambda data: data.x, SET, er.Relabelling(), [g["x"] for g in graphs()], er.Equivariant(3), **FEW)
    assert "exact" in dense.to_html(tmp_path / "dense.html").read_text(encoding="utf-8")
    report = er.audit(First().eval(), GRAPH, er.Relabelling(), graphs(), name="Mine", **FEW)
    assert "Mine" in report.to_html(tmp_path / "a.html").read_text(encoding="utf-8")
    assert report.to_dict()["verdict"] == "broken" and "failure" in report.to_junit(tmp_path / "a.xml").read_text()
    assert report.settings["replay"].startswith("er.audit(model, domain, er.Relabelling(), inputs")


def test_what_would_make_a_pass_meaningless_is_said():
    with pytest.warns(UserWarning, match="training mode"):
        er.audit(Pooled().train(), GRAPH, er.Relabelling(), graphs(), **FEW)
    with pytest.warns(UserWarning, match="Only 3 inputs"):
        er.audit(Pooled().eval(), GRAPH, er.Relabelling(), graphs(3), **FEW)
    single = [{"x": torch.randn(1, 3), "edge_index": torch.zeros(2, 0, dtype=torch.int64)} for _ in range(20)]
    with pytest.warns(UserWarning, match="one point alone"):
        er.audit(Pooled().eval(), GRAPH, er.Relabelling(), single, **FEW)
    with pytest.warns(UserWarning, match="what else is in its batch"):
        er.audit(lambda data: data.x - data.x.mean(0), SET, er.Relabelling(), [g["x"] for g in graphs()], **FEW)
    with pytest.warns(UserWarning, match="the same points"):
        er.audit(Pooled().eval(), GRAPH, er.Relabelling(), [{**graphs(1)[0]} for _ in range(20)], **FEW)


@pytest.mark.parametrize(
    ("model", "inputs", "said"),
    [
        (Pooled().eval(), graphs(1), "at least two"),
        (Pooled().eval(), graphs()[0], "a list of at least two"),
        (Pooled().eval(), [*graphs(2), {"x": torch.ones(2, 3)}], "input 2"),
        (lambda data: data.nothing, graphs(), "raised AttributeError"),
        (lambda data: torch.ones(5, 2), graphs(), "a row a sample"),
        (lambda data: data.x / 0, graphs(), "not finite"),
        (lambda data: data.x.sum(0, keepdim=True).repeat(7, 1), graphs(), "a row a point"),
        (lambda data: {"y": data.x}, graphs(), "select"),
    ],
)
def test_bad_input_is_refused(model, inputs, said):
    with pytest.raises(InputError, match=said):
        er.audit(model, GRAPH, er.Relabelling(), inputs, **FEW)


def test_what_only_lattices_have_is_refused():
    for choice in ({"shifts": [1]}, {"infinitesimal": True}):
        with pytest.raises(SymmetryError, match="Lattice"):
            er.audit(Pooled().eval(), GRAPH, er.Relabelling(), graphs(), **choice)


def test_samples_are_put_behind_one_another():
    samples = read_samples(BONDS, graphs(3, bonds=True))
    batch = batch_of(samples)
    sizes = [s.size for s in samples]
    assert batch.num_graphs == 3 and batch.ptr.tolist() == [0, *torch.tensor(sizes).cumsum(0).tolist()]
    assert torch.equal(batch.edge_index[:, : 3 * sizes[0]], samples[0].edges["edge_index"])
    assert int(batch.edge_index[:, -3 * sizes[2] :].min()) >= sizes[0] + sizes[1]
    images, order = torch.randperm(sizes[0]), torch.randperm(3 * sizes[0])
    moved = samples[0].moved(images, order)
    assert torch.equal(moved.points["x"][images], samples[0].points["x"])
    assert torch.equal(moved.edges["edge_attr"], samples[0].edges["edge_attr"][order])
    assert torch.equal(moved.edges["edge_index"], images[samples[0].edges["edge_index"]][:, order])


# ---- proof ---------------------------------------------------------------------------------------------------------
SETS = [torch.randn(n, 3, generator=torch.Generator().manual_seed(n)) for n in (2, 3, 4) * 6]


@pytest.mark.parametrize(
    ("layer", "output"),
    [
        ("linear", er.Invariant(2)),
        ("linear", er.Equivariant(2)),
        ("attention", er.Equivariant(2)),
        ("induced", er.Invariant(2)),
    ],
)
def test_derived_networks_on_sets_are_proved(layer: str, output: er.Invariant | er.Equivariant):
    net = er.derive(er.Task(SET, input=3, output=output), layer=layer, width=8, depth=1)
    net(
        {"x": torch.cat(SETS), "batch": torch.repeat_interleave(torch.arange(18), torch.tensor([len(s) for s in SETS]))}
    )
    report = er.audit(net.eval(), SET, er.Relabelling(), SETS, **PROVED)
    assert report.verdict == "proved" and report.judged[0].proof.verdict == "proved"
    assert er.audit(net, SET, er.Relabelling(), SETS, **FEW).verdict == "exact"


def test_what_reads_the_order_is_refuted():
    class Start(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.read = nn.Linear(3, 2)

        def forward(self, data: SimpleNamespace) -> Tensor:
            return self.read(data.x[:1])

    report = er.audit(Start().eval(), SET, er.Relabelling(), SETS, batch_size=1, **PROVED)
    assert report.verdict == "broken" and report.judged[0].proof.verdict == "refuted"


def test_sets_of_many_sizes_are_measured_alone():
    wide = [torch.randn(n, 3) for n in (*range(2, 30), 2, 3)]
    net = er.derive(er.Task(SET, input=3, output=er.Invariant(2)), width=8).eval()
    assert er.audit(net, SET, er.Relabelling(), wide, **PROVED).verdict == "exact"


def test_rows_are_what_the_declared_answer_says():
    """A row a point is no invariant, and a row a graph no answer at every point."""
    for model, output, said in (
        (lambda data: data.x, er.Invariant(3), "a row a sample"),
        (Pooled().eval(), er.Equivariant(2), "a row a point"),
    ):
        with pytest.raises(InputError, match=said):
            er.audit(model, GRAPH, er.Relabelling(), graphs(), output, **FEW)
