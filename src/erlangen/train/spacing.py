"""Voxels are what the data say they are: a task on longer ones has to say so, since their symmetry is smaller."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from erlangen.domains import Domain, Lattice
from erlangen.errors import ConfigError

SAME = 1e-3  # relative difference of two spacings, up to which they are the same


def check_spacing(domain: Domain, spacing: Sequence[float] | None, data: str, key: str) -> None:
    """Refuse a domain whose steps are not in the proportions that the data declare; a common unit does not matter.

    >>> from erlangen.domains import Grid
    >>> check_spacing(Grid(3), (2.0, 2.0, 2.0), "heads", "task.domain")
    >>> check_spacing(Grid(3), (1.0, 1.0, 5.0), "heads", "task.domain")
    Traceback (most recent call last):
    erlangen.errors.ConfigError: ... Set task.domain = "Grid(3, spacing=(1.0, 1.0, 5.0))".
    """
    if spacing is None or not isinstance(domain, Lattice) or len(spacing) != domain.dim:
        return
    said, found = (np.asarray(lengths) / lengths[0] for lengths in (domain.spacing or (1.0,) * domain.dim, spacing))
    if np.allclose(said, found, rtol=SAME):
        return
    lengths = " × ".join(f"{length:g}" for length in spacing)
    mend = f'Set {key} = "{replace(domain, spacing=tuple(spacing))!r}".'
    raise ConfigError(
        f"{domain!r} for {data}, whose voxels are {lengths}", "a domain with the spacing of the data", mend
    )
