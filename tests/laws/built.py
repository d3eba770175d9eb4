"""The one list, continued: what is built on groups and domains. Layers and networks are made by a call, when asked."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import erlangen as er
from erlangen.domains import Dna, Finite, Grid, HexGrid, Lattice, Point, Sequence, Sphere
from erlangen.groups import SO, C, D, FullOctahedral, Group, Icosahedral, Mirror, O, Octahedral, S, Trivial
from erlangen.layers import Layer
from erlangen.representations import Representation, from_matrices
from erlangen.signal import Space
from tests.laws.catalogue import AXIS, BOARD, CUBE, DIAGONAL, DOMAINS, FINITE, LARGE_FINITE, MOVED, QUATERNIONS, RING

Maker = Callable[[], Layer]


def mixture(group: Group) -> Representation:
    """Trivial, regular and irrep fields side by side."""
    return 2 * group.trivial + group.regular + 2 * group.irreps()[-1]


def low(group: Group) -> Representation:
    """The same, with an irrep of low frequency, which small filters can make of scalars."""
    return 2 * group.trivial + group.regular + 2 * next(rho for rho in group.irreps() if rho.dim == 2)


def functions(group: Group, limit: int = 1) -> Representation:
    """Functions on the group: all of them, or those of low frequency."""
    return group.regular if group.order is not None else group.band_limited_regular(limit)


def _conv(domain: Lattice, rho_in: Representation, rho_out: Representation, **choices: Any) -> Maker:
    coarse = domain.coarser() if choices.get("stride") == 2 else domain
    return lambda: er.layers.LatticeConv(Space(domain, rho_in), Space(coarse, rho_out), **choices)


def _dense(rho_in: Representation, rho_out: Representation, **choices: Any) -> Maker:
    return lambda: er.layers.Dense(Space(Point(), rho_in), Space(Point(), rho_out), **choices)


def _linear() -> dict[str, Maker]:
    """Convolutions: every group on every lattice, every kind of field, every choice; and the maps at one point."""
    made = {
        f"mixture on {param.id}": _conv(param.values[0], mixture(param.values[1]), mixture(param.values[1]))
        for param in DOMAINS
        if param.values[1].order <= 24
    }
    c4, d4, d6, octahedral = C(4), D(4), D(6), Octahedral()
    square, hexagon, cube = Grid(2), HexGrid(), Grid(3)
    two_orbits = from_matrices(c4, [np.eye(6)[[1, 2, 3, 0, 5, 4]]])
    stretched = from_matrices(c4, [[[0, -2], [0.5, 0]]])  # not orthogonal
    found = er.wreath(Mirror(), 2)  # its irreps have no closed form; it moves the plane as D4 does
    plane = er.Task(square, found, 1, er.Invariant(1), action=_plane_action(found)).domain
    full = FullOctahedral()
    made |= {
        "lift to D4": _conv(square, d4.trivial, 3 * d4.regular, kernel_size=5),
        "regular D4, 1 × 1": _conv(square, 2 * d4.regular, 3 * d4.regular, kernel_size=1),
        "regular D4, 1 × 1, in blocks": _conv(square, 2 * d4.regular, 3 * d4.regular, kernel_size=1, way="isotypic"),
        "regular D6, 1 × 1, stride 2, in blocks": _conv(
            hexagon, d6.regular, 2 * d6.regular, kernel_size=1, stride=2, way="isotypic"
        ),
        "mixture of D4 by spectra": _conv(Grid(2, "periodic"), mixture(d4), mixture(d4), kernel_size=5, way="spectral"),
        "regular C4, 3 × 5 under C2": _conv(square, C(2).regular, C(2).regular, kernel_size=(3, 5)),
        "regular D4, dilated": _conv(square, d4.regular, d4.regular, dilation=2),
        "regular D4, stride 2": _conv(square, d4.regular, d4.regular, stride=2),
        "regular D4, stride 2, periodic": _conv(Grid(2, "periodic"), d4.regular, d4.regular, stride=2, kernel_size=5),
        "regular D6, stride 2": _conv(hexagon, d6.regular, d6.regular, stride=2),
        "regular C6, 19 sites, dilated": _conv(hexagon, C(6).regular, C(6).regular, kernel_size=5, dilation=2),
        "quotients of D4": _conv(
            square, d4.quotient(DIAGONAL) + d4.regular, d4.quotient(d4.subgroup(d4.element(math.pi)))
        ),
        "all irreps of D4": _conv(square, _sum(d4.irreps()), _sum(d4.irreps())),
        "all irreps of D6": _conv(hexagon, _sum(d6.irreps()), _sum(d6.irreps()), kernel_size=5),
        "all irreps of the cube": _conv(cube, octahedral.trivial, _sum(octahedral.irreps())),
        "vectors and tensors": _conv(cube, octahedral.standard, octahedral.standard.tensor(octahedral.standard)),
        "signs": _conv(cube, full.sign + full.trivial, full.standard + full.sign, kernel_size=(3, 3, 3)),
        "two orbits": _conv(square, two_orbits, two_orbits + c4.regular),
        "not orthogonal": _conv(square, c4.regular + stretched, stretched + stretched.dual),
        "irreps found by numbers": _conv(plane, _sum(found.irreps()), mixture(found)),
        "past only": _conv(Sequence(), 3 * Trivial().trivial, 4 * Trivial().trivial, kernel_size=5, dilation=2),
        "nucleotides": _conv(Dna(), er.Task(Dna(), output=er.Invariant(1)).input, 2 * Mirror().regular, kernel_size=7),
        "nucleotides, an even kernel": _conv(
            Dna(), er.Task(Dna(), output=er.Invariant(1)).input, mixture(Mirror()), kernel_size=8
        ),
        "an even kernel, dilated": _conv(Dna(), mixture(Mirror()), mixture(Mirror()), kernel_size=4, dilation=3),
        "an even kernel, stride 2": _conv(Dna(), Mirror().regular, mixture(Mirror()), kernel_size=6, stride=2),
        "an even kernel in time": _conv(Sequence(), 2 * Trivial().trivial, 3 * Trivial().trivial, kernel_size=4),
        "no bias": _conv(square, c4.regular, c4.regular, bias=False),
        "dense, mixture of D4": _dense(mixture(d4), mixture(d4)),
        "dense, invariants": _dense(5 * d4.trivial, 3 * d4.trivial),
        "dense, quaternions": _dense(2 * QUATERNIONS.standard, QUATERNIONS.standard + QUATERNIONS.regular),
        "dense, in blocks": _dense(3 * octahedral.regular, 2 * octahedral.regular, way="isotypic"),
        "dense, symmetric group": _dense(S(5).standard, 2 * S(5).standard + S(5).trivial),
    }
    return made


def _on_finite(source: Space, target: Space, **choices: Any) -> Maker:
    return lambda: er.layers.FiniteLinear(source, target, **choices)


def _finite_linear() -> dict[str, Maker]:
    """Between the points of every finite domain, with every kind of field; and from and to one point."""
    made = {
        param.id: _on_finite(*[Space(param.values[0], mixture(param.values[1]))] * 2)
        for param in FINITE
        if param.values[1].order <= 8
    }
    for param in [*FINITE, *LARGE_FINITE]:
        domain, group = param.values
        scalars = domain.natural_input(group) or 2 * group.trivial
        made[f"{param.id}, its own channels"] = _on_finite(Space(domain, scalars), Space(domain, 2 * scalars))
    d4, c6 = D(4), C(6)
    return made | {
        "finite, read at one point": _on_finite(Space(BOARD, 3 * d4.trivial), Space(Point(), 2 * d4.regular)),
        "finite, from one point": _on_finite(Space(Point(), 2 * d4.regular), Space(BOARD, d4.irrep(1, 1)), bias=False),
        "finite, from a cycle to its half": _on_finite(Space(RING, c6.regular), Space(RING.coarser(), c6.irrep(1))),
    }


def _relaxed() -> dict[str, Maker]:
    """Linear layers with a free part, which starts at nought: so far they keep what the others keep."""
    c4, d6, c8 = C(4), D(6), C(8)
    nucleotides = er.Task(Dna(), output=er.Invariant(1)).input
    return {
        "relaxed, mixture of C4": _conv(Grid(2), mixture(c4), mixture(c4), relaxed=0.1),
        "relaxed, regular D6": _conv(HexGrid(), d6.trivial, d6.regular, relaxed=0.1),
        "relaxed, stride 2": _conv(Grid(2), c4.regular, 2 * c4.regular, stride=2, relaxed=1.0),
        "relaxed, nucleotides": _conv(Dna(), nucleotides, mixture(Mirror()), kernel_size=8, relaxed=0.3),
        "relaxed, functions of C8": _steer(Grid(2), c8.regular, c8.trivial + c8.regular, relaxed=0.1),
        "relaxed at one point": _dense(mixture(D(4)), mixture(D(4)), relaxed=0.1),
        "relaxed, finite": _on_finite(Space(RING, C(6).regular), Space(RING, mixture(C(6))), relaxed=0.1),
    }


def _steer(domain: Lattice, rho_in: Representation, rho_out: Representation, **choices: Any) -> Maker:
    coarse = domain.coarser() if choices.get("stride") == 2 else domain
    return lambda: er.layers.SteerableConv(Space(domain, rho_in), Space(coarse, rho_out), **choices)


def _steered() -> dict[str, Maker]:
    """Convolutions by angular frequencies: every group that moves a lattice's space, every kind of field and choice."""
    made = {
        f"functions on {param.id}": _steer(domain, group.trivial + functions(group), functions(group), kernel_size=size)
        for param in MOVED
        for domain, group, size in [param.values]
    }
    square, hexagon, cube, c8, d8, turns, flips = Grid(2), HexGrid(), Grid(3), C(8), D(8), SO(2), O(2)
    half = c8.subgroup(c8.element(math.pi))
    return made | {
        "steered, lift to C8": _steer(square, c8.trivial, 3 * c8.regular, kernel_size=7),
        "steered, C8 to scalars": _steer(square, 2 * c8.regular, c8.trivial, kernel_size=9),
        "steered, 1 × 1": _steer(square, 2 * c8.regular + c8.irrep(1), c8.regular + c8.irrep(1), kernel_size=1),
        "steered, quotients": _steer(square, c8.quotient(half) + c8.regular, c8.quotient(half) + c8.trivial),
        "steered, mixture": _steer(square, mixture(d8), mixture(d8), kernel_size=3),
        "steered, irreps": _steer(square, turns.irrep(1) + turns.irrep(2), turns.irrep(3) + turns.irrep(1)),
        "steered, both parities": _steer(square, flips.irrep(1, 0) + flips.irrep(1, 1), _sum(flips.irreps(3))),
        "steered, dilated": _steer(square, c8.regular, c8.irrep(1) + c8.regular, kernel_size=3, dilation=2),
        "steered, stride 2": _steer(square, flips.irrep(1, 1), functions(flips), stride=2),
        "steered, stride 2, hexagon": _steer(hexagon, C(12).regular, C(12).irrep(1), stride=2),
        "steered, no bias": _steer(hexagon, turns.trivial, functions(turns, 2), bias=False),
        "steered, rings": _steer(square, c8.regular, c8.regular, rings=[(0.0, 0.5, 0), (1.5, 0.6, 3)]),
        "steered on the cube": _steer(cube, SO(3).irrep(1), SO(3).irrep(2) + SO(3).trivial, kernel_size=3),
        "steered on the cube, parities": _steer(
            cube, O(3).standard + O(3).sign, O(3).irrep(1, 1) + O(3).irrep(0, -1), kernel_size=3
        ),
    }


