"""Whether values stand in the frame of the positions: found from the data, for vectors and tensors."""

import pytest
import torch

from erlangen.auditing import shared_frame
from erlangen.errors import InputError

DRAW = torch.Generator().manual_seed(0)
N, POINTS = 120, 5


def made(dim: int = 3) -> tuple[dict, torch.Tensor, torch.Tensor]:
    """Clouds of charges, their dipoles, and their quadrupoles with a trace."""
    pos = torch.randn(N, POINTS, dim, generator=DRAW)
    q = torch.randn(N, POINTS, 1, generator=DRAW)
    q = q - q.mean(1, keepdim=True)
    data = {"pos": pos.flatten(0, 1), "x": q.flatten(0, 1), "batch": torch.arange(N).repeat_interleave(POINTS)}
    centred = pos - pos.mean(1, keepdim=True)
    quadrupoles = torch.einsum("npq,npi,npj->nij", q.abs(), centred, centred) + 5 * torch.eye(dim)
    return data, (q * pos).sum(1), quadrupoles


def turned(values: torch.Tensor) -> torch.Tensor:
    d = values.shape[-1]
    turns = torch.linalg.qr(torch.randn(N, d, d, generator=DRAW)).Q
    return (turns @ values[:, :, None])[:, :, 0] if values.dim() == 2 else turns @ values @ turns.mT


@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("which", [1, 2], ids=["vectors", "tensors"])
def test_values_in_the_frame_and_in_frames_of_their_own_are_told_apart(dim: int, which: int) -> None:
    data, *both = made(dim)
    values = both[which - 1]
    same, other = shared_frame(data, values), shared_frame(data, turned(values))
    assert same.verdict == "one frame" and same.explained > 0.5 > same.by_chance
    assert other.verdict == "frames differ" and other.explained < 0.1
    assert other.invariants == pytest.approx(same.invariants, abs=1e-4) and other.invariants > 0.3
    assert str(other).startswith("frames differ: ") and str(same).startswith("one frame: ")


def test_a_common_turn_of_clouds_and_values_changes_nothing() -> None:
    data, dipoles, _ = made()
    turn = torch.linalg.qr(torch.randn(3, 3, generator=DRAW)).Q
    moved = shared_frame({**data, "pos": data["pos"] @ turn.T + 3.0}, dipoles @ turn.T)
    assert moved.explained == pytest.approx(shared_frame(data, dipoles).explained, abs=1e-4)


def test_what_is_not_known_of_lengths_is_not_resolved() -> None:
    data, dipoles, _ = made()
    assert shared_frame(data, torch.randn(dipoles.shape, generator=DRAW)).verdict == "not resolved"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (torch.zeros(N), "vectors"),
        (torch.zeros(N, 4), "vectors"),
        (torch.zeros(N, 3, 2), "vectors"),
        (torch.zeros(7, 3), "7 values"),
    ],
)
def test_other_shapes_are_refused(values: torch.Tensor, said: str) -> None:
    with pytest.raises(InputError, match=said):
        shared_frame(made()[0], values)
