"""Meshes as users hold them: types of numbers, batches, what is refused in words, and of which surface."""

from types import SimpleNamespace

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


def test_a_speck_beside_a_body_does_not_drown_it():
    (points, _), (_, faces) = potato(2), copies(potato(2), 2)
    alone, _ = er.Mesh(eigenfunctions=19).read(data(potato(2)))
    for size in (1e-2, 1e-4):
        x, _ = er.Mesh(eigenfunctions=20).read(data((np.concatenate([points, size * points + 5]), faces)))
        assert (x[:162] - alone).abs().max() < 0.01 and x.max() < 2


def test_positions_that_need_gradients_are_refused():
    """For they would be wrong: what is measured on a surface is not differentiated."""
    given = data(potato(1))
    with pytest.raises(InputError, match=r"pos that needs gradients.*pos\.detach\(\)"):
        read({**given, "pos": given["pos"].requires_grad_()})
    with torch.no_grad():
        assert read(given)[0].isfinite().all()


def test_arrays_and_scenes_are_meshes_too():
    points, faces = potato(1)
    whole = SimpleNamespace(vertices=points, faces=faces)
    scene = SimpleNamespace(geometry={"a": whole}, to_mesh=lambda: whole)
    expected = read(whole)[0]
    assert torch.equal(read((points, faces))[0], expected) and torch.equal(read(scene)[0], expected)


def of_meshio(**cells: np.ndarray) -> SimpleNamespace:
    held = [SimpleNamespace(type=kind, data=rows) for kind, rows in cells.items()]
    return SimpleNamespace(points=potato(1)[0], cells=held, get_cells_type=cells.get)


def test_faces_with_more_corners_are_not_left_out_in_silence():
    faces = potato(1)[1]
    assert read(of_meshio(triangle=faces, line=faces[:, :2]))[0].shape == (42, 16)
    with pytest.raises(InputError, match="cells of the kind quad; expected triangles"):
        read(of_meshio(triangle=faces, quad=np.array([[0, 1, 2, 3]])))
    with pytest.raises(InputError, match=r"faces of shape \(5, 4\) and dtype int64; expected whole"):
        read((potato(1)[0], np.zeros((5, 4), dtype=np.int64)))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "a NoneType"),
        ([data(potato(1))], "a list"),
        ("body.obj", "'body.obj', a text"),
        ({"pos": np.eye(3), "face": CORNER["face"]}, r"pos=an array \(3, 3\) of float64"),
        ({**CORNER, "x": torch.ones(3, 4, dtype=torch.bool)}, "torch.bool"),
    ],
    ids=["nothing", "list", "text", "array", "truth"],
)
def test_what_is_no_mesh_is_refused_by_its_kind(given: object, said: str):
    net = er.derive(er.Task(er.Mesh(eigenfunctions=3), er.Isometries(), input=4, output=er.Invariant(2)), width=4)
    with pytest.raises(InputError, match=f"Given (values of dtype )?{said}"):
        net.eval()(given)