def _plane_action(group: Group) -> dict[Any, Any]:
    """How C2 ≀ S2 moves the plane: each factor's mirror flips an axis, S2 swaps the two."""
    moves = {(1, 0, 2, 3): [[-1, 0], [0, 1]], (0, 1, 3, 2): [[1, 0], [0, -1]], (2, 3, 0, 1): [[0, 1], [1, 0]]}
    return {g: moves[tuple(np.argmax(group.matrix(g), axis=0).tolist())] for g in group.generators}


def _sum(parts: Any) -> Representation:
    total, *rest = parts
    for part in rest:
        total = total + part
    return total


def _others() -> dict[str, Maker]:
    """Nonlinearities, normalisation, pooling, invariants, and what is made of them."""
    L, made = er.layers, {}
    for domain, group in (
        *((Grid(2), D(4)), (HexGrid(), D(6)), (Grid(3), Octahedral()), (Grid(1, "periodic"), Mirror())),
        *((Grid(2), C(8)), (HexGrid(), D(12))),
    ):
        fields = mixture(group) if domain.preserves(group) else low(group)
        mixed, permuted = Space(domain, fields), Space(domain, group.trivial + 2 * group.regular)
        made |= {
            f"{name} on {domain!r}": maker
            for name, maker in {
                "sigmoid": lambda permuted=permuted: L.Pointwise(permuted, "sigmoid"),
                "fieldwise": lambda mixed=mixed: L.FieldwiseConv(mixed),
                "fieldwise, stride 2": lambda permuted=permuted: L.FieldwiseConv(permuted, 3, stride=2),
                "norm": lambda mixed=mixed: L.NormNonlinearity(mixed, "gelu"),
                "gate": lambda mixed=mixed: L.Gate(mixed, "softplus"),
                "batch norm": lambda mixed=mixed: L.FieldBatchNorm(mixed),
                "points normalised": lambda mixed=mixed: L.normalize(mixed, kind="points"),
                "average pool": lambda mixed=mixed: L.LatticePool(mixed),
                "max pool, twice": lambda permuted=permuted: L.LatticePool(permuted, "max", halvings=2),
                "antialiased pool": lambda mixed=mixed: L.LatticePool(mixed, "antialiased"),
                "upsample, twice": lambda mixed=mixed: L.LatticeUpsample(
                    L.LatticePool(mixed, halvings=2).target, mixed
                ),
                "fibre maximum": lambda mixed=mixed: L.FibrePool(mixed),
                "fibre mean": lambda mixed=mixed: L.FibrePool(mixed, "mean"),
                "residual over a stride": lambda permuted=permuted: _strided(permuted),
                "domain at once": lambda permuted=permuted: _at_once(permuted),
                "domain mean": lambda mixed=mixed: L.DomainPool(mixed),
                "domain maximum": lambda permuted=permuted: L.DomainPool(permuted, "max"),
                "invariants": lambda mixed=mixed: L.invariant(mixed),
                "residual": lambda permuted=permuted: L.skip(
                    [L.linear(permuted, permuted), L.Pointwise(permuted)], "add"
                ),
                "skip over two scales": lambda mixed=mixed: _skip(mixed),
                "fibre pool, then convolution": lambda mixed=mixed: _pooled_then_convolved(mixed),
            }.items()
        }
    made |= _of_functions() | _of_finite() | _of_letters_and_time() | _of_spheres() | _of_winds()
    return made | _of_local_kernels() | _of_vertices()


