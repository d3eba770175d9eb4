"""From a task on surfaces to its layers: heat that spreads along them, or kernels in their tangent planes."""

from typing import Any

from erlangen import layers as L
from erlangen.blueprint.mesh_plan import DIFFUSION, MeshPlan, make_mesh_plan
from erlangen.domains import Mesh
from erlangen.domains.surfaces.operators import TUFTED
from erlangen.errors import TaskError
from erlangen.layers import Layer
from erlangen.signal import Space
from erlangen.task import Equivariant, Invariant, Task


def layers_on_meshes(
    task: Task, width: Any, depth: int | None, scales: int | None, given: dict[str, Any]
) -> tuple[list[Layer], tuple[str, ...]]:
    """The layers of a task on surfaces, and why they were chosen."""
    plan = make_mesh_plan(task, width, depth, scales, given)
    first = _first(plan)
    source = first[-1].target if first else task.source
    if isinstance(task.target.domain, Mesh):
        made = [*first, *_down_and_up(plan, source, 0)]
        made += _at_vertices(plan, made[-1].target)
    else:
        made = [*first, *_down(plan, source)]
        made += _whole(plan, made[-1].target)
    return made, _notes(plan)


# ---- scales ----------------------------------------------------------------------------------------------------------
def _first(plan: MeshPlan) -> list[Layer]:
    """The input normalised, and for diffusion scalars made of it."""
    source, hidden = plan.task.source, plan.hidden[0]
    made: list[Layer] = [L.normalize(source)] if plan.choices.normalize else []
    if plan.layer == DIFFUSION:
        made.append(_by_itself(source, hidden) if source.rho.is_trivial else L.MeshConv(source, hidden, 2))
    return made


def _down(plan: MeshPlan, source: Space) -> list[Layer]:
    made = _blocks(plan, source, 0)
    for scale in range(1, len(plan.hidden)):
        made.append(L.MeshPool(made[-1].target))
        made += _blocks(plan, made[-1].target, scale)
    return made


def _down_and_up(plan: MeshPlan, source: Space, scale: int) -> list[Layer]:
    """Down to the coarsest scale and back, each joined with what the coarser ones make of it."""
    made = _blocks(plan, source, scale)
    if scale + 1 < len(plan.hidden):
        pool = L.MeshPool(made[-1].target)
        made.append(L.skip([pool, *_down_and_up(plan, pool.target, scale + 1)]))
        made += _blocks(plan, made[-1].target, scale)
    return made


# ---- the layers ------------------------------------------------------------------------------------------------------
def _blocks(plan: MeshPlan, source: Space, scale: int) -> list[Layer]:
    hidden, choices = plan.hidden[scale], plan.choices
    if plan.layer == DIFFUSION:
        block = {"hidden": choices.hidden, "dropout": choices.dropout, "slopes": choices.slopes}
        return [L.DiffusionBlock(source if i == 0 else hidden, hidden, **block) for i in range(plan.depth)]
    return [_gauge_block(plan, source if i == 0 else hidden, hidden) for i in range(plan.depth)]


def _gauge_block(plan: MeshPlan, source: Space, hidden: Space) -> Layer:
    """A convolution, normalised, with a nonlinearity that no choice of frames touches; added to what came in."""
    choices, scalars = plan.choices, hidden.rho.is_permutation
    active = L.nonlinearity(hidden, "pointwise" if scalars else choices.nonlinearity, choices.function)
    block: list[Layer] = [L.MeshConv(source, active.source, choices.rings)]
    block += [L.normalize(active.source)] if choices.normalize else []
    block.append(active)
    return L.skip(block, join="add") if choices.residual and source == hidden else L.Chain(block)


def _by_itself(source: Space, target: Space) -> Layer:
    """Linear at each vertex."""
    return L.SetLinear(source, target, relations=("itself",))


