"""From a task to a network: the blueprint, filled in for the domain, the symmetry and the question asked."""

from collections.abc import Sequence
from typing import Any

from erlangen import layers as L
from erlangen.blueprint._blueprint import Blueprint
from erlangen.blueprint.finite import layers_on_finite
from erlangen.blueprint.flight import FLIGHT, layers_in_flight
from erlangen.blueprint.mesh import layers_on_meshes
from erlangen.blueprint.nest import layers_on_nests
from erlangen.blueprint.packed import layers_on_packed
from erlangen.blueprint.plan import Plan, make_plan
from erlangen.blueprint.points import layers_on_points
from erlangen.blueprint.product import layers_on_products
from erlangen.blueprint.recurrent import is_recurrent, recurrent_layers
from erlangen.blueprint.relaxed import bias_of_block, checked
from erlangen.blueprint.separable import separable_block
from erlangen.blueprint.sphere import layers_on_sphere
from erlangen.domains import Finite, Lattice, Mesh, Nest, Points, Product, Sphere
from erlangen.domains.packed import Packed
from erlangen.errors import RepresentationError, TaskError
from erlangen.given import bounded
from erlangen.layers import Layer
from erlangen.representations.base import Irrep
from erlangen.signal import Space
from erlangen.task import Invariant, Task

MOST = {"depth": 1000, "scales": 64}
MOST_OTHERWISE = 1 << 16


