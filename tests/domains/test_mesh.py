"""Meshes as users hold them: types of numbers, batches, what is refused in words, and of which surface."""

import numpy as np
import pytest
import torch

import erlangen as er
from erlangen.domains.surface import Surface
from erlangen.errors import InputError
from tests.meshes import copies, data, potato, sheet

CORNER = {"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])}


def read(given: object, **choices: object) -> tuple[torch.Tensor, Surface]:
    return er.Mesh(eigenfunctions=6, **choices).read(given)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("dtype", [torch.int32, torch.int64, torch.int16, torch.uint8])
def test_faces_in_every_kind_of_whole_number(dtype: torch.dtype):
    given = data(potato(1))
    x, surface = read({**given, "face": given["face"].to(dtype)})
    y, expected = read(given)
    assert torch.equal(x, y) and torch.equal(surface.face, expected.face) and surface.face.dtype == torch.int64


def test_positions_in_single_precision_and_other_units():
    given = data(potato(2))
    x, _ = read(given)
    for unit in (1e-6, 1.0, 1e6):
        y, surface = read({"pos": (unit * given["pos"]).float(), "face": given["face"]})
        assert y.dtype == surface.offset.dtype == torch.float32
        assert (y - x).abs().max() < 1e-4 * x.abs().max()


@pytest.mark.parametrize(
    ("face", "said"),
    [
        (torch.tensor([[0], [1], [3]]), "faces with vertices 0 … 3; expected 0 … 2"),
        (torch.tensor([[0], [1], [-1]]), "faces with vertices -1 … 1"),
        (torch.tensor([[0.0], [1.0], [2.0]]), "float32"),
        (torch.tensor([[True], [False], [True]]), "bool"),
        (torch.zeros(3, 0, dtype=torch.int64), "faces of shape (0, 3)"),
        (torch.zeros(4, 5, dtype=torch.int64), "a tensor (4, 5)"),
        (None, "face=None"),
    ],
)
def test_faces_that_are_none_are_refused(face: torch.Tensor | None, said: str):
    with pytest.raises(InputError) as refused:
        read({"pos": torch.eye(3), "face": face})
    assert said in str(refused.value)


def test_what_is_refused_says_of_which_surface():
    points, faces = copies(potato(1), 2)
    points[50] = np.nan
    batch = torch.arange(2).repeat_interleave(42)
    with pytest.raises(InputError, match="in surface 1 of 2 vertex 8 not finite"):
        read({**data((points, faces)), "batch": batch})
    with pytest.raises(InputError, match="Given vertex 50 not finite"):
        read(data((points, faces)))


def test_fewer_vertices_than_eigenfunctions():
    x, surface = er.Mesh().read(CORNER)
    assert surface.functions.shape == (3, 3) and x.shape == (3, 16) and x.isfinite().all()
    both = {
        "pos": torch.cat([CORNER["pos"], torch.as_tensor(potato(1)[0]).float()]),
        "face": torch.cat([CORNER["face"], torch.as_tensor(potato(1)[1].T) + 3], dim=1),
        "batch": torch.tensor([0] * 3 + [1] * 42),
    }
    x, surface = er.Mesh().read(both)
    assert surface.functions.shape == (45, 42) and surface.functions[:3, 3:].abs().max() == 0
    assert torch.allclose(x[:3], er.Mesh().read(CORNER)[0], atol=1e-5)


@pytest.mark.parametrize("features", ["heat", "wave"])
def test_signatures_of_a_batch_are_those_of_its_surfaces(features: str):
    parts = [potato(2), sheet(), potato(1)]
    alone = [read(data(part), features=features)[0] for part in parts]
    starts = np.cumsum([0, *(len(points) for points, _ in parts)])
    joined = (
        np.concatenate([points for points, _ in parts]),
        np.concatenate([faces + start for (_, faces), start in zip(parts, starts, strict=False)]),
    )
    batch = torch.repeat_interleave(torch.arange(3), torch.as_tensor(np.diff(starts)))
    x, surface = read({**data(joined), "batch": batch}, features=features)
    assert (x - torch.cat(alone)).abs().max() < 1e-12
    assert surface.edges is surface.beside


def test_what_is_read_may_be_changed():
    """The cache is no part of what users hold."""
    x, surface = read(data(potato(1)))
    for part in (surface.mass, surface.functions, surface.frames, surface.offset):
        part.zero_()
    again, fresh = read(data(potato(1)))
    assert torch.equal(again, x) and fresh.mass.min() > 0 and fresh.functions.abs().max() > 0
