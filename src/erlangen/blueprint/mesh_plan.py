"""What may be chosen of a network on surfaces, and a task with every choice made."""

from dataclasses import dataclass
from typing import Any

from erlangen.blueprint.choosing import check_one_of, chosen
from erlangen.domains import Mesh
from erlangen.errors import TaskError
from erlangen.given import flag, number, whole
from erlangen.groups import SO, C, Group
from erlangen.representations import Representation, direct_sum
from erlangen.signal import Space
from erlangen.task import Equivariant, Task

DIFFUSION, GAUGE = "diffusion", "gauge"
WIDTH, DEPTH = 64, 4
POOLS = ("mean", "max", "mean+max")


@dataclass(frozen=True)
class MeshChoices:
    """What a user may choose on surfaces besides width and depth."""

    layer: str | None = None
    hidden: int | None = None
    dropout: float = 0.0
    slopes: bool = True
    fields: Representation | None = None
    order: int = 2
    rings: int = 2
    function: str = "silu"
    nonlinearity: str = "gate"
    normalize: bool = True
    residual: bool = True
    pool: str = "mean"

    def __post_init__(self) -> None:
        check_one_of("layer", self.layer, (None, DIFFUSION, GAUGE))
        check_one_of("nonlinearity", self.nonlinearity, ("gate", "norm", "fourier"))
        check_one_of("pool", self.pool, POOLS)
        for name in ("slopes", "normalize", "residual"):
            flag(name, getattr(self, name), TaskError)
        number("dropout", self.dropout, TaskError, below=1.0, mend="A share, such as 0.5.")
        if self.hidden is not None:
            whole("hidden", self.hidden, TaskError, mend="Units of the network at each vertex, such as 64.")
        whole("order", self.order, TaskError, mend="Of the hidden fields: 1 for vectors, 2 beside them.")
        whole("rings", self.rings, TaskError, mend="How many distances a kernel tells apart, such as 2.")


OF_DIFFUSION, OF_GAUGE = ("hidden", "dropout", "slopes"), ("fields", "order", "rings", "nonlinearity", "function")


@dataclass(frozen=True)
class MeshPlan:
    """A task with every choice made: which layers, and the hidden space."""

    task: Task
    layer: str
    hidden: tuple[Space, ...]  # from fine to coarse
    depth: int
    choices: MeshChoices

    @property
    def handed(self) -> bool:
        """Whether left is told from right."""
        return isinstance(self.task.symmetry, SO | C)


def make_mesh_plan(task: Task, width: Any, depth: int | None, scales: int | None, given: dict[str, Any]) -> MeshPlan:
    """Every choice made, or a TaskError for those that do not go together."""
    choices, domain = chosen(MeshChoices, given), task.domain
    assert isinstance(domain, Mesh)
    if not isinstance(width, int | None):
        raise TaskError(f"width={width!r} on {domain!r}", "one width", "All scales have as many channels.")
    layer = choices.layer or _usual(task, given)
    for name in OF_GAUGE if layer == DIFFUSION else OF_DIFFUSION:
        if name in given:
            raise TaskError(f"{name}={given[name]!r} with layer={layer!r}", f"no {name}", "Take the other layer.")
    if layer == DIFFUSION and not domain.eigenfunctions:
        raise TaskError(f"layer={layer!r} on {domain!r}", "a mesh with eigenfunctions", f'Or layer="{GAUGE}".')
    channels = whole("width", WIDTH if width is None else width, TaskError)
    group = task.symmetry
    rho = channels * group.trivial if layer == DIFFUSION else _fields(group, channels, choices)
    meshes = [domain]
    while len(meshes) < whole("scales", 1 if scales is None else scales, TaskError):
        meshes.append(meshes[-1].coarser)
    depth = whole("depth", DEPTH if depth is None else depth, TaskError)
    return MeshPlan(task, layer, tuple(Space(mesh, rho) for mesh in meshes), depth, choices)


def _usual(task: Task, given: dict[str, Any]) -> str:
    """Diffusion, where scalars are asked for and there are eigenfunctions; kernels where fields are, or are chosen."""
    domain = task.domain
    assert isinstance(domain, Mesh)
    asked = isinstance(task.output, Equivariant) and (task.output.ambient or not task.target.rho.is_trivial)
    asked = asked or task.symmetry.order is not None  # frames are known, and heat would not hear of it
    return GAUGE if asked or not domain.eigenfunctions or any(name in given for name in OF_GAUGE) else DIFFUSION


def _fields(group: Group, width: int, choices: MeshChoices) -> Representation:
    """Half of the width scalars, the rest in equal parts fields of orders up to the highest; of finite groups functions
    on them; or those asked for."""
    if choices.fields is None and group.order is not None:
        return max(1, round(width / group.order)) * group.regular
    if choices.fields is None:
        each = max(1, width // (4 * choices.order))
        others = [(_irrep(group, k), each) for k in range(1, choices.order + 1)]
        return direct_sum((group.trivial, max(1, width - 2 * each * choices.order)), *others)
    if not isinstance(choices.fields, Representation) or choices.fields.group != group:
        raise TaskError(f"fields={choices.fields!r}", f"a representation of {group!r}", "Leave fields out.")
    copies = max(1, round(width / choices.fields.dim))
    return direct_sum(*((field, times * copies) for field, times in choices.fields.fields))


def _irrep(group: Group, order: int) -> Representation:
    return group.irrep(order) if isinstance(group, SO) else group.irrep(1, order)
