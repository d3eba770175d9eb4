"""Products and sets of signals: what is read and refused, how groups are dealt, and some signals of a batch as such."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import erlangen as er
from erlangen.domains import Domain, Point, Product
from erlangen.domains._among import among
from erlangen.domains.text import domain_from_data, domain_to_data, parse_domain
from erlangen.errors import DomainError, InputError, SymmetryError, TaskError
from erlangen.representations.external import external
from erlangen.task import over_factors
from tests.batches import KINDS, batched, drawn, space_of

FILM = er.Grid(2) * er.Sequence()
C4, O3, NOTHING = er.C(4), er.O(3), er.Trivial()
SCALAR = NOTHING.trivial


# ---- how it is written ---------------------------------------------------------------------------------------------
def test_a_product_is_flat_and_keeps_its_order():
    A, B, C = er.Grid(2), er.Sequence(), er.Set()
    assert (A * B) * C == A * (B * C) == Product((A, B, C))
    assert A * B != B * A
    assert (A * B * C).axes == 3 and (A * B * C).packed and not (A * B).packed
    assert [(A * B * C).at(i) for i in range(3)] == [(0, 1), (2,), ()]


@pytest.mark.parametrize(
    "make",
    [
        lambda: er.Grid(2) * er.Mesh(),
        lambda: er.Mesh() * er.Sequence(),
        lambda: er.Grid(2) * er.Set(er.Grid(2)),
        lambda: Product((er.Grid(2),)),
        lambda: Product((er.Grid(2), er.Sequence()), (C4,)),
        lambda: er.Set(er.Set(er.Grid(2))),
    ],
)
def test_what_is_no_product(make: Callable[[], Domain]):
    with pytest.raises(DomainError):
        make()


# ---- how groups are dealt ------------------------------------------------------------------------------------------
DEALT = [
    (er.Grid(2) * er.Sequence(), C4, (C4, NOTHING)),
    (er.Sequence() * er.Grid(2), C4, (NOTHING, C4)),
    (er.Grid(2) * er.Grid(2), C4, (C4, NOTHING)),
    (er.Grid(2) * er.Grid(2), C4 * C4, (C4, C4)),
    (er.Grid(2) * er.Grid(1), C4 * er.Mirror(), (C4, er.Mirror())),
    (er.Set() * er.Points(3), O3, (NOTHING, O3)),
    (er.Graph() * er.Points(3) * er.Grid(2), O3 * C4, (NOTHING, O3, C4)),
    (er.Set() * er.Sequence(), NOTHING, (NOTHING, NOTHING)),
]


@pytest.mark.parametrize(("domain", "group", "wanted"), DEALT, ids=repr)
def test_groups_go_to_the_factors_that_they_move(domain: Any, group: Any, wanted: Any):
    assert domain.split(group) == wanted
    (g,) = group.sample(1, rng=0)
    assert [h.group for h in domain.parts(g)] == list(wanted)


def test_a_task_says_whose_each_group_is():
    task = er.Task(er.Grid(2) * er.Grid(2), (NOTHING, C4), 1, er.Invariant(2))
    assert task.symmetry == C4 and task.domain.split(C4) == (NOTHING, C4)  # type: ignore[attr-defined]
    x = torch.randn(1, 1, 4, 4, 5, 5)
    g = C4.generators[0]
    assert torch.equal(
        task.domain.move(g, x, C4.trivial), er.Grid(2).move(g, x.flatten(0, 3), C4.trivial).reshape(x.shape)
    )
    with pytest.raises(TaskError, match="one a factor"):
        er.Task(FILM, (C4,), 1, er.Invariant(2))
    with pytest.raises(SymmetryError):
        er.Task(er.Sequence() * er.Grid(2), O3, 1, er.Invariant(2))


@pytest.mark.parametrize("pooled", [er.Grid(2), (0,)])
def test_answers_are_pooled_over_factors(pooled: Any):
    assert over_factors(FILM, pooled, C4) == Point() * er.Sequence()
    assert over_factors(FILM, (0, 1), C4) == Point()
    assert over_factors(er.Set(FILM), FILM, C4) == er.Set()


@pytest.mark.parametrize("pooled", [er.Sphere(), (), (0, 0), (2,)])
def test_only_factors_are_pooled_over(pooled: Any):
    with pytest.raises(TaskError, match="factors"):
        over_factors(FILM, pooled, C4)
    with pytest.raises(TaskError, match="factor of a product"):
        over_factors(er.Grid(2), pooled, C4)


def test_motions_are_kronecker_products():
    G = C4 * er.Mirror()
    domain = er.Grid(2) * er.Grid(1)
    rho = external(C4.regular, er.Mirror().sign)
    x = torch.randn(2, 4, 3, 3, 5, dtype=torch.float64)
    for g in G.elements:
        h, m = domain.parts(g)  # type: ignore[attr-defined]
        flat = torch.rot90(x, _turns(h), (2, 3))
        moved = flat.flip(4) if m != m.group.identity else flat
        wanted = torch.einsum("ij,bjuvt->biuvt", torch.as_tensor(rho(g)), moved)
        assert torch.allclose(domain.move(g, x, rho), wanted)


def _turns(h: Any) -> int:
    """How many quarter turns h is, read off what it does to a picture."""
    probe = torch.arange(9.0).reshape(1, 1, 3, 3)
    return next(k for k in range(4) if torch.equal(er.Grid(2).act(h, probe), torch.rot90(probe, k, (2, 3))))


# ---- what users hold -----------------------------------------------------------------------------------------------
def read(domain: Any, data: Any) -> tuple[Tensor, Any]:
    return domain.read(data)


def test_rows_come_back_in_the_order_in_which_they_were_given():
    space = er.Space(er.Set() * er.Sequence(), SCALAR)
    net = er.Blueprint([er.layers.linear(space, space)]).double()
    x, batch = torch.randn(6, 1, 4, dtype=torch.float64), torch.tensor([1, 0, 1, 0, 2, 0])
    order = torch.argsort(batch, stable=True)
    y, by_signal = net({"x": x, "batch": batch}), net({"x": x[order], "batch": batch[order]})
    assert torch.allclose(y[order], by_signal)
    assert torch.equal(read(space.domain, {"x": x, "batch": batch})[0], x[order])


TWO = er.Set() * er.Graph()
EDGE = torch.tensor([[0, 1], [1, 0]])


def two(rows: int = 10, **changes: Any) -> dict[str, Any]:
    """Signals of 2 × 2 and 3 × 2 points."""
    first = {"batch": torch.tensor([0, 0, 1, 1, 1])}
    second = {"edge_index": EDGE, "batch": torch.tensor([0, 0, 1, 1])}
    return {"x": torch.randn(rows, 1), "factors": (first, second), **changes}


def test_tuples_of_points_are_read():
    x, support = read(TWO, two())
    assert len(x) == 10 and support.packed == (0, 1)
    assert support.counts().tolist() == [4, 6] and support.signals().tolist() == [0] * 4 + [1] * 6
    assert support.counts(but=0).tolist() == [2, 2] and support.counts(but=1).tolist() == [2, 3]
    assert support.innermost(1) is None
    assert support.innermost(0).tolist() == [0, 2, 1, 3, 4, 6, 8, 5, 7, 9]
    assert support.first(0).tolist() == [0, 2] and support.first(1).tolist() == [0, 2]
    assert support.copies(0, 1).ptr.tolist() == [0, 2, 4, 7, 10]


def test_places_of_plain_factors_may_be_listed_too():
    domain = er.Set() * er.Sequence() * er.Graph()
    data = two(x=torch.randn(10, 1, 4))
    listed = {**data, "factors": (data["factors"][0], None, data["factors"][1])}
    for given in (data, listed):
        assert read(domain, given)[1].packed == (0, 2)


@pytest.mark.parametrize(
    ("domain", "data", "says"),
    [
        (TWO, two(9), "one for each tuple of points"),
        (TWO, two(x=torch.randn(10, 1, 3)), "axes of points"),
        (TWO, two(factors=two()["factors"][:1]), "packed factors"),
        (TWO, two(factors=None), "packed factors"),
        (TWO, two(factors=({"batch": torch.tensor([0, 1, 0, 1, 1])}, two()["factors"][1])), "fall"),
        (TWO, two(factors=({"batch": torch.tensor([0, 0, 1, 2, 2])}, two()["factors"][1])), "as many of each factor"),
        (TWO, two(factors=({}, two()["factors"][1])), "how many points"),
        (TWO, {"factors": two()["factors"]}, "without a tensor x"),
        (TWO, torch.randn(10, 1), "packed factors"),
        (er.Graph() * er.Sequence(), {"x": torch.randn(4, 1, 3)}, "edge_index"),
        (er.Points(3) * er.Sequence(), {"x": torch.randn(4, 1, 3)}, "pos"),
    ],
)
def test_what_is_refused(domain: Any, data: Any, says: str):
    with pytest.raises(InputError, match=says):
        read(domain, data)


@pytest.mark.parametrize("shape", [(2, 1, 5, 5), (2, 1, 5, 5, 4, 4)])
def test_wrong_axes_are_refused(shape: tuple[int, ...]):
    with pytest.raises(InputError):
        er.layers.linear(er.Space(FILM, C4.trivial), er.Space(FILM, C4.trivial))(torch.zeros(shape))


def test_masks_are_products():
    domain, x = er.HexGrid() * er.Sequence(), torch.ones(2, 1, 5, 5, 3)
    mask = domain.mask(x)
    assert domain.masked and mask is not None
    assert torch.equal(mask, er.HexGrid().mask(x[..., 0])[..., None].expand(5, 5, 3))
    both = (er.HexGrid() * er.HexGrid()).mask(torch.ones(1, 1, 5, 5, 3, 3))
    assert both is not None and int(both.sum()) == 19 * 7
    space = er.Space(domain, er.C(6).regular)
    layer = er.layers.linear(space, space).double()
    signal = domain.clear(torch.randn(1, 6, 5, 5, 3, dtype=torch.float64))
    for g in er.C(6).sample(2, rng=0):
        y = layer(signal)
        assert torch.allclose(layer(space.act(g, signal)), space.act(g, y), atol=1e-10)
        assert torch.equal(y, domain.clear(y))


# ---- some signals of a batch ---------------------------------------------------------------------------------------
INDEX = torch.tensor([2, 0, 0, 1])


def leaves(support: Any) -> list[Tensor]:
    """All that a support holds, but for the order in which things were given, which is theirs alone."""
    if isinstance(support, Tensor):
        return [support]
    if support is None:
        return []
    fields = getattr(support, "_fields", None)
    parts = [getattr(support, f) for f in fields if f != "order"] if fields else list(support)
    return [leaf for part in parts for leaf in leaves(part)]


def same(a: Any, b: Any) -> None:
    first, second = leaves(a), leaves(b)
    assert len(first) == len(second) > 1
    for x, y in zip(first, second, strict=True):
        assert x.shape == y.shape and torch.allclose(x.double(), y.double())


def supports(name: str) -> tuple[Any, Callable[[list[int]], Any]]:
    """The domain, and what goes with the chosen ones of three signals."""
    ones = drawn((name,), 1, [(4,), (3,), (5,)])
    for one in ones:
        if name == "graph":
            count = one.factors[0]["edge_index"].shape[1]
            one.factors[0]["edge_attr"] = torch.randn(count, 2, dtype=torch.float64)
    return KINDS[name].domain, lambda chosen: batched([ones[i] for i in chosen])


@pytest.mark.parametrize("name", ["set", "graph", "points"])
def test_some_of_a_batch_are_what_they_are_read_as(name: str):
    domain, data = supports(name)
    _, whole = read(domain, data([0, 1, 2]))
    _, wanted = read(domain, data(INDEX.tolist()))
    same(among(whole, INDEX), wanted)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("name", ["graph", "points"])
def test_some_of_coarser_ones_are_the_coarser_of_some(name: str, layers: int):
    domain, data = supports(name)
    space = er.Space(domain, SCALAR)
    pools: list[Any] = []
    for _ in range(layers):
        pools.append(er.layers.pool(pools[-1].target if pools else space).double())

    def coarser(chosen: list[int]) -> tuple[Tensor, Any]:
        values, support = read(domain, data(chosen))
        for pool in pools:
            values, support = pool.flow(values, support)
        return values, support

    (_, whole), (_, wanted) = coarser([0, 1, 2]), coarser(INDEX.tolist())
    same(among(whole, INDEX), wanted)


@pytest.mark.parametrize("names", [("points", "sequence"), ("points", "set"), ("set", "points"), ("points", "points")])
@torch.no_grad()
def test_coarser_clouds_in_a_product_are_alike_one_by_one(names: tuple[str, ...]):
    space = space_of(*names, copies=1)
    pool = er.layers.pool(space, along=names.index("points"), ratio=0.5, factor=2)
    net = er.Blueprint([pool, er.layers.linear(pool.target, pool.target)]).double()
    packed = sum(not KINDS[name].axes for name in names)
    signals = drawn(names, space.rho.dim, [s[:packed] for s in [(6, 5), (5, 4), (4, 6)]])
    each = torch.cat([net(batched([one])) for one in signals])
    assert each.std() > 0.1 and torch.allclose(net(batched(signals)), each, atol=1e-10)


@torch.no_grad()
def test_invariants_are_alike_one_by_one():
    names = ("points", "set")
    space = space_of(*names, copies=1)
    net = er.Blueprint([er.layers.invariant(space)]).double()
    signals = drawn(names, space.rho.dim, [(4, 2), (3, 3), (5, 1)])
    each = torch.cat([net(batched([one])) for one in signals])
    y = net(batched(signals))
    assert len(y) == 3 and torch.allclose(y, each, atol=1e-10)


@pytest.mark.parametrize("places", [(0, 1), (1, 0), (0, 2, 1), (1, 2, 0)])
@torch.no_grad()
def test_means_over_packed_factors_in_turn_are_means_over_all_tuples(places: tuple[int, ...]):
    names = ("points", "set", "graph")[: len(places)]
    domain = Product(tuple(KINDS[name].domain for name in names))
    signals = drawn(names, 2, [(4, 2, 3)[: len(places)], (3, 5, 2)[: len(places)]])
    net = er.Blueprint(er.layers.pooled_over(er.Space(domain, 2 * SCALAR), places))
    wanted = torch.stack([one.x.flatten(0, -2).mean(0) for one in signals])
    assert torch.allclose(net(batched(signals)), wanted)


@torch.no_grad()
def test_both_clouds_of_a_product_are_made_coarser():
    space = space_of("points", "points", copies=1)
    pool = er.layers.pool(space, ratio=0.5)
    net = er.Blueprint([pool, er.layers.linear(pool.target, pool.target)]).double()
    signals = drawn(("points", "points"), space.rho.dim, [(6, 4), (4, 6)])
    each = [net(batched([one])) for one in signals]
    assert 4 <= len(each[0]) < 24 and each[0].std() > 0.1
    assert torch.allclose(net(batched(signals)), torch.cat(each), atol=1e-10)


# ---- texts and recipes ---------------------------------------------------------------------------------------------
TEXTS = {
    "Grid(2) * Sequence": FILM,
    "Set(Grid(2))": er.Set(er.Grid(2)),
    "Set(Graph) * Sequence": None,
    "Set * Points(3) * Grid(1, boundary='periodic')": er.Set() * er.Points(3) * er.Grid(1, boundary="periodic"),
    "Set(Grid(2) * Sequence)": er.Set(FILM),
    "Grid(2) * (Set * Sequence)": er.Grid(2) * er.Set() * er.Sequence(),
    "Grid(2) * Mesh": None,
    "Grid(2) ** 2": None,
    "Grid(2) + Sequence": None,
}


@pytest.mark.parametrize("text", TEXTS)
def test_texts(text: str):
    wanted = TEXTS[text]
    if wanted is None:
        with pytest.raises(DomainError):
            parse_domain(text)
        return
    assert parse_domain(text) == wanted == parse_domain(repr(wanted))
    assert domain_from_data(domain_to_data(wanted), NOTHING) == wanted


def chained(space: er.Space, *more: Callable[[er.Space], Any]) -> Any:
    layers = [er.layers.linear(space, space)]
    for make in more:
        layers.append(make(layers[-1].target))
    return er.Blueprint(layers)


RECIPES: dict[str, Callable[[], Any]] = {
    "composition": lambda: er.Blueprint([er.layers.linear(s := space_of("grid", "points"), s, way="composition")]),
    "sum": lambda: er.Blueprint([er.layers.linear(s := space_of("grid", "sequence"), s, way="sum")]),
    "mixed fields": lambda: chained(er.Space(FILM, 2 * C4.regular + C4.trivial)),
    "two groups": lambda: chained(space_of("grid", "sphere")),
    "pooled": lambda: chained(space_of("grid", "set"), er.layers.nonlinearity, er.layers.pool, er.layers.invariant),
    "given groups": lambda: chained(
        er.Space(Product((er.Grid(2), er.Grid(2)), (NOTHING, C4)), C4.regular), er.layers.normalize, er.layers.invariant
    ),
    "pictures": lambda: chained(
        er.Space(er.Set(er.Grid(2)), 2 * C4.regular), er.layers.nonlinearity, er.layers.pool, er.layers.invariant
    ),
    "clouds": lambda: chained(er.Space(er.Set(er.Points(3)), 2 * O3.irrep(0, 1) + O3.irrep(1, -1))),
    "films": lambda: chained(er.Space(er.Set(FILM), 2 * C4.regular), er.layers.nonlinearity, er.layers.invariant),
    "one answer a frame": lambda: er.Blueprint(
        er.layers.pooled_over(er.Space(FILM, 2 * C4.trivial), [0])  # the frames stay
    ),
    "one answer a picture": lambda: er.Blueprint(
        [er.layers.Within(er.layers.invariant(er.Space(er.Grid(2), C4.regular)))]
    ),
}


@pytest.mark.parametrize("name", RECIPES)
@torch.no_grad()
def test_recipes_there_and_back(name: str, tmp_path: Any):
    net = RECIPES[name]().double()
    assert er.build(net.recipe).recipe == net.recipe
    er.save(net, tmp_path / "net.pt")
    again = er.load(tmp_path / "net.pt").double()
    assert again.recipe == net.recipe
    for (own, a), (other, b) in itertools.zip_longest(net.state_dict().items(), again.state_dict().items()):
        assert own == other and torch.equal(a, b)
    if not net.source.domain.packed:
        x = torch.randn(2, net.source.rho.dim, *[9] * net.source.domain.axes, dtype=torch.float64)
        assert torch.equal(net.eval()(x), again.eval()(x))