def _strided(space: Space) -> Layer:
    """A block that halves the grid, beside a shortcut that does."""
    coarse = Space(space.domain.coarser(), space.rho)
    kernel = 3 if space.domain.preserves(space.group) else 5
    block, beside = (er.layers.linear(space, coarse, kernel_size=k, stride=2) for k in (kernel, kernel))
    return er.layers.skip(block, "add", [beside, er.layers.Pointwise(coarse)])


def _at_once(space: Space) -> Layer:
    """All sites of one size to one answer, under what keeps them."""
    kept = space.domain.kept(space.group)
    size = 7 if isinstance(space.domain, HexGrid) else 6
    rho = kept.trivial + 2 * kept.regular
    return er.layers.LatticeToPoint(Space(space.domain, rho), Space(Point(), mixture(kept)), size)


def _of_spheres() -> dict[str, Maker]:
    """What scalars on spheres pass through exactly, for every sampling and for groups of turns and mirrors."""
    L, made = er.layers, {}
    for domain, group in (
        *((Sphere(), SO(3)), (Sphere("equiangular"), O(3)), (Sphere("poles"), C(5)), (Sphere(), Octahedral())),
        *((Sphere(band=3), SO(3)), (Sphere("equiangular", 3), O(2)), (Sphere("poles", 3), Mirror())),
        *((Sphere("icosahedral"), SO(3)), (Sphere("icosahedral", 3), Icosahedral())),
    ):
        space = Space(domain, 3 * group.trivial)
        made |= {
            f"{name} on {domain!r} {group!r}": maker
            for name, maker in {
                "linear": lambda space=space: L.linear(space, Space(space.domain, 2 * space.group.trivial), band=3),
                "linear, no bias": lambda space=space: L.linear(space, space, band=2, bias=False, gain=2**0.5),
                "weighed norm": lambda space=space: L.normalize(space),
                "fewer degrees": lambda space=space: L.pool(space, band=2),
                "and back": lambda space=space: L.upsample(L.pool(space, band=2).target, space),
                "invariants": lambda space=space: L.invariant(space),
                "skip over fewer degrees": lambda space=space: _skip_over_degrees(space),
                "one answer": lambda space=space: _one_answer(space, space.group.standard),
            }.items()
        }
    return made


