"""Each operation in the field against torch's own, on numbers of which the answer is a fraction."""

from collections.abc import Callable
from fractions import Fraction

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from erlangen.auditing.proof.field import Field, Residues
from erlangen.auditing.proof.program import Program
from erlangen.auditing.proof.values import Undecided

FIELD = Field(5)


class Called(nn.Module):
    def __init__(self, f: Callable[[Tensor], Tensor]):
        super().__init__()
        self.f = f

    def forward(self, x: Tensor) -> Tensor:
        return self.f(x)


def in_field(f: Callable[[Tensor], Tensor], x: Tensor, field: Field = FIELD) -> Residues:
    return Program(Called(f), x, lambda y: y).run(field, field.constant(x))


def fractions(values: Tensor) -> Residues:
    """The residues of the fractions that float64 has rounded, of denominators up to ten thousand."""
    found = [Fraction(v).limit_denominator(10_000) for v in values.double().flatten().tolist()]
    parts = []
    for i, p in enumerate(FIELD.primes):
        whole = [float(f.numerator * pow(f.denominator, -1, p) % p) for f in found]
        parts.append(FIELD.reduced(torch.tensor(whole, dtype=torch.float64).reshape(values.shape), i))
    return Residues((parts[0], parts[1]))


def whole(*shape: int, seed: int = 0) -> Tensor:
    return torch.randint(-9, 10, shape, generator=torch.Generator().manual_seed(seed)).double()


W2, W1, W3, T2 = whole(4, 3, 3, 3), whole(4, 3, 3), whole(4, 3, 2, 2, 2), whole(3, 2, 2, 2)
X, LINE, CUBE = whole(2, 3, 8, 7, seed=1), whole(2, 3, 11, seed=2), whole(2, 3, 5, 4, 6, seed=3)
CHANNELS, CEILING = torch.tensor([1.0, 2.0, 3.0]).double(), torch.tensor(4.0).double()
MASK = torch.tensor([1, 0, 1, 1, 0, 1, 0], dtype=torch.bool)

