"""Recipes are pure data that make the same network; files are whole, hold no pickle, and say when they are damaged."""

import json
from dataclasses import dataclass

import pytest
import torch

import erlangen as er
import erlangen.layers
from erlangen.blueprint import Blueprint, build, derive, load, save
from erlangen.blueprint.store import digest_of
from erlangen.domains import Dna, Grid, HexGrid, Sequence
from erlangen.errors import RecipeError, SymmetryError
from erlangen.groups import SO, C, D, FullOctahedral, Group, Mirror, O, Octahedral, S, Trivial
from erlangen.layers import FibrePool, Gate, LatticeConv, NormNonlinearity, Skip
from erlangen.signal import Space
from erlangen.task import Equivariant, Invariant, Task

CORNER = Group.from_matrices([[[0, 0, 1], [1, 0, 0], [0, 1, 0]]])
TURN = C(2).generators[0]
NETWORKS = {
    "classes": (Task(Grid(2), C(4), 1, Invariant(10)), {}),
    "masks": (Task(Grid(2), D(4), 3, Equivariant(2)), {"scales": 2}),
    "a vector of the whole": (Task(Grid(2), D(4), 1, Equivariant(D(4).standard, pooled=True)), {}),
    "hexagon": (Task(HexGrid(), D(6), 1, Invariant(2)), {"pool": "max"}),
    "cube": (Task(Grid(3), Octahedral(), 1, Invariant(2)), {"depth": 1}),
    "product": (Task(Grid(3), C(4) * Mirror(), 1, Invariant(2)), {"depth": 1}),
    "matrices": (Task(Grid(3), CORNER, 1, Invariant(2)), {"depth": 1, "fields": CORNER.trivial + CORNER.irrep(1)}),
    "quotient": (Task(Grid(2), D(4), 1, Invariant(2)), {"fields": D(4).quotient(D(4).subgroup(D(4).elements[4]))}),
    "irreps": (Task(Grid(2), D(4), 1, Invariant(2)), {"fields": D(4).trivial + D(4).irrep(1, 1), "residual": True}),
    "action": (Task(Grid(2), C(2), 1, Invariant(2), action={TURN: [[-1, 0], [0, 1]]}), {}),
    "spacing": (Task(Grid(3, spacing=(1, 1, 5)), D(4) * Mirror(), 1, Invariant(2)), {"depth": 1}),
    "ring": (Task(Grid(1, "periodic"), Mirror(), 2, Equivariant(2)), {"function": "gelu", "normalize": False}),
    "eighth turns": (Task(Grid(2), C(8), 1, Invariant(2)), {}),
    "turns": (Task(HexGrid(), O(2), 1, Equivariant(2)), {"samples": 24}),
    "turns about an axis": (Task(Grid(3), SO(2) * Mirror(), 1, Invariant(2)), {"depth": 1, "max_frequency": 1}),
    "turns of space": (Task(Grid(3), SO(3), 1, Invariant(2)), {"depth": 1, "max_frequency": 1}),
    "dna": (Task(Dna(), output=Invariant(2)), {}),
    "time": (Task(Sequence(), Trivial(), 2, Equivariant(2)), {"depth": 3}),
}
each = pytest.mark.parametrize("name", NETWORKS)


def network(name: str) -> Blueprint:
    task, choices = NETWORKS[name]
    return derive(task, **{"width": 24, **choices}).eval()


def signal(net: Blueprint) -> torch.Tensor:
    return torch.randn(2, net.source.channels, *(11,) * net.source.domain.axes)


@each
def test_a_recipe_is_json_and_makes_the_same_network(name):
    net = network(name)
    again = build(json.loads(json.dumps(net.recipe)))
    assert again.recipe == net.recipe
    assert (again.source, again.target, again.task) == (net.source, net.target, net.task)
    again.load_state_dict(net.state_dict())
    x = signal(net)
    assert torch.equal(again.eval()(x), net(x))


@each
def test_saved_and_loaded_it_gives_the_same_outputs(name, tmp_path):
    net = network(name)
    save(net, tmp_path / "net.safetensors")
    assert [file.name for file in tmp_path.iterdir()] == ["net.safetensors"]
    loaded = load(tmp_path / "net.safetensors").eval()
    x = signal(net)
    assert torch.equal(loaded(x), net(x))
    assert loaded.notes == net.notes


def test_double_weights_come_back_double(tmp_path):
    net = network("irreps").double()
    net.save(tmp_path / "net")
    x = signal(net).double()
    assert torch.equal(load(tmp_path / "net").eval()(x), net(x))


def test_a_network_composed_by_hand_has_a_recipe_too():
    grid, group = Grid(2), C(4)
    wide = Space(grid, 2 * group.regular + group.irrep(1))
    gate = Gate(wide)
    inner = [LatticeConv(wide, gate.source, kernel_size=5, dilation=2, gain=1.5), gate]
    net = Blueprint([Skip(inner, join="add"), NormNonlinearity(wide, "tanh"), FibrePool(wide, "mean")])
    again = build(net.recipe)
    assert again.recipe == net.recipe
    assert again.task is None
    again.load_state_dict(net.state_dict())
    x = torch.randn(2, wide.channels, 9, 9)
    assert torch.equal(again(x), net(x))


# ---- damage --------------------------------------------------------------------------------------------------------
@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "net.safetensors"
    save(network("classes"), path)
    return path