def _of_winds() -> dict[str, Maker]:
    """The same for tangent vectors beside scalars, and what changes its sign; under groups of every kind."""
    L, made = er.layers, {}
    for domain, group in (
        *((Sphere("equiangular", 3), SO(3)), (Sphere(band=3), O(3)), (Sphere("poles", 3), SO(2))),
        *((Sphere(band=3), O(2)), (Sphere("equiangular", 3), C(5)), (Sphere("poles", 2), FullOctahedral())),
        (Sphere("icosahedral", 3), O(3)),
    ):
        odd = [group.sign] if isinstance(group, O) else []
        winds, mixed = domain.vectors(group), sum([2 * group.trivial, domain.vectors(group), *odd])
        space = Space(domain, mixed)
        made |= {
            f"{name} of winds on {domain!r} {group!r}": maker
            for name, maker in {
                "linear": lambda space=space, winds=winds: L.linear(space, Space(space.domain, 2 * winds + space.rho)),
                "linear, near degrees": lambda space=space: L.linear(space, space, bias=False, reach=1),
                "weighed norm": lambda space=space: L.normalize(space),
                "fewer degrees": lambda space=space: L.pool(space, band=1),
                "and back": lambda space=space: L.upsample(L.pool(space, band=1).target, space),
                "skip over fewer degrees": lambda space=space: _skip_over_degrees(space, 1),
                "one answer": lambda space=space: _one_answer(space, space.rho.group.trivial + space.group.standard),
            }.items()
        }
    return made


