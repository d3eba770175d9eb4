"""The page on groups, representations, layers and domains of one's own runs; what it says is not there is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import erlangen as er
from tests.written import code_of, run_blocks

PAGE = Path(__file__).parent.parent / "docs" / "extending.md"
TESTED = {"check_group": 5, "check_representation": 6, "check_layer": 10, "check_domain": 1, "assert_symmetric": 2}


def test_every_block_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_blocks(PAGE, er__derive=3, **{f"er.testing.{name}(": count for name, count in TESTED.items()})


@pytest.fixture(scope="module")
def own() -> dict[str, Any]:
    """What the page defines before it makes networks: its classes, and what they are made of."""
    code = code_of(PAGE)
    parts = [code[: code.index("\nkeyboard =")]]
    for start, end in (
        ("@dataclass(frozen=True, repr=False)\nclass Affine", "\n\ner.testing"),
        ("def three_numbers", "\n\nD6"),
        ("@dataclass(frozen=True, repr=False)\nclass Stress", "\n\ner.testing"),
        ("from erlangen.errors", "\n\nscan, turns"),
    ):
        first = code.index(start)
        parts.append(code[first : code.index(end, first)])
    names: dict[str, Any] = {}
    exec(compile("\n\n".join(parts), PAGE.name, "exec"), names)
    return names


def refused(ask: Callable[[], Any]) -> None:
    with pytest.raises(er.SymmetryError):
        ask()


def test_the_contract_of_a_layer_has_no_products_with_points() -> None:
    space = er.Space(er.Graph() * er.Sequence(), 2 * er.Trivial().trivial)
    refused(lambda: er.testing.check_layer(er.layers.linear(space, space)))


def test_what_chooses_by_the_domain_knows_none_of_ones_own(own: dict[str, Any]) -> None:
    scan, turns = own["Scan"](12), er.C(24)
    space = er.Space(scan, turns.trivial)
    refused(lambda: er.derive(er.Task(scan, turns, input=1, output=er.Invariant(2))))
    refused(lambda: er.layers.linear(space, space))
    refused(lambda: er.layers.pool(space))
    refused(lambda: er.audit(lambda x: x.mean((2, 3)), scan, turns, torch.randn(16, 1, 12, 9)))


def test_files_hold_no_kinds_of_ones_own(own: dict[str, Any], tmp_path: Path) -> None:
    group, stress, turns = own["Affine"](5), own["Stress"](er.D(6)), er.C(24)
    tones = er.Task(er.Finite(group, group.standard), input=1, output=er.Invariant(2))
    tensors = er.Task(er.HexGrid(), er.D(6), input=stress, output=er.Invariant(2))
    for task in (tones, tensors):
        net = er.derive(task, width=12)
        refused(lambda net=net: er.save(net, tmp_path / "net.safetensors"))
    net = er.Blueprint(er.layers.invariant(er.Space(own["Scan"](12), turns.trivial)))
    refused(lambda: er.save(net, tmp_path / "net.safetensors"))
