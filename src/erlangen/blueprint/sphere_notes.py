"""Why a network on the sphere was put together as it was, in sentences."""

from erlangen.blueprint.sphere_fields import is_read_off
from erlangen.blueprint.sphere_plan import LOCAL, SpherePlan
from erlangen.layers._harmonic import sphere_of
from erlangen.layers.nonlinearity.sphere import ALIASED
from erlangen.task import Invariant


def notes(plan: SpherePlan) -> tuple[str, ...]:
    """What was chosen, one sentence or two each."""
    widths = "; ".join(str(space.rho).removesuffix(f" of {plan.task.symmetry.label}") for space in plan.hidden)
    several = len(plan.hidden) > 1
    said = [f"Channels{' from fine to coarse' * several}: {widths}."]
    return (*said, *(_at_vertices(plan) if plan.at_vertices else _by_coefficients(plan)), _answer(plan))


def _by_coefficients(plan: SpherePlan) -> list[str]:
    bands, several = [sphere_of(space).degrees for space in plan.hidden], len(plan.hidden) > 1
    choices, s = plan.choices, "s" if plan.depth > 1 else ""
    return [
        f"Degrees: up to {', '.join(map(str, bands))}{', cut sharply from scale to scale' * several}. What the input "
        f"has beyond {plan.band} is not seen.",
        f"{plan.depth} convolution{s} a scale: exact. {_about_mixing(plan)}",
        f"{choices.function} at the points of a grid {choices.oversample:g} times finer, cut back to the degrees there "
        f"were: approximate, since a function of harmonics has degrees without end. {ALIASED} er.audit measures how "
        "nearly this network does.",
    ]


def _about_mixing(plan: SpherePlan) -> str:
    if plan.choices.layer == LOCAL:
        return f"{_rings(plan)} whose number does not depend on the resolution; computed by the coefficients."
    if not plan.zonal:
        return "Each is a matrix over channels for every irrep in the harmonics."
    far = f", no more than {plan.reach} apart" if plan.reach is not None and plan.reach < plan.band else ""
    return f"Each order has a matrix over channels and degrees{far}: filters that change with the latitude."


def _rings(plan: SpherePlan) -> str:
    s = "s" if plan.rings > 1 else ""
    return f"Each is local: weights for the point itself and for {plan.rings} ring{s} around it,"


def _at_vertices(plan: SpherePlan) -> list[str]:
    counts = [f"{space.domain.size(0)[0]:,}" for space in plan.hidden]
    s = "s" if plan.depth > 1 else ""
    return [
        f"Vertices: {', '.join(counts)}{', twice as far from each other at each scale' * (len(counts) > 1)}.",
        f"{plan.depth} convolution{s} a scale. {_rings(plan)} summed over neighbouring vertices.",
        "All of it is exact for the isometries of the icosahedron, which exchange vertices; for other rotations as "
        "nearly as signals are smooth between vertices. A convolution of white signals of all degrees that the "
        "vertices hold commutes with random rotations to 4 %, of half the degrees to 1.4 %, of degrees up to 3 to "
        "0.04 % at 2,562 vertices. er.audit measures how nearly this network does.",
    ]


def _answer(plan: SpherePlan) -> str:
    if isinstance(plan.task.output, Invariant):
        return "The invariant layer comes last: the mean over the sphere."
    if plan.task.target.domain.axes:
        where = "many vertices keep where and few" if plan.at_vertices else "high degrees keep where and low ones"
        return f"An answer at every point: a U of skips, so that {where} say what."
    if is_read_off(plan.task):
        return "One answer that moves with the signal: read off the degrees that can tell it, exact."
    return "One answer for the whole signal: the mean over the sphere."