def _of_local_kernels() -> dict[str, Maker]:
    """Kernels of finite radius by way of the coefficients, between fields of every kind."""
    L, made = er.layers, {}
    for domain, group in ((Sphere(band=5), SO(3)), (Sphere("equiangular", 5), O(3)), (Sphere("icosahedral", 4), O(2))):
        space = Space(domain, _every_field(domain, group))
        made |= {
            f"{name} on {domain!r} {group!r}": maker
            for name, maker in {
                "linear, local": lambda space=space: L.linear(space, space, rings=2),
                "linear, local, one ring": lambda space=space: L.linear(space, space, rings=1, bias=False, radius=0.9),
            }.items()
        }
    return made


def _of_vertices() -> dict[str, Maker]:
    """What is computed at the vertices of an icosahedron, under the isometries that exchange these."""
    L, made = er.layers, {}
    for group, k in ((Icosahedral(), 2), (O(3), 2), (SO(2), 1)):
        domain = Sphere("icosahedral", subdivisions=k)
        space, scalars = Space(domain, _every_field(domain, group)), Space(domain, 3 * group.trivial)
        made |= {
            f"{name} of vertices on {domain!r} {group!r}": maker
            for name, maker in {
                "linear": lambda space=space: L.linear(space, space, rings=2),
                "linear, one ring": lambda space=space: L.linear(space, space, rings=1, bias=False, gain=2**0.5),
                "weighed norm": lambda space=space: L.VertexBatchNorm(space),
                "pointwise": lambda scalars=scalars: L.VertexNonlinearity(scalars, "gelu"),
                "gated": lambda space=space: L.VertexNonlinearity(space, "gelu", "gate"),
                "fewer": lambda space=space: L.pool(space),
                "and back": lambda space=space: L.upsample(L.pool(space).target, space),
                "skip over fewer": lambda space=space: L.skip([L.pool(space), _mixed(L.pool(space).target)]),
            }.items()
        }
    return made


def _every_field(domain: Sphere, group: Group) -> Representation:
    return sum([2 * group.trivial, domain.vectors(group), *([group.sign] if isinstance(group, O) else [])])


def _mixed(space: Space) -> Layer:
    return er.layers.linear(space, space, rings=1)


def _skip_over_degrees(space: Space, band: int = 2) -> Layer:
    pool = er.layers.pool(space, band=band)
    return er.layers.skip([pool, er.layers.linear(pool.target, pool.target)])


def _one_answer(space: Space, rho: Representation) -> Layer:
    return er.layers.linear(space, Space(Point(), 2 * rho + space.group.trivial), band=2)


def _of_letters_and_time() -> dict[str, Maker]:
    """Words of letters; and what carries a state from step to step."""
    L, nucleotides = er.layers, er.Task(Dna(), output=er.Invariant(1)).input
    steps, more = (Space(Sequence(), n * Trivial().trivial) for n in (3, 5))
    return {
        **{f"words of {k}": lambda k=k: L.Kmers(Space(Dna(), nucleotides), k) for k in (1, 2, 3)},
        "words of 2, one strand": lambda: L.Kmers(Space(Dna(), 4 * Trivial().trivial), 2),
        "words of 3 on a ring": lambda: L.Kmers(Space(Dna(boundary="periodic"), nucleotides), 3),
        **{f"recurrent, {cell}": lambda cell=cell: L.Recurrent(steps, more, cell) for cell in ("lstm", "gru", "rnn")},
        **{f"recurrent, slow {cell}": lambda cell=cell: L.Recurrent(steps, more, cell, 20) for cell in ("lstm", "gru")},
        **{
            f"recurrent, {gate}": lambda gate=gate: L.GatedRecurrence(steps, more, gate) for gate in ("rate", "cloglog")
        },
        "recurrent, slow gates": lambda: L.GatedRecurrence(steps, more, slowest=20),
        "recurrent, state space": lambda: L.StateSpace(steps, more, 3),
        "recurrent, fixed state space": lambda: L.StateSpace(steps, more, 3, selective=False),
        "recurrent, read at the end": lambda: L.TimePool(steps),
        "recurrent, read on the whole": lambda: L.TimePool(steps, "mean"),
    }