RATIONAL: dict[str, tuple[Callable[[Tensor], Tensor], Tensor]] = {
    "sums and products": (lambda x: (2 * x - 3) * x + x / 4 - (1 - x), X),
    "alpha": (lambda x: torch.add(x, x[..., :1], alpha=3) - torch.sub(x, 1, alpha=2), X),
    "addcmul": (lambda x: torch.addcmul(x, x, x + 1, value=0.5), X),
    "lerp": (lambda x: torch.lerp(x, x.flip(-1), 0.25), X),
    "powers": (lambda x: x**3 + x.square() + x.pow(0), X),
    "mean": (lambda x: x.mean((2, 3)) + x.mean(1).sum((1, 2))[:, None] + x.mean(), X),
    "variance": (lambda x: x.var(dim=(2,), correction=1)[..., 0] + x.var((2, 3), correction=0), X),
    "cumsum": (lambda x: x.cumsum(2), X),
    "matmul": (lambda x: x @ x.transpose(-1, -2), X),
    "einsum": (lambda x: torch.einsum("bcij,bdij->bcd", x, x), X),
    "linear": (lambda x: F.linear(x, W1[:, 0, :1].expand(4, 7), torch.arange(4.0).double()), X),
    "convolution": (lambda x: F.conv2d(x, W2, torch.arange(4.0).double(), stride=2, padding=1), X),
    "dilated": (lambda x: F.conv2d(x, W2, padding=2, dilation=2), X),
    "groups": (lambda x: F.conv2d(x, W2[:3, :1], groups=3), X),
    "on a line": (lambda x: F.conv1d(x, W1, padding=1), LINE),
    "in space": (lambda x: F.conv3d(x, W3, stride=(1, 2, 1)), CUBE),
    "transposed": (lambda x: F.conv_transpose2d(x, T2, stride=2, output_padding=1), X),
    "circular": (lambda x: F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), W2), X),
    "reflected": (lambda x: F.pad(x, (1, 1, 2, 0), mode="reflect"), X),
    "padded": (lambda x: F.pad(x, (1, 0, 2, 1), value=2.5), X),
    "padded by infinity": (lambda x: F.pad(x[:, :1, :1], (1, 1), value=-torch.inf)[..., 1:-1].amax(1), X),
    "replicated": (lambda x: F.pad(x, (1, 1, 2, 0), mode="replicate"), X),
    "average pool": (lambda x: F.avg_pool2d(x, 3, 2, 1), X),
    "average pool of what is there": (lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), X),
    "average pool, ceiling": (lambda x: F.avg_pool2d(x, 2, 2, ceil_mode=True), X),
    "average pool on a line": (lambda x: F.avg_pool1d(x, 4, 3, 2), LINE),
    "average pool in space": (lambda x: F.avg_pool3d(x, 2), CUBE),
    "adaptive average": (lambda x: F.adaptive_avg_pool2d(x, (3, 2)), X),
    "adaptive average in space": (lambda x: F.adaptive_avg_pool3d(x, (2, 3, 1)), CUBE),
    "linear upsampling": (lambda x: F.interpolate(x, size=(13, 17), mode="bilinear"), X),
    "linear upsampling, corners": (lambda x: F.interpolate(x, size=(13, 4), mode="bilinear", align_corners=True), X),
    "linear upsampling by 2": (lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), X),
    "linear upsampling on a line": (lambda x: F.interpolate(x, size=22, mode="linear"), LINE),
    "linear upsampling in space": (lambda x: F.interpolate(x, scale_factor=2, mode="trilinear"), CUBE),
    "cubic upsampling": (lambda x: F.interpolate(x, size=(24, 7), mode="bicubic"), X),
    "cubic upsampling, corners": (lambda x: F.interpolate(x, size=(15, 7), mode="bicubic", align_corners=True), X),
    "nearest middles": (lambda x: F.interpolate(x, size=(11, 5), mode="nearest-exact"), X),
    "product": (
        lambda x: (x / 3).prod(2)[..., :2] + x[:1, :1, :2, :3].prod() + x[..., :5].prod(3, keepdim=True)[0, 0, 0],
        X,
    ),
    "nearest": (lambda x: F.interpolate(x, scale_factor=2), X),
    "moves": (
        lambda x: torch.cat([x.flip(2).roll(2, 3), x.permute(0, 1, 3, 2).reshape(2, 3, 8, 7)], 1)[:, 1:5, ::2],
        X,
    ),
    "stack and unbind": (lambda x: torch.stack(list(x.unbind(1))[::-1], -1), X),
    "gather": (lambda x: x.gather(3, torch.arange(7).flip(0).expand(2, 3, 8, 7)), X),
    "index": (lambda x: x[:, torch.tensor([2, 0]), :, 1:] + x.index_select(1, torch.tensor([1, 1]))[..., 1:], X),
    "index put": (lambda x: x.index_put((torch.tensor([0]),), x[1:]), X),
    "scatter add": (lambda x: x.scatter_add(1, torch.zeros(2, 3, 8, 7, dtype=torch.int64), x), X),
    "index add": (lambda x: torch.zeros_like(x).index_add(1, torch.tensor([0, 0, 2]), x), X),
    "a mask": (lambda x: torch.where(MASK, x, -x) + x.masked_fill(~MASK, 5.0), X),
    "in place": (lambda x: x.clone().mul_(2).add_(1), X),
    "shuffled pixels": (lambda x: F.pixel_shuffle(torch.cat([x] * 4, 1), 2), X),
    "constants": (lambda x: x * torch.linspace(0, 1, 5).double()[[0, 2, 4]].reshape(3, 1, 1), X),
    "ones": (lambda x: torch.ones_like(x) + x.new_full((7,), 3.0), X),
}


@pytest.mark.parametrize("name", RATIONAL)
def test_what_is_rational_is_what_torch_says_exactly(name: str):
    f, x = RATIONAL[name]
    assert FIELD.equal(in_field(f, x), fractions(f(x)))


def test_no_number_is_infinite_where_none_was_put():
    def f(x: Tensor) -> Tensor:
        return torch.where(x == torch.inf, 0.0, x) + (x > -torch.inf)

    field = Field(11)
    assert field.equal(in_field(f, X, field), field.constant(X + 1))


