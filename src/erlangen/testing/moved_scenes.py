"""An audit at any angle, shift or scale without an interpolation floor: the scene is moved, not its picture."""

from collections.abc import Callable
from typing import Any

from erlangen.auditing import Numbers, compare
from erlangen.auditing.given import choose_output
from erlangen.auditing.motion import Turn, is_dense
from erlangen.auditing.witness import Select, Witness, in_eval
from erlangen.errors import InputError
from erlangen.given import instance
from erlangen.groups import Element
from erlangen.task import Equivariant, Invariant
from erlangen.testing.scenes import Scene


def scene_error(
    model: Callable[..., Any],
    scene: Scene,
    motion: Element | Scene,
    size: Any,
    output: Invariant | Equivariant | None = None,
    *,
    select: Select = None,
    bootstrap: int = 1000,
    seed: int = 0,
) -> Numbers:
    """√(mean ‖f(S g·s) − g·f(S s)‖² / (Var f(S g·s) + Var g·f(S s))), S the sampling: 0 is exact, 1 is unrelated.

    `motion` is an element of a group that moves the domain's space, or the scene as moved otherwise (`s.shifted(v)`,
    `s.scaled(2)`), which the answer must not follow. What is left of a model that keeps the motion of functions is
    what sampling does to it. A dense answer is compared where g maps sites to sites; elsewhere that would interpolate
    the answer, and an InputError says so.

    >>> import erlangen as er
    >>> s = er.testing.scene(er.Grid(2))
    >>> total = lambda x: x.mean((2, 3))
    >>> er.testing.scene_error(total, s, er.SO(2).element(0.3), 32).error < 0.01
    True
    >>> er.testing.scene_error(total, s, s.scaled(2.0), 32).error > 1.0
    True
    """
    instance("scene", scene, Scene, InputError, "Make one with er.testing.scene(domain).")
    instance("motion", motion, Element | Scene, InputError, "For example er.SO(2).element(0.3), or s.shifted(…).")  # pyright: ignore[reportArgumentType]
    witness = Witness(model, select, seed=seed)
    with in_eval(model):
        y = witness(scene(size, dtype=witness.dtype))
        chosen = choose_output(model, y, scene.domain, output, [])
        if isinstance(motion, Scene):
            if not isinstance(chosen, Invariant):
                raise InputError(
                    f"a scene moved without an element, for output={chosen!r}",
                    "an answer that stays put",
                    "Pass the element of a group by which the answer moves along.",
                )
            return compare(witness(motion(size, dtype=witness.dtype)), y, bootstrap, seed)
        turn = Turn(motion, scene.domain, None, chosen)
        if is_dense(chosen) and not turn.exact:
            raise InputError(
                f"dense answers under {motion!r}, which does not map {scene.domain!r} to itself",
                "answers of the whole, or an element that does",
                "Pool the answer: er.Equivariant(…, pooled=True) or er.Invariant(n).",
            )
        moved = witness(scene.moved(motion)(size, dtype=witness.dtype))
        moves = isinstance(chosen, Equivariant) and not isinstance(chosen.n_or_representation, int)
        return compare(turn.read(moved), turn.answer(y), bootstrap, seed, not moves)
