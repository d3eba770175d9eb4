"""Searches as operations of torch: what they tell of themselves is true."""

import pytest
import torch
from torch import Tensor

from erlangen.domains.farthest import farthest
from erlangen.domains.packed import Members, members_of

SIZES = {"several": (5, 1, 8), "one point": (1,), "two far apart": (2,), "all in one place": (4, 3)}


def cloud_of(which: str) -> tuple[Tensor, Members]:
    sizes = torch.tensor(SIZES[which])
    position = torch.randn(int(sizes.sum()), 3, generator=torch.Generator().manual_seed(0))
    position = position * {"two far apart": 9.0, "all in one place": 0.0}.get(which, 1.0)
    return position, members_of(len(position), torch.arange(len(sizes)).repeat_interleave(sizes), None, position)


@pytest.mark.parametrize("which", SIZES)
def test_they_are_operations_as_torch_has_them(which: str) -> None:
    """Schema, imagined shapes and the way through AOT, by torch's own check."""
    (position, members), known = cloud_of(which), torch.ops.erlangen
    given = position, *members[:2]
    sample = farthest(position, members, 0.5)
    for operation, more in (
        (known.farthest, (0.5,)),
        (known.nearest, (sample.kept, *sample.members[:2], 2)),
        (known.joined, (1.5, None)),
        (known.joined, (None, 2)),
        (known.joined, (None, None)),
    ):
        found = torch.library.opcheck(operation.default, (*given, *more))
        assert set(found.values()) == {"SUCCESS"} and len(found) > 3
