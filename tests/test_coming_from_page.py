"""The page for those who come from other libraries runs, with e3nn and PyTorch Geometric as they are."""

from inspect import signature
from pathlib import Path

import pytest

from tests.written import run_blocks

PAGE = Path(__file__).parent.parent / "docs" / "coming_from.md"


def test_every_block_of_the_page_runs() -> None:
    pytest.importorskip("e3nn")
    pytest.importorskip("torch_geometric")
    run_blocks(PAGE, er__audit=5, er__repair=3, er__repairing__set_nearest=1, er__derive=4, take_over=9)


def test_the_defaults_of_others_are_those_that_the_tables_name() -> None:
    o3, gnn = pytest.importorskip("e3nn.o3"), pytest.importorskip("torch_geometric.nn")
    assert signature(o3.spherical_harmonics).parameters["normalization"].default == "integral"
    assert signature(gnn.radius_graph).parameters["max_num_neighbors"].default == 32
    assert gnn.SAGEConv(1, 1).aggr == "mean" and gnn.GraphConv(1, 1).aggr == "add"
