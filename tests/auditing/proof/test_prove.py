"""What is proved, refuted and located, of models of which the answer is known."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import erlangen as er
from erlangen.auditing.motion import Motion, Roll, Turn
from erlangen.auditing.proof import Proof, Prover, summary
from erlangen.domains import Grid
from erlangen.groups import SO, C, D
from erlangen.task import Equivariant, Invariant
from tests.auditing.proof.shaped import ConvNeXt, Residual, Transformer, UNet

SQUARE = Grid(2)


def proofs(model: Any, motions: list[Motion], *shape: int) -> list[Proof]:
    model = model.eval() if isinstance(model, nn.Module) else model
    return Prover(model, lambda y: y, torch.zeros(1)).prove(motions, shape)


def verdicts(*given: Any) -> list[str]:
    return [proof.verdict for proof in proofs(*given)]


def turns(group: er.Group, output: Any = None, domain: Any = SQUARE, rho: Any = None) -> list[Motion]:
    return [Turn(g, domain, rho, output or Invariant(3)) for g in group.elements]


def rolls(*vectors: tuple[int, ...], size: int = 12, output: Any = None) -> list[Motion]:
    return [Roll(v, SQUARE, output or Invariant(3), (size, size)) for v in vectors]


def moved_by_one_ulp(module: nn.Module, name: str, entry: int = 0) -> None:
    weight = module.get_parameter(name)
    with torch.no_grad():
        flat = weight.view(-1)
        flat[entry] = torch.nextafter(flat[entry], torch.tensor(torch.inf))


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


# ---- shifts ---
def test_shifts_of_a_plain_network_by_its_stride_are_proved_and_others_refuted():
    found = proofs(Residual().eval(), rolls((2, 0), (4, 6), (1, 0)), 2, 12, 12)
    assert [p.verdict for p in found] == ["proved", "proved", "refuted"]
    assert "of a (Conv2d)" in found[2].where or "of down (Conv2d)" in found[2].where
    assert 0 < found[0].bound < 1e-10


def test_a_border_is_found_at_the_convolution_that_sees_it():
    (found,) = proofs(Residual("zeros"), rolls((2, 0)), 2, 12, 12)
    assert found.verdict == "refuted" and found.where == "convolution of first (Conv2d)"


@pytest.mark.parametrize(("model", "shift"), [(ConvNeXt, 2), (Transformer, 2)])
def test_other_shapes_keep_shifts_by_their_patches(model: Any, shift: int):
    made = model(positions=False) if model is Transformer else model()
    assert verdicts(made, rolls((shift, 0), (0, 1)), 2, 12, 12) == ["proved", "refuted"]


@pytest.mark.parametrize("fused", [True, False])
def test_positions_of_a_transformer_are_found(fused: bool):
    (found,) = proofs(Transformer(positions=True, fused=fused), rolls((2, 0)), 2, 12, 12)
    assert found.verdict == "refuted" and found.where.startswith("add")
    assert verdicts(Transformer(positions=False, fused=fused), rolls((2, 4)), 2, 12, 12) == ["proved"]


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
def test_a_unet_whose_filters_are_symmetric_is_proved(mode: str):
    net, asked = UNet(mode), turns(D(4), Equivariant(2))
    assert verdicts(net, asked, 2, 12, 8) == ["proved"] * 8
    moved_by_one_ulp(net, "last.weight", 3)
    found = proofs(net, asked, 2, 12, 12)
    assert [p.verdict for p in found] == ["proved"] + ["refuted"] * 5 + [
        "proved",
        "refuted",
    ]  # one mirror keeps its place
    assert found[1].where == "convolution of last (Conv2d)"


# ---- derived networks ---
def settled(net: er.Blueprint) -> er.Blueprint:
    """With statistics and biases that are not those of the start."""
    with torch.no_grad():
        for name, p in net.named_parameters():
            if "bias" in name:
                p.normal_()
        for name, buffer in net.named_buffers():
            if "running" in name:
                buffer.uniform_(0.5, 2)
    return net.eval()


@pytest.mark.parametrize("entry", [0, 40, 99])
def test_one_weight_of_an_exported_network_moved_by_one_unit_in_the_last_place_is_refuted_and_located(entry: int):
    net = settled(er.derive(er.Task(SQUARE, C(4), 1, Invariant(3)), width=8, depth=2, scales=2)).export()
    asked = turns(C(4))
    assert verdicts(net, asked, 1, 9, 9) == ["proved"] * 4
    name, _ = [(n, m) for n, m in net.named_modules() if isinstance(m, nn.Conv2d)][1]
    moved_by_one_ulp(net, f"{name}.weight", entry)
    found = proofs(net, asked, 1, 9, 9)
    assert [p.verdict for p in found] == ["proved"] + ["refuted"] * 3
    assert found[1].where == f"convolution of {name} (Conv2d)"
    x = torch.randn(16, 1, 9, 9)
    report = er.audit(net, SQUARE, C(4), x)
    assert report.verdict == "exact" and report.passed
    said = " ".join(str(report).split())
    assert "Exact to rounding only" in said and f"of {name} (Conv2d)" in said


def test_the_statistics_of_a_batch_norm_are_found():
    net = settled(er.derive(er.Task(SQUARE, C(4), 1, Invariant(3)), width=8, depth=2, scales=1)).export()
    name, norm = next((n, m) for n, m in net.named_modules() if isinstance(m, nn.BatchNorm2d))
    norm.running_mean[1] += 1e-6
    (found,) = proofs(net, turns(C(4))[1:2], 1, 9, 9)
    assert found.where == f"batch norm of {name} (BatchNorm2d)"


# ---- operations that a symmetric use keeps and another one breaks ---
SITES = torch.linspace(-1, 1, 12)


@pytest.mark.parametrize(
    ("symmetric", "other"),
    [
        (lambda x: F.instance_norm(x), lambda x: F.instance_norm(x * SITES)),
        (
            lambda x: F.instance_norm(x).relu(),
            lambda x: torch.cat([F.instance_norm(part) for part in x.split(6, 3)], 3),
        ),
        (lambda x: F.cosine_similarity(x, x**2)[:, None], lambda x: F.cosine_similarity(x, x * SITES)[:, None]),
        (
            lambda x: F.interpolate(x, scale_factor=2, mode="bicubic"),
            lambda x: F.interpolate(x.roll(1, 3), scale_factor=2, mode="bicubic"),
        ),
        (
            lambda x: F.interpolate(x, scale_factor=2, mode="nearest-exact"),
            lambda x: F.interpolate(x, size=17, mode="nearest"),
        ),
        (lambda x: x.prod(1, keepdim=True), lambda x: (x * SITES).prod(1, keepdim=True)),
        (lambda x: (x > 0).any(1, keepdim=True).float(), lambda x: (x > SITES).any(1, keepdim=True).float()),
        (lambda x: (x > 0).all(1, keepdim=True).float(), lambda x: (x > SITES).all(1, keepdim=True).float()),
    ],
    ids=["instance", "instance, of halves", "cosine", "cubic", "nearest middles", "product", "any", "all"],
)
def test_a_symmetric_use_is_proved_and_another_refuted(symmetric: Any, other: Any):
    motions = turns(D(4), Equivariant(2))[1:]
    assert set(verdicts(symmetric, motions, 2, 12, 12)) == {"proved"}
    assert "refuted" in verdicts(other, motions, 2, 12, 12)


def test_an_instance_norm_inside_a_network():
    def network(mode: str) -> nn.Module:
        conv = nn.Conv2d(2, 4, 3, padding=1, padding_mode=mode)
        head = nn.Sequential(nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
        return nn.Sequential(conv, nn.InstanceNorm2d(4, affine=True), head)

    assert verdicts(network("circular"), rolls((1, 0), (3, 5)), 2, 12, 12) == ["proved", "proved"]
    (found,) = proofs(network("zeros"), rolls((1, 0)), 2, 12, 12)
    assert found.verdict == "refuted" and found.where == "convolution of 0 (Conv2d)"


def test_vectors_and_inputs_that_move_by_signs():
    net = settled(er.derive(er.Task(SQUARE, C(4), C(4).standard, Equivariant(C(4).standard)), width=8, depth=1))
    asked = [Turn(g, SQUARE, C(4).standard, Equivariant(C(4).standard)) for g in C(4).elements]
    assert verdicts(net, asked, 2, 9, 9) == ["proved"] * 4
    wrong = [Turn(g, SQUARE, C(4).standard, Equivariant(2)) for g in C(4).elements]
    found = proofs(net, wrong, 2, 9, 9)
    assert [p.verdict for p in found] == ["proved"] + ["refuted"] * 3
    assert "other places" in found[1].where  # the values are there, and turned as vectors are


def test_pictures_that_are_not_square_change_their_shape():
    net = settled(er.derive(er.Task(SQUARE, D(4), 1, Invariant(3)), width=8, depth=1))
    assert verdicts(net, turns(D(4)), 1, 9, 6) == ["proved"] * 8


# ---- what no proof is given of ---
def test_what_mixes_the_inputs_of_a_batch_is_not_decided():
    def mixed(x: Tensor) -> Tensor:
        return x.mean((2, 3)) - x.mean((0, 2, 3))

    (found,) = proofs(mixed, turns(C(4))[1:2], 1, 6, 6)
    assert found.verdict == "undecided" and "its batch" in found.why


def test_a_sum_over_the_batch_does_not_pass_for_an_invariant():
    (found,) = proofs(
        lambda x: (x * torch.arange(36.0).reshape(6, 6)).sum((0, 1, 2, 3)).expand(len(x), 1), turns(C(4))[1:2], 1, 6, 6
    )
    assert found.verdict == "undecided"


def test_what_stops_it_is_named():
    (found,) = proofs(lambda x: x.flatten(1).sort(1).values, turns(C(4))[1:2], 1, 6, 6)
    assert found.verdict == "undecided" and "sort" in found.why and "sort" in str(found)
    report = er.audit(lambda x: x.flatten(1).sort(1).values, SQUARE, C(4), torch.randn(16, 1, 6, 6))
    assert report.verdict == "exact" and "Not decided, because of this: the operation aten.sort" in str(report)


def test_a_model_that_cannot_be_exported_says_so_and_nothing_else(capfd: pytest.CaptureFixture[str]):
    def branching(x: Tensor) -> Tensor:
        return x.mean((2, 3)) if float(x.sum()) > 0 else x.sum((2, 3))

    found = proofs(branching, turns(C(4)), 1, 6, 6)
    assert {p.verdict for p in found} == {"undecided"} and found[1].why.startswith("torch.export: ")
    assert capfd.readouterr() == ("", "")


def test_a_model_that_writes_into_its_input_is_asked_for_its_answer():
    """Behind an export the answer stands after the input as it was left."""
    conv = nn.Conv2d(1, 1, 3, padding=1)
    conv.weight = nn.Parameter(
        torch.stack([SQUARE.act(g, conv.weight.detach().round(decimals=1)) for g in D(4).elements]).amax(0)
    )
    model = nn.Sequential(nn.ReLU(inplace=True), conv)
    asked = turns(D(4), Equivariant(1))
    assert verdicts(model, asked, 1, 6, 6) == ["proved"] * 8
    moved_by_one_ulp(conv, "weight", 0)
    assert verdicts(model, asked, 1, 6, 6).count("refuted") == 6
    assert verdicts(lambda x: nn.ReLU(inplace=True)(x).mean((2, 3)), turns(C(4)), 1, 6, 6) == ["proved"] * 4


def test_motions_that_interpolate_are_not_asked():
    g = SO(2).element(0.3)
    (found,) = proofs(lambda x: x.mean((2, 3)), [Turn(g, SQUARE, None, Invariant(1))], 1, 9, 9)
    assert found.verdict == "undecided" and "mixes values" in found.why


def test_functions_and_closures_over_modules():
    conv = nn.Conv2d(1, 3, 3, padding=1, padding_mode="circular")
    assert verdicts(lambda x: F.relu(conv(x)).mean((2, 3)), rolls((1, 2), size=6), 1, 6, 6) == ["proved"]


def test_summaries_take_the_worst_that_says_where():
    proved, bare = Proof("proved", 1e-12), Proof("refuted")
    located, open_ = Proof("refuted", where="here"), Proof("undecided", why="that")
    assert summary([proved, bare, located, open_]) is located
    assert summary([proved, open_]) is open_
    assert summary([proved]) is proved
    assert summary([]) is None


# ---- in the audit ---
def test_the_audit_says_what_is_proved_and_can_be_asked_not_to(tmp_path):
    x = torch.randn(16, 1, 9, 9)
    net = settled(er.derive(er.Task(SQUARE, D(4), 1, Invariant(3)), width=8, depth=1))
    report = er.audit(net, SQUARE, D(4), x)
    assert report.verdict == "proved" and report.passed
    assert all(row.proof is not None and row.proof.verdict == "proved" for row in report.judged)
    assert "for all inputs of 1 × 9 × 9" in " ".join(str(report).split())
    assert report.to_dict()["verdicts"][0]["proof"]["verdict"] == "proved"
    assert "For all inputs?" in report.to_html(tmp_path / "a.html").read_text()
    assert er.audit(net, SQUARE, D(4), x, proof=False).verdict == "exact"
    with pytest.raises(er.SymmetryError, match="proof"):
        er.audit(net, SQUARE, D(4), x, proof=3)


def test_nothing_broken_or_undefined_is_called_proved():
    x = torch.randn(16, 1, 9, 9)
    constant = er.audit(lambda x: torch.full((len(x), 2), 3.0) + 0 * x.mean(), SQUARE, C(4), x)
    assert constant.verdict == "undefined"
    broken = er.audit(nn.Conv2d(1, 2, 3, padding=1).eval(), SQUARE, C(4), x, Equivariant(2))
    assert broken.verdict == "broken"
    assert all(row.proof.verdict == "refuted" for row in broken.judged)