def _at_vertices(plan: MeshPlan, source: Space) -> list[Layer]:
    task = plan.task
    ambient = isinstance(task.output, Equivariant) and task.output.ambient
    wanted = Space(source.domain, task.output.within) if ambient else task.target  # type: ignore[union-attr]
    linear = plan.layer == DIFFUSION or (source.rho.is_trivial and wanted.rho.is_trivial)
    last = _by_itself(source, wanted) if linear else L.MeshConv(source, wanted, plan.choices.rings)
    return [last, L.AmbientVectors(wanted)] if ambient else [last]


def _whole(plan: MeshPlan, source: Space) -> list[Layer]:
    """One answer for each surface: the mean by area."""
    task = plan.task
    if not isinstance(task.output, Invariant) and not task.target.rho.is_trivial:
        mend = "Frames at different points have nothing in common; ask for invariants, or for answers at each vertex."
        raise TaskError(f"{task.output!r} on {task.domain!r}", "one answer that is invariant", mend)
    made: list[Layer] = []
    if not source.rho.is_trivial:
        made.append(L.FibrePool(source, "mean"))
        source = made[-1].target
    made.append(L.PackedPool(source, plan.choices.pool))
    return [*made, L.linear(made[-1].target, task.target)]


# ---- why -------------------------------------------------------------------------------------------------------------
def _notes(plan: MeshPlan) -> tuple[str, ...]:
    domain, task = plan.task.domain, plan.task
    assert isinstance(domain, Mesh)
    said = [f"Channels: {str(plan.hidden[0].rho).removesuffix(f' of {task.symmetry.label}')}."]
    said.append(_of_diffusion(plan, domain) if plan.layer == DIFFUSION else _of_kernels(plan, domain))
    if len(plan.hidden) > 1:
        said.append(
            f"{len(plan.hidden)} scales: about a quarter of the vertices stays each time, as far apart as can be."
        )
    said.append(_of_bending(plan, domain))
    if isinstance(task.output, Invariant):
        said.append("The invariant layer comes last: the mean by area.")
    return tuple(said)


def _of_diffusion(plan: MeshPlan, domain: Mesh) -> str:
    told = (
        f"{plan.depth} blocks: each channel spreads like heat for a time that is learnt, by {domain.eigenfunctions} "
        "vibrations of the surface; then a network at each vertex."
    )
    if not plan.choices.slopes:
        return told
    sides = ", and turned by a quarter: left is told from right." if plan.handed else ", alike in a mirror."
    return f"{told} Slopes of what has spread are compared{sides}"


def _of_kernels(plan: MeshPlan, domain: Mesh) -> str:
    near = "next to each vertex" if domain.radius is None else f"within {domain.radius:g} √area"
    exact = "Exact for every choice of frames."
    if plan.choices.nonlinearity == "fourier" and not plan.hidden[0].rho.is_permutation:
        exact = "Functions of fields are sampled around the circle: the choice of frames counts a little."
    frames = ""
    if plan.task.symmetry.order is not None:
        frames = f" Frames are given, as `direction` at each vertex, and known but for {plan.task.symmetry.label}."
    return (
        f"{plan.depth} convolutions with one kernel in every tangent plane, over vertices {near}; fields are carried "
        f"along the surface. {exact}{frames}"
    )


def _of_bending(plan: MeshPlan, domain: Mesh) -> str:
    if not domain.intrinsic:
        return "It is told how the surface lies in space, but for turns and shifts of the whole: bending changes it."
    if domain.laplacian == TUFTED:
        return (
            "Orders, and turns, shifts and mirrors of the whole, change nothing. Nor does bending where faces make a "
            "surface; where they make none, or there are points alone, planes are found in space, and it changes a "
            "little."
        )
    alike = "All of it is measured along the surface: the same for every surface that it can be bent into."
    sides = "" if plan.handed else " Left and right of a body that is its own mirror image it cannot tell apart."
    return alike + sides
