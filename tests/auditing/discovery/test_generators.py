"""The Lie algebra of a function of vectors, where it is known."""

import pytest
import torch
from torch import nn

from erlangen.auditing import Generators, discover, discover_generators
from erlangen.errors import InputError
from tests.auditing.models import noise

X = noise(1000, 4)
MINKOWSKI = torch.diag(torch.tensor([-1.0, 1, 1, 1]).double())
EYE, HYPERBOLIC = torch.eye(2), torch.tensor([[1.0, 0], [0, -1]])


def squares(x, metric):
    return ((x @ metric.to(x.dtype)) * x).sum(1, keepdim=True)


KNOWN = {
    "so(4)": (lambda x: squares(x, torch.eye(4)).sqrt(), 6, (6, 0, 0)),
    "so(1,3)": (lambda x: squares(x, MINKOWSKI), 6, (3, 3, 0)),
    "so(3)": (lambda x: x[:, 1:].norm(dim=1) + x[:, 0].sin(), 3, (3, 0, 0)),
    "so(2) + so(1,1)": (lambda x: torch.cat([squares(x[:, :2], EYE), squares(x[:, 2:], HYPERBOLIC)], 1), 2, (0, 0, 2)),
    "a scaling": (lambda x: x[:, 0] ** 3 + x[:, 1] * x[:, 2] * x[:, 3] + x[:, 1], 1, (0, 0, 1)),
    "nothing": (lambda x: x[:, 0] ** 3 + x[:, 1] ** 2 * x[:, 2] + x[:, 3].sin() + x[:, 1] * x[:, 3], 0, (0, 0, 0)),
}  # fmt: skip


@pytest.mark.parametrize(("f", "dimension", "signature"), KNOWN.values(), ids=KNOWN)
def test_known_algebras(f, dimension, signature):
    found = discover(f, None, "linear", X)
    assert isinstance(found, Generators)
    assert (found.dimension, found.signature) == (dimension, signature)
    assert found.closure < 1e-6
    if dimension:
        assert found.singular_values[dimension - 1] < 1e-12 < 0.01 < found.singular_values[dimension]
        assert found.power <= 1e-5
    assert str(found).startswith(f"{dimension} generator" if dimension else "No linear flow")


def test_the_flow_of_a_generator_leaves_the_answer():
    f = KNOWN["so(1,3)"][0]
    x = X.double()
    for generator in discover_generators(f, X).generators:
        assert torch.allclose(f(x @ torch.matrix_exp(0.4 * generator).T), f(x), atol=1e-9)


def test_a_trained_network_has_them_nearly():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1))
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    x = noise(2000, 3)
    for step in range(1200):
        batch = x[(step * 200) % 2000 :][:200]
        loss = (model(batch) - batch.norm(dim=1, keepdim=True)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found = discover_generators(model, noise(1000, 3, seed=1), gap=4)
    assert found.dimension == 3 and found.signature == (3, 0, 0)
    assert 1e-3 < found.singular_values[2] < 0.1 and found.closure < 0.2
    assert found.power > 1e-3
    assert next(model.parameters()).dtype == torch.float32 and next(model.parameters()).grad is not None


def test_what_says_nothing_is_refused():
    with pytest.raises(InputError, match="answers that change"):
        discover_generators(lambda x: (x * 0).sum(1), X)
    with pytest.raises(InputError, match="at least 32 gradients"):
        discover_generators(KNOWN["so(4)"][0], X[:20])
    with pytest.raises(InputError, match="without a gradient"):
        discover_generators(lambda x: (x.detach() > 0).double(), X)
    with pytest.raises(InputError, match="vectors"):
        discover_generators(lambda x: x, X[None])
    with pytest.raises(InputError, match="finite"):
        discover_generators(lambda x: x, X / 0)
