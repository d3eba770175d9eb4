"""How far answers move when edges are rewired: models of which it is known, and what the rewiring itself keeps."""

import json
import math

import pytest
import torch
from torch import Tensor

import erlangen as er
from erlangen.auditing.packed.reading import read_samples
from erlangen.auditing.packed.rewire import Rewiring, distance
from erlangen.auditing.packed.signals import ENDS
from erlangen.domains._segments import segment_sum
from erlangen.errors import DomainError
from tests.laws.relabelled import BONDS, GRAPH, SET

FEW = {"max_elements": 2, "bootstrap": 50, "proof": False, "stability": True}
N = 32


def rings(count: int = 24, offset: float = 2.0) -> list[dict[str, Tensor]]:
    """Rings of N, both directions of every edge; values about an offset."""
    here = torch.arange(N)
    there = (here + 1) % N
    both = torch.stack([torch.cat([here, there]), torch.cat([there, here])])
    draw = torch.Generator().manual_seed(0)
    return [{"x": offset + torch.randn(N, 2, generator=draw), "edge_index": both} for _ in range(count)]


def heard(data, mean: bool) -> Tensor:
    source, target = data.edge_index
    summed = segment_sum(data.x[source], target, len(data.x))
    return summed / torch.bincount(target, minlength=len(data.x)).clamp(min=1)[:, None] if mean else summed


def stability(model, inputs=None, output=None) -> er.auditing.Stability:
    report = er.audit(model, GRAPH, er.Relabelling(), inputs or rings(), output, **FEW)
    assert report.verdict == "exact" and report.stability is not None
    return report.stability


def test_a_sum_over_neighbours_follows_the_formula():
    """Of two neighbours, m ± s each, a share is taken out of the sum and as many are put in: E Δ² = 4·share·(m² + s²).

    Var f = 2 s², and after rewiring that of the degrees comes to it, 4·share·m².
    """
    found = stability(lambda data: heard(data, mean=False), output=er.Equivariant(2))
    m, s = 2.0, 1.0
    for bent in found.curve[1:]:
        predicted = math.sqrt(4 * bent.reach * (m**2 + s**2) / (4 * s**2 + 4 * bent.reach * m**2))
        assert bent.change == pytest.approx(predicted, rel=0.05)


def test_the_change_falls_with_the_edges_rewired_as_their_root():
    found = stability(lambda data: heard(data, mean=True), output=er.Equivariant(2))
    assert list(found.changes) == sorted(found.changes) and list(found.sizes) == sorted(found.sizes)
    assert found.exponent == pytest.approx(1, abs=0.25) and found.changes[0] < 0.5 * found.changes[-1]
    for size, bent in zip(found.sizes, found.curve, strict=True):
        assert size == pytest.approx(math.sqrt(2 * bent.reach), rel=1e-6)  # ‖A′ − A‖² = 2·rewired, ‖A‖² = edges


def test_a_sum_is_less_stable_than_a_mean_where_all_degrees_are_alike():
    sums, means = (stability(lambda data, mean=mean: heard(data, mean), output=er.Equivariant(2)) for mean in (0, 1))
    assert all(a > 1.3 * b for a, b in zip(sums.changes[:4], means.changes[:4], strict=True))


def test_what_does_not_read_edges_does_not_change():
    found = stability(lambda data: segment_sum(data.x, data.batch, data.num_graphs))
    assert set(found.changes) == {0.0} and math.isnan(found.constant)
    assert "no change above what rounding does by itself" in str(found)


def test_it_is_told_in_words_of_graphs(tmp_path):
    report = er.audit(lambda data: heard(data, True), GRAPH, er.Relabelling(), rings(), er.Equivariant(2), **FEW)
    page = report.to_html(tmp_path / "a.html").read_text(encoding="utf-8")
    for text in (str(report), page):
        assert "tability to rewired edges" in text and "of the edges" in text
        assert "deform" not in text and "sites" not in text and "interpolation" not in text
    held = json.loads(json.dumps(report.to_dict()))["stability"]
    assert len(held["curve"]) == 6 and held["curve"][0]["inputs"] is None


def test_only_edges_can_be_rewired():
    with pytest.raises(DomainError, match="rewired"):
        er.audit(lambda data: data.x, SET, er.Relabelling(), [g["x"] for g in rings()], **FEW)
    alone = [{"x": g["x"], "edge_index": torch.zeros(2, 0, dtype=torch.int64)} for g in rings()]
    with pytest.warns(UserWarning, match="no edge that could go elsewhere"):
        assert er.audit(lambda data: data.x, GRAPH, er.Relabelling(), alone, **FEW).stability is None


@pytest.mark.parametrize("both", [True, False], ids=["both ways", "one way"])
def test_as_many_edges_are_put_elsewhere(both: bool):
    graph = rings()[0]
    index = graph["edge_index"] if both else graph["edge_index"][:, :N]
    index = torch.cat([index, torch.tensor([[3], [3]])], dim=1)
    weights = {"edge_weight": torch.rand(index.shape[1]), "edge_attr": torch.randn(index.shape[1], 2)}
    sample = read_samples(BONDS, [{**graph, "edge_index": index, **weights}] * 2)[0]
    moved = Rewiring(sample, torch.Generator().manual_seed(0)).at(0.5)
    before, after = (set(map(tuple, s.edges[ENDS].T.tolist())) for s in (sample, moved))
    assert moved.edge_count == sample.edge_count == len(after) == len(before)
    assert (3, 3) in after and sum(a == b for a, b in after) == 1
    assert len(after - before) == len(before - after) == pytest.approx(len(before) / 2, abs=2)
    assert not both or {(b, a) for a, b in after} == after
    assert moved.edges["edge_attr"] is sample.edges["edge_attr"] and moved.points is sample.points
    apart, whole = distance(sample, moved)
    weight = sample.edges["edge_weight"].double()
    gone = (sample.edges[ENDS] != moved.edges[ENDS]).any(0)
    assert whole == pytest.approx(float(weight.square().sum()))
    assert apart == pytest.approx(2 * float(weight[gone].square().sum()))


def test_larger_sizes_rewire_the_same_edges_and_more():
    sample = read_samples(GRAPH, rings(2))[0]
    drawn = Rewiring(sample, torch.Generator().manual_seed(0))
    few, many = (drawn.at(share).edges[ENDS] for share in (0.1, 0.4))
    changed = (few != sample.edges[ENDS]).any(0)
    assert changed.any() and torch.equal(few[:, changed], many[:, changed])


def test_complete_graphs_stay():
    ends = torch.combinations(torch.arange(5)).T
    full = {"x": torch.randn(5, 2), "edge_index": torch.cat([ends, ends.flip(0)], dim=1)}
    sample = read_samples(GRAPH, [full, full])[0]
    assert torch.equal(Rewiring(sample, torch.Generator()).at(0.5).edges[ENDS], sample.edges[ENDS])