def test_sums_longer_than_float64_adds_up_exactly_go_in_pieces():
    wide, weight = whole(1, 40_000), whole(3, 40_000, seed=2)
    assert FIELD.equal(in_field(lambda x: F.linear(x, weight), wide), fractions(wide @ weight.T))
    kernel, x = whole(2, 4000, 3, 3, seed=4), whole(1, 4000, 3, 4, seed=5)
    expected = fractions(F.conv2d(x, kernel))
    assert FIELD.equal(in_field(lambda x: F.conv2d(x, kernel), x), expected)


# ---- what every real nonlinearity shares, and nothing else ---
def same(f: Callable, g: Callable, x: Tensor = X) -> bool:
    """Whether the two are the same expression, for functions drawn at random."""
    return FIELD.equal(in_field(f, x), in_field(g, x))


IDENTITIES: dict[str, tuple[Callable, Callable]] = {
    "relu of clamp": (F.relu, lambda x: x.clamp(min=0)),
    "zero stays zero": (lambda x: F.gelu(0 * x) + F.silu(0 * x) + (0 * x).abs(), lambda x: 0 * x),
    "one at zero": (lambda x: (0 * x).exp() + torch.cos(0 * x), lambda x: 2 + 0 * x),
    "odd": (lambda x: torch.tanh(-x), lambda x: -torch.tanh(x)),
    "even": (lambda x: torch.cos(-x) + x.abs(), lambda x: torch.cos(x) + (-x).abs()),
    "sigmoid": (lambda x: torch.sigmoid(-x), lambda x: 1 - torch.sigmoid(x)),
    "silu": (F.silu, lambda x: x * torch.sigmoid(x)),
    "clamp between": (lambda x: (-x).clamp(-2, 2), lambda x: -x.clamp(-2, 2)),
    "largest in any order": (lambda x: x.amax((2, 3)), lambda x: x.flip(2).amax(3).amax(2)),
    "largest of two": (lambda x: torch.maximum(x, x.flip(3)), lambda x: torch.maximum(x.flip(3), x)),
    "max over an axis": (lambda x: x.max(2).values, lambda x: x.amax(2)),
    "pools nest": (lambda x: F.max_pool2d(F.max_pool2d(x, 2), 2), lambda x: F.max_pool2d(x, 4)),
    "pools turn": (lambda x: F.max_pool2d(x.flip(2), 3, 1, 1), lambda x: F.max_pool2d(x, 3, 1, 1).flip(2)),
    "adaptive pools": (lambda x: F.adaptive_max_pool2d(x, 1)[..., 0, 0], lambda x: x.amax((2, 3))),
    "softmax": (lambda x: F.softmax(x, 1), lambda x: x.exp() / x.exp().sum(1, keepdim=True)),
    "log softmax": (lambda x: F.log_softmax(x, 1), lambda x: x - x.exp().sum(1, keepdim=True).log()),
    "norm": (lambda x: x.norm(dim=1), lambda x: (x * x).sum(1).sqrt()),
    "order of a norm": (lambda x: F.normalize(x.flip(1)), lambda x: F.normalize(x).flip(1)),
    "layer norm": (lambda x: F.layer_norm(x.flip(3), (7,)), lambda x: F.layer_norm(x, (7,)).flip(3)),
    "instance norm": (lambda x: F.instance_norm(x), lambda x: F.group_norm(x, 3)),
    "instance norm, weighted": (
        lambda x: F.instance_norm(x.flip(2), weight=CHANNELS, bias=CHANNELS),
        lambda x: F.group_norm(x, 3, CHANNELS, CHANNELS).flip(2),
    ),
    "cosine": (lambda x: F.cosine_similarity(x, x + 1), lambda x: F.cosine_similarity((x + 1).flip(1), x.flip(1))),
    "clamp between tensors": (
        lambda x: x.clamp(x.flip(3), CEILING),
        lambda x: torch.minimum(torch.maximum(x.flip(3), x), CEILING),
    ),
    "any in any order": (lambda x: (x > 0).any(2).any().double(), lambda x: (x.flip(3) > 0).any().double()),
    "any of two": (
        lambda x: (x[..., :2] > 0).any(3).double(),
        lambda x: ((x[..., 1] > 0) | (x[..., 0] > 0)).double(),
    ),
    "all": (lambda x: (x > 0).all(3).double(), lambda x: 1 - (x <= 0).any(3).double()),
    "choice": (lambda x: torch.where(x > 0, x, 2 * x), lambda x: torch.where(x <= 0, 2 * x, x)),
    "or": (lambda x: ((x > 0) | (x == 1)).double(), lambda x: 1 - ((x <= 0) & (x != 1)).double()),
}