def derive(
    task: Task,
    width: int | Sequence[int] | None = None,
    depth: int | None = None,
    scales: int | None = None,
    **choices: Any,
) -> Blueprint:
    """The network of a task: linear equivariant layers, nonlinearities, local pooling, an invariant layer if asked.

    `width` counts all channels at the finest scale, fibres included, and doubles wherever the grid is halved; or it is
    a list of one width a scale. `depth` counts the convolutions a scale (2), `scales` the grids from fine to coarse (3,
    so two halvings; a causal sequence has one). Further choices: kernel_size=3, fields=None ("regular", or a
    representation), max_frequency=None (of fields on a continuous group), function="relu", nonlinearity=None
    ("pointwise", "norm", "gate", "fourier"), samples=None (of the last), pool="average" ("max", "antialiased"),
    fibre="max" ("mean"), global_pool="mean" ("max": of what is somewhere), normalize=True, residual=False,
    window=False (see only the inscribed disc or ball), block="plain" ("separable": a convolution within each field,
    then 1 × 1 across fields, in the manner of ConvNeXt, residual where spaces agree), homogeneous=False (no biases, no
    normalisation: f(a x) = a f(x) for a > 0, so that decisions do not change with the light), dilated=False (filters of
    a scale reach 1, 2, 4, … sites; with scales=1, residual=True and much depth the stack that DNA is read by), words=1
    (of DNA, read k letters at once), relaxed=False (True, which is 0.3, or σ: linear layers have a free part besides,
    orthogonal to all that the symmetry allows and a priori σ times as large, which `net.prior()` prices and
    `net.relaxation()` measures; on finite domains, too).

    Fields are regular unless named. On volumes, where fewer than four regular fields fit into the width, they are
    smaller: of finite groups with turns about several axes two scalars and G/H, H the turns about one of them (for an
    answer without invariants no scalars); of infinite groups each irrep once.

    A group that moves space but not the lattice to itself is approximate beyond `domain.kept(group)`; the defaults then
    are kernel_size=5 in the plane, pool="antialiased", and window=True for one answer on an open grid. An infinite one
    has fields up to `max_frequency` (3, on volumes 2, or what the answer needs), nonlinearity="fourier" at `samples`
    elements, function="gelu".

    On finite domains there are layers of all equivariant maps: fields="regular", "points", "pairs" or a representation
    (regular for groups of up to 64 elements), function, nonlinearity, pool ("average", "max") over blocks of points
    where `scales` > 1, fibre, normalize, residual, homogeneous. On sets and graphs `width` is 64 and `depth` 2 or 3:
    layer=None (on sets "linear", "attention", "induced"; on graphs "convolution", "attention", "messages",
    "transformer", and on pairs of nodes "pairs", "products"), relations, aggregate="mean", heads=4, induced=16,
    pool="mean+max", fields, function, nonlinearity, normalize=True ("points": each by itself), residual=True. On
    graphs, too: positions=None ("walk", "heat", "laplacian", "none"; a transformer has "walk"), structure=8 (steps of
    walks that a transformer sees, 0 for none), and where `scales` > 1 coarsen="overlapping" (ratio=0.5), "soft"
    (clusters=8) or "partition".

    On sequences layer="lstm", "gru", "rnn" asks for recurrent layers, `er.TimeWarp()` as symmetry for "gated" ones or
    a "state-space": width 64, depth 2, slowest=None (how many steps are remembered to begin with), gate="rate"
    ("cloglog"), states=8, selective=True, pool="last" ("mean"), residual=True.

    On points `width` is 64 and `depth` 3, and the choices are layer="convolution" ("egnn", "painn", simple ones of
    scalars and vectors, blind to handedness), fields=None (or a representation), degree=1 (of the hidden fields:
    scalars and vectors), highest=2 (of the harmonics of directions), hidden=None (units of the functions of distance:
    32, of "egnn" and "painn" the width), scale=1.0 (a usual distance, where there is no radius), moves=None (of "egnn":
    points move from layer to layer, as they do where positions are asked for), function="silu", nonlinearity="gate"
    ("norm"), normalize=False (True, "points"), ratio=None (where `scales` > 1, what share of the points stays: 2⁻ᵈ),
    pool="mean" ("sum": each point says its own share, as of an energy), residual=True.
    layer="segno": points that fly by one learnt law, `depth` steps (8) with the same weights, `width` features (32),
    hidden=64 (of messages), scale=1.0, time=1.0 (that passes), pool="mean".

    On the sphere `width` is 32 and doubles as the degrees halve, `depth` 2, `scales` up to 3, and the choices are
    band=None (the highest degree of the hidden signals: the domain's own, else 15), fields=None (scalars, half of them
    tangent vectors where the task has such or its answer takes them, or a representation), layer="spectral" ("local":
    kernels of finite radius; where the number of subdivisions of an icosahedron is known sums over neighbouring
    vertices, and fewer of them at each scale), rings=2 (how many distances these tell apart), reach=None (how far apart
    degrees are that mix: 1 about the polar axis, band for all), function="gelu", nonlinearity=None ("pointwise",
    "norm", "gate"), oversample=2.0 (how much finer the grid is on which it is computed), normalize=True,
    residual=False.

    On meshes `width` is 64 and `depth` 4, and the choices are layer=None ("diffusion", where scalars are asked for;
    else "gauge": kernels in tangent planes), hidden=None (units at each vertex, of "diffusion": the width),
    dropout=0.0, slopes=True (of what has spread, compared); of "gauge" fields=None (half scalars, the rest up to
    order=2), rings=2, function="silu", nonlinearity="gate" ("norm", exact for all frames; "fourier", nearly),
    residual=True; normalize=True, pool="mean" ("max", "mean+max").

    On products A * B `width` is 32, `depth` 2, `scales` 2 along lattices that the answer is pooled over, and the
    choices are way=None ("composition" of the factors' layers, or their "sum": the cheaper one), kernel_size=3 (along
    lattices), fields=None (⊠ of regular fields, of scalars and vectors of points, of scalars), function, nonlinearity
    ("gate" where fields turn), pool="average", fibre="max", global_pool="mean", normalize=True, residual=True. On sets
    of signals er.Set(A) they are those of A, exchange=True (whether members hear of each other before the end), and
    set_layer, set_depth=1, set_pool of what comes then, on the set.

    Raises TaskError for choices that do not exist, DomainError for a group that does not move the domain's space.

    >>> import erlangen as er
    >>> task = er.Task(er.Grid(2), symmetry=er.C(4), input=1, output=er.Invariant(10))
    >>> er.derive(task, width=32).minimum_size
    5

    Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478.
    """
    if not isinstance(task, Task):
        raise TaskError(
            f"a {type(task).__name__}", "an er.Task", "er.derive(er.Task(domain, symmetry, input, output))."
        )
    for name, value in {"width": width, "depth": depth, "scales": scales, **choices}.items():
        bounded(name, value, MOST.get(name, MOST_OTHERWISE), TaskError)
    choices = checked(task, choices)
    if isinstance(task.domain, Product):
        made, notes = layers_on_products(task, width, depth, scales, choices)
        return Blueprint(made, task, notes)
    if isinstance(task.domain, Nest):
        made, notes = layers_on_nests(task, width, depth, scales, dict(choices), derive)
        return Blueprint(made, task, notes)
    if isinstance(task.domain, Finite):
        made, notes = layers_on_finite(task, width, 2 if depth is None else depth, scales, choices)
        return Blueprint(made, task, notes)
    if isinstance(task.domain, Points):
        plan_points = layers_in_flight if choices.get("layer") == FLIGHT else layers_on_points
        made, notes = plan_points(task, width, depth, scales, choices)
        return Blueprint(made, task, notes)
    if isinstance(task.domain, Sphere):
        made, notes = layers_on_sphere(task, width, depth, scales, choices)
        return Blueprint(made, task, notes)
    if isinstance(task.domain, Mesh):
        made, notes = layers_on_meshes(task, width, depth, scales, choices)
        return Blueprint(made, task, notes)
    if isinstance(task.domain, Packed):
        made, notes = layers_on_packed(task, width, depth, scales, choices)
        return Blueprint(made, task, notes)
    if not isinstance(task.domain, Lattice):
        raise TaskError(
            f"a task on {task.domain!r}",
            "a lattice (Grid, HexGrid, Dna, Sequence), a finite domain, sets, graphs, points, a sphere or meshes",
            "Compose er.layers by hand.",
        )
    if is_recurrent(task, choices):
        made, notes = recurrent_layers(task, width, depth, scales, choices)
        return Blueprint(made, task, notes)
    plan = make_plan(task, width, 2 if depth is None else depth, scales, choices)
    make = _u_shape if task.target.domain.axes else _classifier
    return Blueprint(make(plan), task, plan.notes)


