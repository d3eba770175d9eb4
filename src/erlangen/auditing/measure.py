"""The numbers of the audit, as functions of tensors: nothing here knows a model, a group or a domain.

err² = mean ‖a − b‖² / (Var a + Var b), over n inputs; a = f(g·x), b = g·f(x). 0 is exact, 1 is unrelated. Dividing by
the variance and not by the size of the answers keeps a large common offset from hiding a break; taking both variances
keeps unrelated answers at 1 even where one of the two spreads wider.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

_CHUNK = 1 << 22  # bootstrap weights held at a time


@dataclass(frozen=True)
class Numbers:
    """What is measured of a ≈ b over n inputs; `worst` is the largest error of a single input, the one at `index`.

    `low` and `high` bound the error's 95 % bootstrap interval over inputs; `floor` = 10 · eps · rms / √Var is the error
    that rounding alone may cause; `agreement` the share of equal top-1 answers (None where there is one value only).

    >>> x = torch.tensor([[0.0], [1.0], [2.0]])
    >>> found = compare(x, torch.tensor([[0.0], [1.0], [2.5]]), draws=100, seed=0)
    >>> found.index, round(found.worst, 3)
    (2, 0.311)
    """

    error: float
    low: float
    high: float
    median: float
    p95: float
    worst: float
    index: int
    agreement: float | None
    floor: float


def spread(y: Tensor) -> float:
    """Var y: unbiased over inputs (axis 0), summed over outputs.

    >>> spread(torch.tensor([[0.0, 1.0], [2.0, 1.0]]))
    2.0
    """
    return float(_flat(y).var(dim=0, correction=1).sum())


def error(a: Tensor, b: Tensor) -> float:
    """√(mean ‖a − b‖² / (Var a + Var b)); NaN where neither varies over the inputs.

    Shapes: `[n, …]`, both alike.

    >>> error(torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0], [1.0]]))
    0.0
    """
    both = spread(a) + spread(b)
    return math.sqrt(float(_squares(a, b).mean()) / both) if both > 0 else math.nan


def difference(a: Tensor, b: Tensor) -> float:
    """‖a − b‖ / √(‖a‖² + ‖b‖²): 0 where they are equal, 1 where they have nothing in common; of single signals.

    >>> difference(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]))
    1.0
    """
    return float((a - b).norm() / (a.square().sum() + b.square().sum()).sqrt())


def rounding_floor(a: Tensor, b: Tensor, eps: float | None = None) -> float:
    """10 · eps · rms / √Var: what rounding may do to the error; infinite where nothing varies.

    rms = √mean ‖y‖² and Var are averaged over a and b; eps is that of their dtype unless given.
    """
    eps = torch.finfo(a.dtype).eps if eps is None else eps
    size = float(_flat(a).square().sum(1).mean() + _flat(b).square().sum(1).mean())
    both = spread(a) + spread(b)
    return 10 * eps * math.sqrt(size / both) if both > 0 else math.inf


def agreement(a: Tensor, b: Tensor, mask: Tensor | None = None) -> float | None:
    """The share of inputs (and points) where the largest of the values on axis 1 is the same; None for a single value.

    >>> agreement(torch.tensor([[0.0, 1.0], [1.0, 0.0]]), torch.tensor([[0.0, 2.0], [0.0, 1.0]]))
    0.5
    """
    if a.dim() < 2 or a.shape[1] < 2:
        return None
    same = (a.argmax(1) == b.argmax(1)).to(torch.float64)
    weight = torch.ones_like(same) if mask is None else mask.to(torch.float64).expand_as(same)
    return float((same * weight).sum() / weight.sum())


def bootstrap(a: Tensor, b: Tensor, draws: int, seed: int) -> tuple[float, float]:
    """The 95 % interval of `error` over resampled inputs: 2.5 % and 97.5 % of `draws` resamples with replacement."""
    return interval95(resampled(a, b, draws, seed))


def interval95(drawn: Tensor) -> tuple[float, float]:
    """The 2.5 % and 97.5 % quantiles of what was drawn, without the NaN in it."""
    known = drawn[~drawn.isnan()]
    if not len(known):
        return math.nan, math.nan
    ends = torch.tensor([0.025, 0.975], dtype=torch.float64)
    low, high = torch.quantile(known, ends, interpolation="nearest").tolist()
    return low, high


def resampled(a: Tensor, b: Tensor, draws: int, seed: int) -> Tensor:
    """`error` of `draws` resamples of the inputs with replacement, `[draws]`; one seed draws the same for every pair.

    Every draw is a vector of counts w: mean ‖a − b‖² = w·d / n and Var a = (w·|a|² − |Σ w a|² / n) n / (n − 1)². A
    resample spreads less than its source by (n − 1) / n on average; the second such factor takes that back, so that
    the interval lies about the error. A resample that drew one input n times has no variance and an error beyond all
    bounds: of two or three inputs that happens so often that the interval has no upper end. NaN is neither distance
    nor variance: no error to speak of.
    """
    a, b = _flat(a), _flat(b)
    n = len(a)
    distances = _squares(a, b)
    generator = torch.Generator().manual_seed(seed)
    found: list[Tensor] = []
    for start in range(0, draws, max(1, _CHUNK // n)):
        chunk = min(draws - start, max(1, _CHUNK // n))
        picks = torch.randint(n, (chunk, n), generator=generator)
        counts = torch.zeros(chunk, n, dtype=torch.float64).scatter_add_(
            1, picks, torch.ones(chunk, n, dtype=torch.float64)
        )
        both = _spreads(a, counts) + _spreads(b, counts)
        both[(counts.amax(1) == n) | (both < 0)] = 0.0  # what rounding leaves of no variance
        found.append(counts @ distances / n / both)
    return torch.cat(found).sqrt() if found else torch.empty(0, dtype=torch.float64)


def compare(
    a: Tensor,
    b: Tensor,
    draws: int = 1000,
    seed: int = 0,
    classes: bool = True,
    mask: Tensor | None = None,
    eps: float | None = None,
) -> Numbers:
    """All the numbers of a = f(g·x) against b = g·f(x).

    Shapes: `[n, …]`, both alike, n ≥ 2; `mask` says which points of a dense answer count, `eps` the rounding unit.

    >>> x = torch.randn(32, 10, generator=torch.Generator().manual_seed(0))
    >>> compare(x, x).error, compare(x, x).agreement
    (0.0, 1.0)
    """
    both = spread(a) + spread(b)
    value = error(a, b)
    low, high = bootstrap(a, b, draws, seed) if both > 0 and draws else (value, value)
    single = (_squares(a, b) / both).sqrt() if both > 0 else torch.full((len(a),), math.nan, dtype=torch.float64)
    return Numbers(
        error=value,
        low=value if math.isnan(low) else min(low, value),
        high=value if math.isnan(high) else max(high, value),
        median=float(torch.quantile(single, 0.5)),
        p95=float(torch.quantile(single, 0.95)),
        worst=float(single.max()),
        index=int(single.argmax()),
        agreement=agreement(a, b, mask) if classes else None,
        floor=rounding_floor(a, b, eps),
    )


def _flat(y: Tensor) -> Tensor:
    return y.reshape(len(y), -1).to(torch.float64)


def _squares(a: Tensor, b: Tensor) -> Tensor:
    return (_flat(a) - _flat(b)).square().sum(1)


def _spreads(y: Tensor, counts: Tensor) -> Tensor:
    """Var of every resample `[draws]`, by the Gram matrix of the inputs where there are fewer of them than outputs."""
    centred = y - y.mean(0)
    n = len(y)
    if centred.shape[1] > n:
        sums = ((counts @ (centred @ centred.T)) * counts).sum(1)
    else:
        sums = (counts @ centred).square().sum(1)
    return (counts @ centred.square().sum(1) - sums / n) * n / (n - 1) ** 2
