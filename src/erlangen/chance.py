"""Random numbers from a seed, drawn so that the user's own go on as if nothing was."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def reseed(seed: int) -> None:
    """Start torch's random numbers anew, on all devices there are.

    torch.manual_seed does the same; where there is no accelerator it also writes down the whole stack at each call, for
    each kind that might still come, and never gives that back.

    >>> reseed(1), float(torch.rand(())), torch.initial_seed()
    (None, 0.7576315999031067, 1)
    """
    (torch.manual_seed if torch.accelerator.is_available() else torch.default_generator.manual_seed)(seed)


@contextmanager
def fixed_seed(seed: int) -> Iterator[None]:
    """Within, torch's random numbers are those of this seed; behind it they go on where they were.

    >>> reseed(1)
    >>> with fixed_seed(2):
    ...     _ = torch.rand(5)
    >>> float(torch.rand(()))
    0.7576315999031067
    """
    with torch.random.fork_rng(devices=[]):
        reseed(seed)
        yield
