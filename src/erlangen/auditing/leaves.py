"""Where a symmetry breaks, by measuring: the error at each leaf module's output, and the share that is its own.

For every call v = m(u) of a leaf, on x and on g·x: the error of v(g·x) against g·v(x), which what came before may have
caused, and the local one, of m(g·u) against g·v, which is the leaf's alone. How g moves a feature nobody declared: its
points move as the input's do, where it has points; its channels stay, or are mixed by the matrix that fits one half of
the inputs best and is tested on the other half.
"""

import copy
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from erlangen.auditing.measure import error
from erlangen.auditing.motion import Motion, Roll, Turn
from erlangen.auditing.witness import Witness, hooked
from erlangen.errors import SymmetryError

Moves = Literal["points", "edges", "stays", "mixed channels", "unknown"]
ROOT = "the model"  # what has no name, being all there is
FITS = 0.03  # a fitted action below this error is one
_SAMPLES = 2.0  # for each number of a matrix row, so many are asked for before it is fitted
LOST = 1e-2  # of a sum of squares, below which a difference of two of them is not to be trusted
_POINTWISE = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Sigmoid, nn.Tanh, nn.Softplus, nn.Identity)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
SAMPLED, MOST_CHANNELS = 3, 128  # points for each channel that a fit takes, and channels up to which there is one


@dataclass(frozen=True)
class Leaf:
    """One call of a leaf module.

    `error` is that of its output on g·x with channels that stay in place, `fitted` the same under the best mixing of
    channels (NaN where too few points say which, and on sets and graphs), `local` the leaf's own error under the action
    that fits better, and `share` its part in the sum of squares of all local errors. NaN: how g moves this tensor is
    `unknown`. Of whole numbers an error is the share that differs.
    """

    name: str
    kind: str
    moves: Moves
    error: float
    fitted: float
    local: float
    share: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it: no NaN."""
        plain = dict(self.__dict__)
        return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in plain.items()}


@dataclass
class _Call:
    """One call of a leaf: what it was given and what it answered, each with torch's count of writes into it."""

    module: nn.Module
    name: str
    given: tuple[Any, ...]
    answer: Tensor
    versions: tuple[int, ...] = ()

    def written_into(self) -> bool:
        """Whether a tensor was changed in place after it was recorded."""
        return self.versions != _versions(*self.given, self.answer)


@dataclass(frozen=True)
class _Action:
    """How g moves a tensor: its points, and its channels by a matrix; `error` and `fitted` say how well."""

    points: Callable[[Tensor], Tensor]
    moved: Tensor
    matrix: Tensor | None
    error: float
    fitted: float
    spread: float

    def apply(self) -> Tensor:
        """g on the tensor of x."""
        return self.moved if self.matrix is None else _mixed(self.matrix, self.moved)


def measure_leaves(witness: Witness, motion: Motion, x: Tensor, dim: int) -> tuple[Leaf, ...]:
    """All leaf calls of the model, in their order; none for a model that is no module or takes another way on g·x.

    Three passes: over x, over g·x, and every leaf once more by itself. One more each where a model writes into what its
    leaves have answered, since that has to be copied.
    """
    model = witness.model
    if not isinstance(model, nn.Module):
        return ()
    twin = witness.twin(_out_of_place(model))
    some = x[: witness.batch_size]
    here, there = (_record(twin, given) for given in (some, motion.move(some)))
    if [call.name for call in here] != [call.name for call in there]:
        return ()
    found, known = [], {}
    with torch.no_grad():
        for before, after in zip(here, there, strict=True):
            found.append(_leaf(motion, before, after, dim, known))
    total = sum(leaf.local**2 for leaf in found if not math.isnan(leaf.local))
    return tuple(Leaf(**{**leaf.__dict__, "share": leaf.local**2 / total if total > 0 else math.nan}) for leaf in found)


def _leaf(motion: Motion, before: _Call, after: _Call, dim: int, known: dict[int, Any]) -> Leaf:
    """The errors of one call; `known` holds the actions on tensors met before."""
    acts = _action(motion, before.answer, after.answer, dim, known)
    kind = type(before.module).__name__
    if acts is None:
        return Leaf(before.name, kind, "unknown", math.nan, math.nan, math.nan, math.nan)
    moves: Moves = "mixed channels" if acts.matrix is not None else "points" if before.answer.dim() > 2 else "stays"
    local = _local(motion, before, after, acts, dim, known)
    return Leaf(before.name, kind, moves, acts.error, acts.fitted, local, math.nan)