def _of_functions() -> dict[str, Maker]:
    """What functions on a group pass through, stored by their irreps."""
    L, made = er.layers, {}
    for domain, rho in (
        (Grid(2), _sum(rho.dim // (1 + (rho.type == "complex")) * rho for rho in C(8).irreps())),
        *((Grid(2), functions(SO(2), 3)), (Grid(2), functions(O(2), 2)), (HexGrid(), functions(SO(2), 2))),
        *((Grid(3), functions(SO(3))), (Grid(3), functions(AXIS)), (Grid(3), SO(3).trivial + SO(3).irrep(1))),
    ):
        space = Space(domain, _sum(3 * field * times for field, times in rho.fields))
        made |= {
            f"{name} of {rho} on {domain!r}": maker
            for name, maker in {
                "fourier": lambda space=space: L.FourierNonlinearity(space, "gelu"),
                "function norm": lambda space=space: L.FunctionBatchNorm(space),
                "norm": lambda space=space: L.NormNonlinearity(space),
                "gate": lambda space=space: L.Gate(space),
                "antialiased pool": lambda space=space: L.LatticePool(space, "antialiased"),
                "invariants": lambda space=space: L.invariant(space),
                "residual": lambda space=space: L.skip(
                    [L.linear(space, space, kernel_size=3), L.nonlinearity(space, "fourier")], "add"
                ),
                "skip over two scales": lambda space=space: _skip(space),
            }.items()
        }
    return made


def _of_finite() -> dict[str, Maker]:
    """What signals on finite domains pass through."""
    L, made = er.layers, {}
    for name, domain, fields in (
        ("a cycle", RING, mixture(C(6))),
        ("a board", BOARD, mixture(D(4))),
        ("the cube", CUBE, CUBE.group.trivial),
    ):
        space, scalars = Space(domain, 2 * fields), Space(domain, 3 * domain.group.trivial)
        made |= {
            f"{what} of finite {name}": maker
            for what, maker in {
                "average pool": lambda space=space: L.pool(space),
                "max pool": lambda scalars=scalars: L.pool(scalars, method="max"),
                "invariants": lambda space=space: L.invariant(space),
                "means of orbits": lambda space=space: L.invariant(space, "mean"),
                "batch norm": lambda space=space: L.FieldBatchNorm(space),
                "upsample": lambda space=space: L.upsample(L.pool(space).target, space),
                "skip over a pool": lambda space=space: _skip_over_blocks(space),
            }.items()
        }
    half, functions_on_ring = C(6).subgroup(C(6).generators[0] ** 2), Space(RING, C(6).regular)
    return made | {
        "norm of a finite board": lambda: L.NormNonlinearity(Space(BOARD, mixture(D(4)))),
        "pool over finite orbits": lambda: L.pool(functions_on_ring, blocks=half),
    }


def _skip_over_blocks(space: Space) -> Layer:
    pool = er.layers.pool(space)
    return er.layers.skip([pool, er.layers.linear(pool.target, pool.target)])


def _skip(space: Space) -> Layer:
    down = er.layers.LatticePool(space, halvings=2)
    return er.layers.skip([down, er.layers.linear(down.target, down.target), er.layers.nonlinearity(down.target)])


def _pooled_then_convolved(space: Space) -> Layer:
    pooled = er.layers.FibrePool(space)
    return er.layers.Chain([pooled, er.layers.linear(pooled.target, space, kernel_size=5)])


LINEAR = [pytest.param(make, id=name) for name, make in (_linear() | _finite_linear()).items()]
STEERED = [pytest.param(make, id=name) for name, make in _steered().items()]
RELAXED = [pytest.param(make, id=name) for name, make in _relaxed().items()]
LAYERS = [*LINEAR, *STEERED, *RELAXED, *[pytest.param(make, id=name) for name, make in _others().items()]]


# ---- networks ------------------------------------------------------------------------------------------------------
Network = Callable[[], er.Blueprint]


def _derived(domain: Lattice, group: Group, output: Any, **choices: Any) -> Network:
    """A small derived network; its own defaults are width, depth and scales as below."""
    natural = domain.natural_input(group)
    task = er.Task(domain, group, choices.pop("given", natural or 1), output)
    small = {"width": 4, "depth": 1, "scales": 1 if domain.causal else 2}
    return lambda: er.derive(task, **{**small, **choices})


def _chosen() -> dict[str, Network]:
    """Every choice of `derive`, each with and without what it might disturb."""
    classes, masks, d4 = er.Invariant(3), er.Equivariant(2), D(4)
    square, hexagon, cube, ring = Grid(2), HexGrid(), Grid(3), Grid(2, "periodic")
    vectors, corner = d4.trivial + d4.irrep(1, 1), d4.quotient(DIAGONAL)
    found = er.wreath(Mirror(), 2)  # no closed form; moves the plane by an action
    plane = er.Task(square, found, 1, classes, action=_plane_action(found)).domain
    return {
        "defaults, classes": _derived(square, C(4), classes, width=8, depth=2, scales=3),
        "defaults, masks": _derived(square, d4, masks, width=8, depth=2, scales=3),
        "four scales on hexagons": _derived(hexagon, D(6), masks, scales=4),
        "residual": _derived(square, d4, masks, depth=2, residual=True),
        "residual irreps": _derived(
            hexagon, C(6), classes, depth=2, residual=True, fields=C(6).trivial + C(6).irrep(2)
        ),
        "norm on irreps": _derived(square, d4, masks, fields=vectors),
        "gates on irreps": _derived(square, d4, masks, fields=vectors, nonlinearity="gate"),
        "gates on regular and irreps": _derived(
            cube, Octahedral(), classes, fields=mixture(Octahedral()), nonlinearity="gate"
        ),
        "quotients": _derived(square, d4, classes, fields=corner + d4.trivial),
        "max pooling": _derived(square, d4, masks, pool="max", scales=3),
        "max pooling on hexagons": _derived(hexagon, D(6), masks, pool="max", scales=3),
        "antialiased pooling": _derived(square, d4, masks, pool="antialiased", scales=3),
        "antialiased pooling on hexagons": _derived(hexagon, C(6), classes, pool="antialiased"),
        "antialiased pooling on a ring": _derived(ring, C(4), masks, pool="antialiased"),
        "mean over the fibre": _derived(square, d4, classes, fibre="mean"),
        "5 × 5 kernels": _derived(square, C(4), masks, kernel_size=5),
        "19-site kernels": _derived(hexagon, C(6), masks, kernel_size=5),
        "a function not zero at zero": _derived(hexagon, D(3), masks, function="sigmoid"),
        "no normalisation": _derived(hexagon, C(6), masks, normalize=False),
        "vectors in, vectors out": _derived(square, d4, er.Equivariant(d4.standard), given=d4.standard),
        "irreps found by numbers": _derived(plane, found, masks, fields=_sum(found.irreps())),
        "a vector of the whole": _derived(square, d4, er.Equivariant(d4.standard, pooled=True)),
        "a vector of the cube": _derived(
            cube, FullOctahedral(), er.Equivariant(FullOctahedral().standard, pooled=True)
        ),
        "a vector of the hexagon": _derived(hexagon, D(6), er.Equivariant(D(6).standard, pooled=True)),
        "a handedness": _derived(square, d4, er.Equivariant(d4.sign, pooled=True)),
        "separable, classes": _derived(square, C(4), classes, block="separable", depth=2),
        "separable, masks": _derived(square, d4, masks, block="separable", depth=2),
        "separable on a ring": _derived(ring, d4, classes, block="separable", depth=2, kernel_size=3),
        "separable on hexagons": _derived(hexagon, D(6), masks, block="separable", depth=2),
        "separable cube": _derived(cube, Octahedral(), classes, block="separable", depth=2, kernel_size=3),
        "separable, gates on irreps": _derived(
            square, d4, masks, block="separable", depth=2, fields=vectors, nonlinearity="gate"
        ),
        "separable, both strands": _derived(Dna(), Mirror(), masks, block="separable", depth=2),
        "somewhere on either strand": _derived(Dna(), Mirror(), classes, kernel_size=5, global_pool="max"),
        "words, both strands": _derived(Dna(), Mirror(), classes, words=3),
        "words on a ring": _derived(Dna(boundary="periodic"), Mirror(), classes, words=3),
        "dilated and residual, both strands": _derived(
            Dna(), Mirror(), classes, words=2, dilated=True, residual=True, depth=3, scales=1
        ),
        "separable in time": _derived(Sequence(), Trivial(), masks, block="separable", depth=3),
        "time, three layers": _derived(Sequence(), Trivial(), masks, depth=3, kernel_size=5),
    }


def _moved() -> dict[str, Network]:
    """Networks of groups that the lattice does not keep, and what is chosen for them."""
    classes, masks, square, hexagon, cube = er.Invariant(3), er.Equivariant(2), Grid(2), HexGrid(), Grid(3)
    small = {"kernel_size": 3, "max_frequency": 1}
    return {
        "C8, defaults": _derived(square, C(8), classes, width=16, depth=2),
        "D8, masks": _derived(square, D(8), masks),
        "SO(2), defaults": _derived(square, SO(2), classes, width=14, depth=2),
        "SO(2), masks": _derived(square, SO(2), masks),
        "O(2), masks": _derived(square, O(2), masks, max_frequency=2),
        "O(2), residual gates": _derived(
            square, O(2), classes, depth=2, residual=True, fields=O(2).trivial + O(2).irrep(1, 1), nonlinearity="gate"
        ),
        "SO(2), norms": _derived(square, SO(2), masks, nonlinearity="norm"),
        "C8, irreps": _derived(square, C(8), classes, fields=C(8).band_limited_regular(1), nonlinearity="fourier"),
        "C8, regular, fourier": _derived(square, C(8), classes, nonlinearity="fourier"),
        "SO(2), a vector of the whole": _derived(square, SO(2), er.Equivariant(SO(2).irrep(1), pooled=True)),
        "C8 on a ring": _derived(Grid(2, "periodic"), C(8), masks, kernel_size=3),
        "O(2) on unequal steps": _derived(Grid(2, spacing=(1, 2)), O(2), classes, max_frequency=1),
        "C12 on hexagons": _derived(hexagon, C(12), masks, kernel_size=3),
        "SO(2) on hexagons": _derived(hexagon, SO(2), classes),
        "O(2) on hexagons": _derived(hexagon, O(2), masks, max_frequency=1),
        "SO(3)": _derived(cube, SO(3), classes, **small),
        "O(3), masks": _derived(cube, O(3), masks, scales=1, **small),
        "turns about an axis": _derived(cube, AXIS, masks, **small),
        "turns about an axis of a thick slice": _derived(Grid(3, spacing=(1, 1, 5)), C(8) * Mirror(), classes),
        "SO(3) on thick slices": _derived(
            Grid(3, spacing=(1, 1, 1.5)), SO(3), classes, kernel_size=5, max_frequency=1, scales=1
        ),
    }


def _finite_networks() -> dict[str, Network]:
    """On every finite domain both kinds of answer, and every choice."""

    def made(domain: Finite, group: Group, output: Any, **choices: Any) -> Network:
        task = er.Task(domain, group, choices.pop("given", None if domain.is_linear else 2), output)
        return lambda: er.derive(task, **choices)

    classes, values, d4 = er.Invariant(3), er.Equivariant(2), D(4)
    every = {
        f"{name} on {param.id}": made(*param.values, output)
        for param in [*FINITE, *LARGE_FINITE]
        for name, output in (("classes", classes), ("values", values))
        if not (param.values[0].is_linear and output is values)
    }
    return every | {
        "a vector from a finite vector": made(FINITE[-1].values[0], QUATERNIONS, er.Equivariant(QUATERNIONS.standard)),
        "a vector of a finite board": made(BOARD, d4, er.Equivariant(d4.standard, pooled=True)),
        "vectors on a finite board": made(BOARD, d4, er.Equivariant(d4.standard), given=d4.trivial + d4.standard),
        "finite, on the points": made(BOARD, d4, values, fields="points", depth=3, width=16),
        "finite, on pairs": made(BOARD, d4, classes, fields="pairs", width=162),
        "finite, irreps": made(BOARD, d4, classes, fields=d4.trivial + d4.irrep(1, 1), function="gelu"),
        "finite, gates": made(BOARD, d4, values, fields=d4.trivial + d4.irrep(1, 1), nonlinearity="gate"),
        "finite, two scales": made(BOARD, d4, values, scales=2, width=8),
        "finite, three scales, maxima": made(CUBE, CUBE.group, values, scales=2, width=[8, 8], pool="max"),
        "finite, residual": made(RING, C(6), classes, residual=True, depth=3),
        "finite, means": made(RING, C(6), classes, fibre="mean", normalize=False),
        "finite, homogeneous": made(RING, C(6), classes, homogeneous=True),
    }


FINITE_NETWORKS = [pytest.param(make, id=name) for name, make in _finite_networks().items()]
MOVED_NETWORKS = [pytest.param(make, id=name) for name, make in _moved().items()]
CHOSEN = [pytest.param(make, id=name) for name, make in _chosen().items()]
NETWORKS = [
    *[
        pytest.param(_derived(*param.values, output), id=f"{name} on {param.id}")
        for param in DOMAINS
        for name, output in (("classes", er.Invariant(3)), ("masks", er.Equivariant(2)))
    ],
    *CHOSEN,
    *MOVED_NETWORKS,
    *FINITE_NETWORKS,
]
