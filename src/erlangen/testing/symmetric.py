"""The library's tests for a user's own models: `er.testing.assert_symmetric` in a test file keeps a symmetry kept."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.auditing import AuditReport, audit
from erlangen.auditing.replay import with_inputs
from erlangen.domains import Domain, Finite
from erlangen.errors import InputError
from erlangen.groups import Group, Relabelling, Translations
from erlangen.task import Equivariant, Invariant

INPUTS = 16


def assert_symmetric(
    model: Callable[..., Any],
    domain: Domain,
    symmetry: Group | Translations | Relabelling,
    inputs: Any = None,
    output: Invariant | Equivariant | None = None,
    tolerance: float | None = None,
    *,
    seed: int = 0,
    **options: Any,
) -> AuditReport:
    """f(g·x) = g·f(x) for every g tried, else an AssertionError with the audit's report.

    Passes where the audit passes: proved or exact, or approximate within `tolerance`. Without `inputs` 16 random ones
    of an odd size and 16 of an even one are tried; `options` are those of `er.audit`, of which `proof=True` asks for a
    proof, too. Returns the last report.

    >>> import torch, erlangen as er
    >>> er.testing.assert_symmetric(lambda x: x.mean((2, 3)), er.Grid(2), er.D(4)).verdict
    'exact'
    """
    reports = []
    for report in audits(model, domain, symmetry, inputs, output, tolerance, seed=seed, **options):
        reports.append(report)
        if not report.passed:
            raise AssertionError(f"\n{report}")
    return reports[-1]


def audits(
    model: Callable[..., Any],
    domain: Domain,
    symmetry: Group | Translations | Relabelling,
    inputs: Any = None,
    output: Invariant | Equivariant | None = None,
    tolerance: float | None = None,
    *,
    seed: int = 0,
    **options: Any,
) -> Iterator[AuditReport]:
    """The audits that `assert_symmetric` rests on, one after the other."""
    batches = random_inputs(model, domain, seed) if inputs is None else [inputs]
    asked = {"proof": False, **options}
    for i, batch in enumerate(batches):
        report = audit(model, domain, symmetry, batch, output, tolerance=tolerance, seed=seed, **asked)
        made = f"er.testing.random_inputs(model, {{domain}}, {seed})[{i}]"
        yield report if inputs is not None else with_inputs(report, made)


def random_inputs(model: Any, domain: Domain, seed: int) -> list[Tensor]:
    """Normal noise `[16, channels, …]` of an odd and of an even size, at least the model's smallest one.

    >>> import torch, erlangen as er
    >>> [x.shape for x in er.testing.random_inputs(torch.nn.Flatten(), er.Grid(2), seed=0)]
    [torch.Size([16, 1, 17, 17]), torch.Size([16, 1, 16, 16])]
    """
    least = getattr(model, "minimum_size", None)
    base = max(16 if domain.axes < 3 else 8, least if isinstance(least, int) else 0)
    generator = torch.Generator().manual_seed(seed)
    found = []
    for size in (base | 1,) if isinstance(domain, Finite) else (base | 1, base + base % 2):
        x = torch.randn(INPUTS, _channels(model), *domain.size(size), generator=generator)
        try:
            domain.check_values(x)
        except InputError:  # hexagons have odd sides only
            continue
        found.append(domain.band_limited(x, getattr(getattr(model, "task", None), "input", None)))
    return found


def _channels(model: Any) -> int:
    rho = getattr(getattr(model, "task", None), "input", None)
    if rho is not None:
        return int(rho.dim)
    modules = model.modules() if isinstance(model, nn.Module) else ()
    return next((n for n in (getattr(m, "in_channels", None) for m in modules) if isinstance(n, int)), 1)