DIFFERENT: dict[str, tuple[Callable, Callable]] = {
    "two functions": (F.relu, F.gelu),
    "two slopes": (lambda x: F.leaky_relu(x, 0.1), lambda x: F.leaky_relu(x, 0.2)),
    "relu is not linear": (lambda x: F.relu(2 * x), lambda x: 3 * F.relu(x)),
    "largest and smallest": (lambda x: x.amax(1), lambda x: x.amin(1)),
    "largest of others": (lambda x: x[:, :2].amax(1), lambda x: x[:, 1:].amax(1)),
    "pools of other windows": (lambda x: F.max_pool2d(x, 2), lambda x: F.max_pool2d(x.roll(1, 2), 2)),
    "turned choice": (lambda x: torch.where(x > 0, x, 2 * x), lambda x: torch.where(x > 0, 2 * x, x)),
    "one unit in the last place": (lambda x: 0.1 * x, lambda x: 0.1 * (1 + 2**-52) * x),
    "softmax along another axis": (lambda x: F.softmax(x, 2), lambda x: F.softmax(x, 3)),
    "norms of two orders": (lambda x: x.norm(1, dim=1), lambda x: x.norm(2, dim=1)),
    "instance norm of others": (lambda x: F.instance_norm(x), lambda x: F.group_norm(x, 1)),
    "any and all": (lambda x: (x > 0).any(3).double(), lambda x: (x > 0).all(3).double()),
    "any of others": (lambda x: (x[..., :1] > 0).any(3).double(), lambda x: (x[..., 1:] > 0).any(3).double()),
    "cosine with another": (lambda x: F.cosine_similarity(x, x + 1), lambda x: F.cosine_similarity(x, x + 2)),
    "cubic with other middles": (
        lambda x: F.interpolate(x, size=(16, 14), mode="bicubic"),
        lambda x: F.interpolate(x, size=(16, 14), mode="bicubic", align_corners=True),
    ),
    "sign": (lambda x: x.abs(), lambda x: x),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_what_holds_of_the_real_functions_holds_in_the_field(name: str):
    f, g = IDENTITIES[name]
    assert torch.allclose(f(X).double(), g(X).double())
    assert same(f, g)


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_does_not_hold_of_them_does_not(name: str):
    f, g = DIFFERENT[name]
    assert not torch.equal(f(X), g(X))
    assert not same(f, g)


@pytest.mark.parametrize(
    ("f", "why"),
    [
        (lambda x: x.sort(-1).values, "sort"),
        (lambda x: x.argmax(-1).double(), "argmax"),
        (lambda x: x + torch.rand(7), "at random"),
        (lambda x: F.dropout(x, 0.5, training=True), "dropout|bernoulli|random"),
        (lambda x: torch.fft.rfft(x).abs(), "fft"),
        (lambda x: x.max(2).indices.double(), "max|None"),
        (lambda x: x * float("nan"), "not a number"),
        (lambda x: x.long().double(), "whole numbers"),
        (lambda x: x.norm(3, dim=1), "order 3"),
        (lambda x: F.batch_norm(x, None, None, training=True), "statistics of the batch"),
        (lambda x: x.any(3).double(), "any"),
        (lambda x: F.interpolate(x, size=(103, 7), mode="bicubic"), "cubic"),
        (lambda x: x if x.sum() > 0 else -x, "torch.export"),
        (lambda x: torch.div(x, 2, rounding_mode="floor"), "rounding"),
    ],
)
def test_what_is_not_known_is_named(f: Callable, why: str):
    with pytest.raises(Undecided, match=why):
        in_field(f, X)


def test_weights_are_turned_and_averaged_exactly():
    """A mean of four in floats depends on their order; in the field it does not."""
    weight = torch.randn(5, 3, 3, 3, generator=torch.Generator().manual_seed(1))

    class Turned(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(weight)

        def forward(self, x: Tensor) -> Tensor:
            mean = torch.stack([torch.rot90(self.weight, k, (2, 3)) for k in range(4)]).mean(0)
            return F.conv2d(x, mean, padding=1).sum((2, 3))

    x = torch.randn(2, 3, 6, 6)
    program = Program(Turned(), x, lambda y: y)
    given = FIELD.random((2, 3, 6, 6))
    here, there = (program.run(FIELD, r) for r in (given, given.moved(lambda part: torch.rot90(part, 1, (2, 3)))))
    assert FIELD.equal(here, there)
    assert list(program.names.values()) == ["weight"]


# ---- what is no arithmetic of real numbers stops the proof ---
POSITIONS = torch.arange(56.0).double().reshape(8, 7)


class Buffered(nn.Module):
    def __init__(self, value: Tensor):
        super().__init__()
        self.register_buffer("value", value)

    def forward(self, x: Tensor) -> Tensor:
        return (x * self.value).abs()


def into_truths(x: Tensor) -> Tensor:
    chosen = torch.zeros(x.shape, dtype=torch.bool)
    chosen[:] = x < 3
    return torch.where(chosen, x, POSITIONS)


def into_whole_numbers(x: Tensor) -> Tensor:
    whole = torch.zeros(x.shape, dtype=torch.int64)
    whole.copy_(x)
    return (whole.double() - x) * POSITIONS


@pytest.mark.parametrize(
    ("f", "why"),
    [
        (into_truths, "whole numbers together|truth values"),
        (into_whole_numbers, "whole numbers"),
        (lambda x: (((x > 0).sum((2, 3), keepdim=True) & 1) - x) * POSITIONS, "truth values"),
        (lambda x: (((x > 0) + (x > 0)).double() - 2 * (x > 0).double()) * POSITIONS, "truth values"),
        (lambda x: (torch.logical_not(x).double() + x - 1) * POSITIONS, "truth values"),
        (lambda x: (torch.logical_and(x, x).double() - x * x) * POSITIONS, "truth values"),
        (lambda x: (x[..., None].sum(-1, dtype=torch.int64).double() - x) * POSITIONS, "whole numbers"),
        (lambda x: (x.cumsum(2, dtype=torch.int64).double() - x) * POSITIONS, "whole numbers"),
        (lambda x: (x.masked_fill(MASK, -torch.inf) == -torch.inf).double() + 0 * x, "infinite numbers"),
        (lambda x: torch.where(x.masked_fill(MASK, torch.inf) < torch.inf, x, POSITIONS), "infinite numbers"),
        (lambda x: torch.tanh(x / (0 * x)) * POSITIONS, "division by zero"),
        (lambda x: x * torch.rand_like(POSITIONS), "at random"),
        (lambda x: x * torch.empty(7).uniform_(), "at random"),
        (lambda x: x.scatter(3, torch.zeros(2, 3, 8, 1, dtype=torch.int64), 0.3), "together|scatter"),
    ],
)
def test_truth_whole_numbers_infinities_and_chance_have_laws_of_their_own(f: Callable, why: str):
    with pytest.raises(Undecided, match=why):
        in_field(f, X, Field(7))


def test_complex_weights_have_no_residues():
    with pytest.raises(Undecided, match="complex"):
        Program(Buffered(torch.complex(torch.ones(7), torch.arange(7.0)).to(torch.complex128)), X, lambda y: y).run(
            Field(7), FIELD.constant(X)
        )


def test_a_clamp_whose_ends_have_changed_places_is_not_odd():
    assert not same(lambda x: x.clamp(1, -1), lambda x: -(-x).clamp(1, -1))


def test_windows_that_begin_beyond_the_padding_are_left_out():
    small = whole(1, 1, 2, 2)
    for ceil in (False, True):
        for included in (False, True):
            pool = lambda x, c=ceil, i=included: F.avg_pool2d(x, 2, 3, 1, ceil_mode=c, count_include_pad=i)  # noqa: E731
            assert FIELD.equal(in_field(pool, small), fractions(pool(small)))


def test_constants_in_the_shape_of_a_tensor_have_the_dtype_of_the_model():
    field = Field(3)
    field.dtype = torch.float64
    found = in_field(lambda x: torch.full_like(x, 0.1), X, field)
    assert field.equal(found, field.constant(torch.full(X.shape, 0.1, dtype=torch.float64)))