# ---- the modules ---------------------------------------------------------------------------------------------------
def _block(plan: Plan, source: Space, target: Space, dilation: int = 1, first: bool = False) -> list[Layer]:
    """Convolution, normalisation, nonlinearity; with `residual` added to its input where the spaces agree."""
    choices = plan.choices
    if choices.block == "separable" and not first:
        return separable_block(choices, source, target, dilation)
    active = L.nonlinearity(target, choices.nonlinearity, choices.function, choices.samples)
    if choices.homogeneous and not isinstance(active, L.Pointwise | L.FourierNonlinearity):
        raise TaskError(
            f"{type(active).__name__} of {target.rho} with homogeneous=True",
            "a pointwise or Fourier nonlinearity",
            "Take regular fields, or quotients.",
        )
    gain = L.gain_of(choices.function) if target.rho.is_permutation and not first else 1.0
    conv = L.linear(
        source,
        active.source,
        kernel_size=choices.kernel_size,
        dilation=dilation,
        bias=bias_of_block(choices),
        gain=gain,
        offset=0.0 if first else L.offset_of(choices.function),
        **plan.freely,
    )
    irreps = all(isinstance(field, Irrep) for field, _ in target.rho.fields)
    functions = irreps and isinstance(active, L.FourierNonlinearity)
    block = [conv, *([L.normalize(active.source, functions)] if choices.normalize else []), active]
    return [L.skip(block, join="add")] if choices.residual and source == target else block


def _blocks(plan: Plan, source: Space, target: Space, first: bool = False) -> list[Layer]:
    """`depth` blocks at one scale; on causal sequences, and where asked for, the dilation doubles: far is seen soon."""
    made: list[Layer] = []
    for i in range(plan.depth):
        dilation = 2**i if plan.choices.dilated or getattr(plan.task.domain, "causal", False) else 1
        made += _block(plan, source if i == 0 else target, target, dilation, first and i == 0)
        made += [L.RadialWindow(target)] if plan.choices.window else []
    return made


def _classifier(plan: Plan) -> list[Layer]:
    """Blocks and pools down to the coarsest scale, then one answer for the whole signal."""
    source, made = plan.task.source, []
    if plan.choices.words > 1:
        made.append(L.Kmers(source, plan.choices.words))
        source = made[-1].target
    for scale in range(plan.scales):
        if scale:
            made.append(L.pool(source, method=plan.choices.pool))
            source = made[-1].target
        made += _blocks(plan, source, plan.space(scale), first=scale == 0)
        source = plan.space(scale)
    if isinstance(plan.task.output, Invariant):
        made.append(L.invariant(source, plan.choices.fibre, plan.choices.global_pool))
    else:
        made.append(L.DomainPool(source, plan.choices.global_pool))
    return [*made, L.linear(made[-1].target, plan.task.target, bias=not plan.choices.homogeneous, **plan.freely)]


def _u_shape(plan: Plan) -> list[Layer]:
    """Down to the coarsest scale and back, each scale joined with what the coarser ones make of it."""
    body = _down_and_up(plan, plan.task.source, 0)
    return [*body, _head(plan, body[-1].target)]


def _head(plan: Plan, source: Space) -> Layer:
    """The reading of the answer at each site, or from its neighbours where no map at one site reaches it."""
    told: dict[str, Any] = {"bias": not plan.choices.homogeneous, **plan.freely}
    try:
        return L.linear(source, plan.task.target, kernel_size=1, **told)
    except RepresentationError:
        return L.linear(source, plan.task.target, kernel_size=plan.choices.kernel_size, **told)


def _down_and_up(plan: Plan, source: Space, scale: int) -> list[Layer]:
    here = plan.space(scale)
    made = _blocks(plan, source, here, first=scale == 0)
    if scale + 1 < plan.scales:
        pool = L.pool(here, method=plan.choices.pool)
        skip = L.skip([pool, *_down_and_up(plan, pool.target, scale + 1)])
        made += [skip, *_blocks(plan, skip.target, here)]
    return made
