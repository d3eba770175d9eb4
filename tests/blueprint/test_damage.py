"""No damage to a recipe or a file gets past the door: one of our errors, or the very network that was saved."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from erlangen.blueprint import Blueprint, build, derive, load, save
from erlangen.domains import Grid, HexGrid
from erlangen.errors import RecipeError, SymmetryError
from erlangen.groups import D, Group
from erlangen.task import Equivariant, Invariant, Task

CORNER = Group.from_matrices([[[0, 0, 1], [1, 0, 0], [0, 1, 0]]])
NETWORKS = {
    "square": (Task(Grid(2, spacing=(1, 2)), D(2), D(2).standard, Equivariant(D(2).standard)), {"residual": True}),
    "cube": (Task(Grid(3), CORNER, 1, Invariant(2)), {"fields": CORNER.trivial + CORNER.irreps()[-1], "scales": 1}),
    "hexagon": (Task(HexGrid(), D(6), 1, Equivariant(2, pooled=True)), {"pool": "max"}),
}
WRONG: tuple[Any, ...] = (None, "x", -1, 57, 3.7, [], {}, [None], float("nan"), "C(0)")


def network(name: str) -> Blueprint:
    task, choices = NETWORKS[name]
    return derive(task, **{"width": 4, "depth": 1, "scales": 2, **choices}).eval()


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every part of nested data but the whole."""
    if at:
        yield at
    for key in data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ():
        yield from places(data[key], (*at, key))


def changed(data: Any, at: tuple[Any, ...], *value: Any) -> Any:
    """A copy with one part replaced, or taken out where there is no value."""
    data = copy.deepcopy(data)
    part = data
    for key in at[:-1]:
        part = part[key]
    if value:
        part[at[-1]] = value[0]
    else:
        del part[at[-1]]
    return data


@pytest.mark.parametrize("name", NETWORKS)
def test_a_recipe_with_any_part_wrong_or_missing_is_refused_by_one_of_our_errors(name: str):
    """A few are still recipes, as kernel_size=57 is; what is neither refused nor a network is a fault."""
    recipe = json.loads(json.dumps(network(name).recipe))
    refused = 0
    for i, at in enumerate(places(recipe)):
        slow = at[-1] in ("kernel_size", "halvings")
        for damaged in (changed(recipe, at), changed(recipe, at, WRONG[i % len(WRONG)] if not slow else None)):
            try:
                assert isinstance(build(damaged), Blueprint)
            except SymmetryError:
                refused += 1
    assert refused > i


def test_a_recipe_that_is_none_is_refused():
    for wrong in (None, 3, "recipe", [], {}, {"erlangen": 1}):
        with pytest.raises(RecipeError):
            build(wrong)  # type: ignore[arg-type]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    save(network("hexagon"), tmp_path / "net")
    return tmp_path / "net"


def test_one_flipped_bit_anywhere_in_a_file_is_found(saved: Path):
    whole = saved.read_bytes()
    x = torch.randn(1, 1, 9, 9)
    expected = load(saved).eval()(x)
    found = 0
    for i in range(0, len(whole), 23):
        flipped = bytearray(whole)
        flipped[i] ^= 1 << (i % 8)
        saved.write_bytes(bytes(flipped))
        try:
            again = load(saved).eval()(x)
            assert torch.equal(again, expected)  # a space between two words, and the like
        except SymmetryError:
            found += 1
    assert found > 0.8 * len(range(0, len(whole), 23))
    weights = bytearray(whole)
    weights[-3] ^= 1
    saved.write_bytes(bytes(weights))
    with pytest.raises(RecipeError, match="has changed since it was saved"):
        load(saved)


@pytest.mark.parametrize("path", ["", ".", "nowhere/net"])
def test_what_is_no_file_is_refused(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecipeError, match="cannot be read"):
        load(path)


def test_a_saved_file_can_be_read_by_others_as_any_file_can(saved: Path, tmp_path: Path):
    (tmp_path / "plain").write_text("x")
    assert saved.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_weights_in_every_float_type_come_back(tmp_path: Path):
    for dtype in (torch.float64, torch.float16, torch.bfloat16):
        net = network("square").to(dtype)
        save(net, tmp_path / "net")
        again = load(tmp_path / "net").state_dict()
        assert all(torch.equal(again[name], value) for name, value in net.state_dict().items())