def _local(motion: Motion, before: _Call, after: _Call, acts: _Action, dim: int, known: dict[int, Any]) -> float:
    """The error of m(g·u) against g·v, over the spread that v has on x and on g·x.

    The leaf is not asked again where that is known: a function of single values commutes with what moves them, and of
    a u that moved along exactly m(g·u) is what was recorded on g·x.
    """
    actions: list[_Action] = []
    for u, again in zip(before.given, after.given, strict=True):
        if not isinstance(u, Tensor) or not u.dtype.is_floating_point:
            continue
        action = _action(motion, u, again, dim, known)
        if action is None:
            return math.nan
        actions.append(action)
    if acts.matrix is None and all(action.matrix is None for action in actions):
        if _of_single_values(before.module):
            return 0.0
        if actions and all(action.error == 0 for action in actions) and len(actions) == len(before.given):
            return acts.error
    rest = iter(actions)
    moved = [next(rest).apply() if isinstance(u, Tensor) and u.dtype.is_floating_point else u for u in before.given]
    try:
        answer = before.module(*moved)
    except Exception:  # the module is the user's; what it cannot take when called by itself has no local error
        return math.nan
    return _over(answer, acts.apply(), acts.spread) if isinstance(answer, Tensor) else math.nan


def _of_single_values(module: nn.Module) -> bool:
    """Whether each value of the answer is a function of one value, the same at every point of a channel."""
    normed = type(module) in _NORMS and not module.training and module.running_mean is not None
    return normed or type(module) in _POINTWISE


def _action(motion: Motion, before: Tensor, after: Tensor, dim: int, known: dict[int, Any]) -> _Action | None:
    """The action that takes the tensor of x nearest to that of g·x; None where nobody can say how its points move."""
    if id(before) in known:
        return known[id(before)]
    known[id(before)] = None
    points = _points(motion, before, dim)
    if points is None:
        return None
    try:
        moved = points(before)
    except SymmetryError:
        return None
    if moved.shape != after.shape:
        return None
    spread = _spread(before) + _spread(after)
    plain = _over(after, moved, spread)
    matrix, fitted = _fit(moved, after) if plain > FITS else (None, math.nan)
    takes = matrix is not None and fitted < FITS and fitted < plain / 2
    known[id(before)] = _Action(points, moved, matrix if takes else None, plain, fitted, spread)
    return known[id(before)]


def _spread(values: Tensor) -> float:
    """Var: unbiased over inputs, summed over the rest, without a copy in float64."""
    n, centre = len(values), values.mean(0, keepdim=True)
    whole = _squares(values)
    squares = whole - n * _squares(centre)
    if squares < LOST * whole:  # the difference of large numbers: what is left of it is rounding
        squares = _squares(values - centre)
    return squares / max(n - 1, 1)


def _squares(values: Tensor) -> float:
    """Σ x², each input's in its own dtype, without a copy in float64, and their sum in float64."""
    return float(torch.linalg.vector_norm(values.flatten(1), dim=1).double().square().sum())


def _over(a: Tensor, b: Tensor, spread: float) -> float:
    """√(mean ‖a − b‖² / spread)."""
    if a.shape != b.shape or spread <= 0:
        return math.nan
    return math.sqrt(_squares(a - b) / (len(a) * spread))


def _points(motion: Motion, values: Tensor, dim: int) -> Callable[[Tensor], Tensor] | None:
    if values.dim() == dim + 2 and values.shape[2:].numel() > 1:
        if isinstance(motion, Turn):
            return lambda v: motion.domain.act(motion.g, v)
        if isinstance(motion, Roll):
            sizes = values.shape[2:]
            shares = [s * m / n for s, m, n in zip(motion.shifts, sizes, motion.sizes, strict=True)]
            whole = tuple(int(share) for share in shares)
            return (lambda v: motion.domain.roll(v, whole)) if list(whole) == shares else None
        return None
    return (lambda v: v) if values.dim() == 2 or values.shape[2:].numel() == 1 else None


