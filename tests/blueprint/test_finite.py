"""What is derived on finite domains, what is said of it, and what is refused."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.errors import InputError, TaskError
from erlangen.groups import C, D, S
from tests.laws.catalogue import BOARD, CUBE, FINITE_BY_NAME, RING

CLASSES = er.Invariant(3)


def names(net: er.Blueprint) -> list[str]:
    return [type(layer).__name__ for layer in er.layers.leaves(net)]


def test_small_groups_take_regular_fields_and_large_ones_the_points():
    small = er.derive(er.Task(BOARD, input=3, output=CLASSES))
    assert small[0].target.rho == 16 * D(4).regular
    large = er.derive(er.Task(CUBE, input=6, output=CLASSES))
    assert large[0].target == er.Space(CUBE, 32 * CUBE.group.trivial)
    assert names(large)[-2:] == ["OrbitPool", "Dense"]
    assert any("every filter sees all" in note for note in small.notes)
    assert any("one weight for each orbit" in note for note in large.notes)


def test_of_a_large_group_on_a_vector_fields_are_smaller():
    signs = FINITE_BY_NAME["signs of S8"]
    net = er.derive(er.Task(signs, output=CLASSES))
    assert net[0].target.rho.dim % 16 == 0 and net[0].target.rho.is_permutation
    s5 = er.Finite(S(5), list(S(5).standard.generator_matrices))
    net = er.derive(er.Task(s5, output=CLASSES))
    assert net[0].target.rho.fields[0][0].dim < 120 and any("cosets" in note for note in net.notes)


def test_scales_pool_blocks_of_points():
    net = er.derive(er.Task(CUBE, input=6, output=er.Equivariant(2)), scales=2, width=8)
    assert {"FinitePool", "FiniteUpsample", "FiniteLinear"} <= set(names(net))
    (pool,) = [layer for layer in er.layers.leaves(net) if isinstance(layer, er.layers.FinitePool)]
    assert (pool.source.domain.points, pool.target.domain.points) == (48, 20)
    assert pool.source.channels == 8


def test_a_subgroup_may_be_declared():
    half = C(6).subgroup(C(6).generators[0] ** 3)
    task = er.Task(RING, half, input=1, output=er.Equivariant(1))
    net = er.derive(task).double().eval()
    x = torch.randn(3, 1, 6, dtype=torch.float64)
    assert torch.allclose(net(x.roll(3, -1)), net(x).roll(3, -1), atol=1e-12)
    assert not torch.allclose(net(x.roll(1, -1)), net(x).roll(1, -1), atol=1e-3)


def test_it_learns_what_no_symmetry_moves():
    """Whether tic-tac-toe's middle row, column or diagonal is filled: D4 moves the answer nowhere."""
    torch.manual_seed(0)
    boards = torch.as_tensor(np.random.default_rng(0).integers(0, 2, (400, 1, 9)), dtype=torch.float32)
    lines = ((3, 4, 5), (1, 4, 7), (0, 4, 8), (2, 4, 6))
    filled = torch.stack([boards[:, 0, list(line)].prod(1) for line in lines], dim=1).amax(1).long()
    net = er.derive(er.Task(BOARD, input=1, output=er.Invariant(2)), width=64)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(60):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(boards[:200]), filled[:200]).backward()
        optimiser.step()
    correct = (net.eval()(boards[200:]).argmax(1) == filled[200:]).float().mean()
    assert correct > 0.95 > filled[200:].float().mean()


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"fields": "irreps"}, '"regular", "points", "pairs"'),
        ({"fields": C(4).regular}, "a representation of"),
        ({"kernel_size": 3}, "one of fields, function"),
        ({"field": "points"}, "Did you mean fields"),
        ({"pool": "antialiased"}, "one of average, max"),
        ({"fibre": "sum"}, "one of max, mean"),
        ({"width": 0}, "positive whole number"),
        ({"width": [8, 16], "scales": 3}, "one width a scale"),
        ({"fields": "regular", "scales": 2}, "scales=1"),
        ({"width": 60_000}, "GB"),
        ({"width": 10**6}, "at most"),
        ({"homogeneous": True, "function": "gelu"}, "homogeneous=True"),
        ({"homogeneous": True, "fields": D(4).standard}, "pointwise functions"),
        ({"normalize": 1}, "True or False"),
    ],
)
def test_choices_that_do_not_exist_are_refused(choices: dict, said: str):
    with pytest.raises(TaskError, match=said):
        er.derive(er.Task(BOARD, input=1, output=CLASSES), **choices)


def test_a_vector_has_no_points():
    task = er.Task(er.Finite(C(4), [[[0, -1], [1, 0]]]), output=CLASSES)
    with pytest.raises(TaskError, match="has no points"):
        er.derive(task, fields="points")
    with pytest.raises(InputError):
        er.derive(task)(torch.zeros(2, 3))


def test_explain_says_what_it_is():
    said = str(er.derive(er.Task(CUBE, input=6, output=CLASSES)).explain())
    assert "48 points" in said and "1,728" in said and "442,368" in said and len(max(said.split("\n"), key=len)) < 300


def test_networks_are_saved_and_exported(tmp_path):
    """Of listed and of large groups; exported, they are torch's own layers with the same outputs."""
    for domain, output in ((BOARD, er.Equivariant(1)), (CUBE, CLASSES)):
        net = er.derive(er.Task(domain, input=2, output=output), width=16).eval()
        er.save(net, tmp_path / "net")
        x = torch.randn(3, 2, domain.points)
        assert torch.equal(er.load(tmp_path / "net").eval()(x), net(x))
        assert torch.allclose(net.export()(x), net(x), atol=1e-5)
    assert "order about" in repr(er.Task(CUBE, input=2, output=CLASSES))
