"""`er.audit`: does this model keep this symmetry, on these inputs, and if not, where and why?"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from erlangen.auditing.directly import report_in_time, report_on_packed
from erlangen.auditing.given import check, is_packed
from erlangen.auditing.motion import Asked
from erlangen.auditing.on_sites import report_on_sites
from erlangen.auditing.plan import Options
from erlangen.auditing.report import AuditReport
from erlangen.auditing.witness import Select, in_eval, warn
from erlangen.domains import Domain
from erlangen.groups import Group, Relabelling, TimeWarp, Translations
from erlangen.representations import Representation

REFUTED_UP_TO = 1 << 14  # numbers of an input up to which what is broken is also refuted, to name the operation


def audit(
    model: Callable[..., Any],
    domain: Domain,
    symmetry: Group | Translations | Relabelling | TimeWarp,
    inputs: Any,
    output: Asked | None = None,
    *,
    elements: Iterable[Any] | None = None,
    shifts: Iterable[Any] | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
    max_elements: int = 64,
    stride: int | Sequence[int] | None = None,
    input: int | Representation | None = None,
    tolerance: float | None = None,
    select: Select = None,
    batch_size: int = 64,
    stability: bool = False,
    proof: bool = True,
    infinitesimal: bool = False,
    search: int = 0,
    beside: Iterable[Any] = (),
    progress: Callable[[int, int], None] | None = None,
    name: str | None = None,
) -> AuditReport:
    """f(g·x) = g·f(x)? For each g the error √(mean ‖f(g·x) − g·f(x)‖² / (Var f(g·x) + Var g·f(x))); 1 is unrelated.

    Shapes: `inputs` `[n, channel, …]`, n ≥ 2 and better 16, a tensor or an array; the model answers `[n, …]`. Scenes
    too, as `er.testing.scene(domain).at(32)`: turns between the sites and shifts by fractions of one move the scene,
    which is sampled then, so that no interpolation hides a break (a dense answer is still interpolated). On sets and
    graphs `inputs` is a list of them, each with `x`, `edge_index` and what else there is; the model takes a batch with
    `x`, `edge_index`, `batch`, `ptr`, or these as arguments, and answers a row a graph or a row a point; `symmetry` is
    `er.Relabelling()`, or a group and `input`, how it moves the features. `er.TimeWarp()` on `er.Sequence()` asks
    a model that takes `dt` about steps split and blanks put in, one that has `warped(factor)` about its network for
    slower signals.

    `output` says how the answer moves (left out: as the model's task says, else not at all), `input` how the input's
    channels move (left out: as the task or the domain says, else not at all). `elements` names the elements to try;
    otherwise all of a finite group of up to `max_elements`. Translations are reported in rows of their own: circular
    rolls by 1 and by the total stride, or by `shifts`: numbers of sites, fractions of one by Fourier's formula, or
    `er.auditing.Shift(by, law)` where zeros or other content enter. They are judged if `er.Translations()` is asked.
    `select` picks the answer from a tuple or dictionary. `tolerance` lets an approximate symmetry of that error pass.
    `name` is what the report calls the model. Where the answer moves by a representation of another group than the one
    asked about, their common subgroup is judged, the report says so, and does not pass. `stability=True` measures, too,
    how the answers change under small smooth deformations of the inputs, in 16 more passes over these, and on graphs
    where edges are rewired, in 6; the verdict does not count it. What is exact on these inputs is then proved for all
    of them where that can be done, by a computation in a finite field (`auditing.proof`); what is broken is refuted by
    it, to name the operation, on inputs of up to 16,384 numbers. `proof=False` leaves both out. `infinitesimal=True`
    measures, too, how fast translations, and the turns of a continuous group, break as they begin, in two more passes
    for each generator; the verdict does not count it. `search` is how many more passes are spent on finding the worst
    element of a continuous group, from the worst of those drawn on; it is judged in a row of its own. `beside` names
    changes that are no motions, as those of `er.symmetrize.illumination` and `perspective`, each in a row that the
    verdict does not count.

    The model is audited in eval mode and given back in its own. Raises InputError for inputs or answers that are not
    finite or do not fit, DomainError for a group that does not act on the domain.

    >>> import torch, erlangen as er
    >>> x = torch.randn(16, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    >>> report = er.audit(lambda x: x.amax((2, 3)), er.Grid(2), er.D(4), x)
    >>> report.verdict, report.passed, report.error
    ('proved', True, 0.0)
    """
    check(model, domain, symmetry, name)
    options = Options(
        elements,
        shifts,
        bootstrap,
        seed,
        max_elements,
        stride,
        input,
        tolerance,
        select,
        batch_size,
        stability,
        proof,
        infinitesimal,
        search,
        beside,
    )
    warnings: list[str] = []
    report: Callable[..., AuditReport]
    if is_packed(domain):
        report = report_on_packed
    elif symmetry == TimeWarp():
        report = report_in_time
    else:
        report = partial(report_on_sites, progress=progress)
    with in_eval(model) as was_training:
        if was_training:
            warn(warnings, "The model was in training mode; it was audited in eval mode and put back.")
        return report(model, domain, symmetry, inputs, output, options, name, warnings)