def _fit(moved: Tensor, after: Tensor) -> tuple[Tensor | None, float]:
    """The matrix A with A · moved nearest to `after` on one half of the inputs, and its error on the other half.

    From as many evenly spaced points as tell its rows apart; of many channels none is sought.
    """
    n, channels = len(moved) // 2, moved.shape[1]
    if n < 2 or not 2 <= channels <= MOST_CHANNELS or n * moved[0, 0].numel() < _SAMPLES * channels:
        return None, math.nan
    rows, answers = (_rows(values[:n], channels) for values in (moved, after))
    gram = rows.T @ rows
    ridge = 1e-12 * gram.diagonal().mean().clamp(min=1e-30) * torch.eye(channels, dtype=gram.dtype)
    matrix = torch.linalg.solve(gram + ridge, rows.T @ answers).T
    tested, known = (_rows(values[n:], channels) for values in (moved, after))
    missed = error(known, tested @ matrix.T)
    if missed > FITS:
        return None, missed
    return matrix, error(after[n:], _mixed(matrix, moved[n:]))


def _rows(values: Tensor, channels: int) -> Tensor:
    """Points as rows, `[points, channel]`, at most some for each channel."""
    flat = values.flatten(2) if values.dim() > 2 else values.unsqueeze(2)
    step = max(1, flat.shape[0] * flat.shape[2] // (SAMPLED * channels))
    return flat[:, :, ::step].double().movedim(1, -1).reshape(-1, channels)


def _mixed(matrix: Tensor, values: Tensor) -> Tensor:
    return torch.einsum("dc,bc...->bd...", matrix, values.double()).to(values.dtype)


def _record(witness: Witness, x: Tensor) -> list[_Call]:
    """The calls on x; tensors that are written into later are recorded by a second pass that copies them."""
    calls = _pass(witness, x, frozenset())
    spoilt = frozenset(i for i, call in enumerate(calls) if call.written_into())
    return [call for call in (_pass(witness, x, spoilt) if spoilt else calls) if call.answer.numel()]


def _pass(witness: Witness, x: Tensor, copied: frozenset[int]) -> list[_Call]:
    calls: list[_Call] = []
    names = {module: called(name) for name, module in witness.model.named_modules()}  # type: ignore[union-attr]
    pending: list[tuple[int, _Call]] = []

    def before(module: nn.Module, given: tuple[Any, ...]) -> None:
        kept = tuple(u.clone() if isinstance(u, Tensor) and len(calls) in copied else u for u in given)
        pending.append((len(calls), _Call(module, names[module], kept, torch.empty(0), _versions(*kept))))
        calls.append(pending[-1][1])

    def after(module: nn.Module, given: tuple[Any, ...], answer: Any) -> None:
        place, call = pending.pop()
        if isinstance(answer, Tensor) and answer.dim() >= 2 and len(answer) == len(x):
            call.answer = answer.clone() if place in copied else answer
        call.versions += _versions(call.answer)

    with hooked(witness.model, after, before, leaves_of(witness.model)):  # type: ignore[arg-type]
        witness(x)
    return calls


def _versions(*given: Any) -> tuple[int, ...]:
    return tuple(tensor._version for tensor in given if isinstance(tensor, Tensor))


def called(name: str) -> str:
    """The name of a module within a model, or what the model itself is called."""
    return name or ROOT


def leaves_of(module: nn.Module) -> Iterator[nn.Module]:
    """The modules without others inside; those that map between spaces of their own are leaves, too.

    >>> [type(leaf).__name__ for leaf in leaves_of(nn.Sequential(nn.ReLU(), nn.Sequential(nn.Flatten())))]
    ['ReLU', 'Flatten']
    """
    inner = list(module.children())
    typed = hasattr(module, "source") and hasattr(module, "target")
    composed = hasattr(module, "layers") or hasattr(module, "inner")
    if not inner or (typed and not composed):
        yield module
        return
    for child in inner:
        yield from leaves_of(child)


def _out_of_place(model: nn.Module) -> nn.Module:
    """A copy whose activations leave alone what they are given."""
    twin = copy.deepcopy(model)
    for module in twin.modules():
        if getattr(module, "inplace", False) is True:
            module.inplace = False  # type: ignore[assignment]
    return twin