@pytest.mark.parametrize("keep", [0, 5, 100, 2000, -1])
def test_a_truncated_file_is_refused(saved, keep):
    saved.write_bytes(saved.read_bytes()[:keep])
    with pytest.raises(RecipeError, match="cannot be read"):
        load(saved)


def test_another_file_a_missing_one_and_one_without_a_recipe_are_refused(tmp_path):
    from safetensors.torch import save_file

    (tmp_path / "text").write_text("hello, this is no network at all")
    save_file({"w": torch.zeros(2)}, tmp_path / "weights")
    for name, why in (("text", "cannot be read"), ("nowhere", "cannot be read"), ("weights", "no recipe")):
        with pytest.raises(RecipeError, match=why):
            load(tmp_path / name)


def test_weights_of_another_network_are_refused(tmp_path):
    from safetensors.torch import save_file

    recipe = json.dumps(network("classes").recipe)
    for net, said, why in (("masks", recipe, "not its recipe's"), ("classes", recipe[:-20], "no JSON")):
        held = dict(network(net).state_dict())
        save_file(held, tmp_path / "net", metadata={"recipe": said, "sha256": digest_of(said, held)})
        with pytest.raises(RecipeError, match=why):
            load(tmp_path / "net")
    save_file(held, tmp_path / "net", metadata={"recipe": recipe})
    with pytest.raises(RecipeError, match="has changed since it was saved"):  # it says no fingerprint
        load(tmp_path / "net")


def test_a_failed_save_leaves_the_old_file_and_nothing_else(saved, monkeypatch):
    before = saved.read_bytes()
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        save(network("masks"), saved)
    assert saved.read_bytes() == before
    assert [file.name for file in saved.parent.iterdir()] == [saved.name]


@pytest.mark.parametrize(
    "damage",
    [
        lambda r: r.pop("layers"),
        lambda r: r.pop("group"),
        lambda r: r.update(erlangen=99),
        lambda r: r.update(source=77),
        lambda r: r.update(group="Monster()"),
        lambda r: r["layers"][0].update(layer="Telepathy"),
        lambda r: r["layers"][0]["choices"].update(kernel_sise=3),
        lambda r: r["layers"].pop(0),
        lambda r: r["spaces"][0].update(rho={"irrep": ["x"]}),
        lambda r: r["spaces"][0]["domain"].update(name="Klein bottle"),
        lambda r: r["task"].update(output={}),
    ],
)
def test_a_damaged_recipe_is_refused_with_one_of_our_errors(damage):
    recipe = json.loads(json.dumps(network("classes").recipe))
    damage(recipe)
    with pytest.raises(SymmetryError):
        build(recipe)


def test_only_blueprints_are_saved(tmp_path):
    with pytest.raises(RecipeError, match="a Blueprint"):
        save(torch.nn.Linear(2, 2), tmp_path / "net")
    assert not list(tmp_path.iterdir())


def test_groups_of_every_making_come_back():
    for group in (S(2), FullOctahedral(), D(4).subgroup(D(4).elements[2])):
        task = Task(Grid(group.dimension), group, 1, Invariant(2))
        assert build(derive(task, width=8, depth=1, scales=1).recipe).source.group == group
    assert O(2) != D(4)


def test_a_user_s_layer_that_bears_a_name_of_ours_comes_back_as_the_user_s():
    class Pointwise(erlangen.layers.Pointwise):
        """Another one of that name."""

    space = Space(Grid(2), C(4).regular)
    net = Blueprint([Pointwise(space), erlangen.layers.Pointwise(space)])
    first, second = build(json.loads(json.dumps(net.recipe)))
    assert type(first) is Pointwise
    assert type(second) is erlangen.layers.Pointwise
    assert "Layer," not in str(refusal_of({**net.recipe, "layers": [{"layer": "Lattice", "target": 0}]}))


def refusal_of(recipe: dict) -> RecipeError:
    with pytest.raises(RecipeError) as refused:
        build(recipe)
    return refused.value


def test_a_plain_network_of_a_run_is_refused_with_the_way_to_load_it(tmp_path):
    from safetensors.torch import save as pack

    (tmp_path / "plain").write_bytes(pack({"weight": torch.zeros(2)}, metadata={"plain": "{}"}))
    with pytest.raises(RecipeError, match=r"er\.train\.load_network"):
        load(tmp_path / "plain")


def test_a_network_on_a_domain_of_the_user_s_is_not_saved_as_what_cannot_be_read(tmp_path):
    @dataclass(frozen=True)
    class Grid(er.Grid):
        """As ours, but for what it adds; it even bears the name."""

        angles: int = 4

    net = er.derive(er.Task(Grid(2, angles=3), er.C(4), 1, er.Invariant(2)), width=8, depth=1, scales=1)
    with pytest.raises(RecipeError, match="of the class tests"):
        er.save(net, tmp_path / "net.safetensors")
    assert not any(tmp_path.iterdir())


def test_a_network_that_has_no_recipe_is_audited_all_the_same():
    @dataclass(frozen=True, repr=False)
    class Twice(er.Representation):
        dim = 2
        name = "twice"

        def _matrix(self, g):
            return g.matrix

    group = er.D(4)
    task = er.Task(er.Grid(2), group, Twice(group), er.Invariant(2))
    net = er.derive(task, width=8, depth=1, scales=1).eval()
    assert er.audit(net, er.Grid(2), group, torch.randn(16, 2, 5, 5)).passed
