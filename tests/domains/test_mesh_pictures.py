"""Pictures of surfaces: what is in front hides what is behind, colours are of the values; viewers get both."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg

import erlangen as er
from erlangen.domains import draw_mesh, picture_of, view_mesh
from erlangen.errors import InputError
from tests.meshes import data, potato

FRONT, RED, BLUE = (0.0, 0.0), [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]  # looked at along y


def two_sheets() -> dict[str, torch.Tensor]:
    """A triangle in the plane y = 0, and the same behind it at y = 1."""
    corners = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 0, 1]])
    behind = corners + torch.tensor([0.0, 1, 0])
    return {"pos": torch.cat([behind, corners]), "face": torch.tensor([[0, 3], [1, 4], [2, 5]])}


def drawn(axes: Any) -> np.ndarray:
    """The picture as numbers `[row, column, (red, green, blue, opacity)]`."""
    canvas = FigureCanvasAgg(axes.figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).astype(float) / 255


def most_common(axes: Any) -> np.ndarray:
    """The colour that most of the picture has besides the ground's, up to how bright it is."""
    seen = drawn(axes)[..., :3].reshape(-1, 3)
    found, often = np.unique(seen[(seen < 1).any(1)], axis=0, return_counts=True)
    return found[often.argmax()] / found[often.argmax()].max()


@pytest.mark.parametrize("first", [RED, BLUE])
def test_what_is_in_front_hides_what_is_behind(first: list[float]) -> None:
    other = BLUE if first == RED else RED
    axes = draw_mesh(two_sheets(), torch.tensor([first] * 3 + [other] * 3), view=FRONT)
    assert np.allclose(most_common(axes), other)
    away = draw_mesh(two_sheets(), torch.tensor([first] * 3 + [other] * 3), view=(180.0, 0.0))
    assert np.allclose(most_common(away), first)


def test_the_axis_that_points_up_is_up() -> None:
    corner = {"pos": torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 0, 2]]), "face": torch.tensor([[0], [1], [2]])}
    standing = draw_mesh(corner, view=FRONT).dataLim
    assert np.allclose(standing.get_points(), [[0, 0], [1, 2]])
    turned = {**corner, "pos": corner["pos"][:, [0, 2, 1]] * torch.tensor([1.0, 1, -1])}  # z became y, y became −z
    assert np.allclose(draw_mesh(turned, view=FRONT, up="y").dataLim.get_points(), [[0, 0], [1, 2]])
    right_side = draw_mesh(two_sheets(), view=(90.0, 0.0)).dataLim.get_points()  # from −x: y runs to the left
    assert np.allclose(right_side, [[-1, 0], [0, 1]])


def test_numbers_classes_and_colours() -> None:
    both = two_sheets()
    bare = {"pos": both["pos"][:3], "face": torch.tensor([[0], [1], [2]])}

    def colour(values: Any, **how: Any) -> np.ndarray:
        return most_common(draw_mesh(bare, values, view=FRONT, **how))

    def shown(name: str, at: float) -> np.ndarray:
        found = np.asarray(colormaps[name](at))[:3]
        return found / found.max()

    assert np.allclose(colour([2.0, 2.0, 2.0], limits=(0.0, 2.0)), shown("viridis", 1.0), atol=0.02)
    assert np.allclose(colour([[2.0]] * 3, limits=(1.0, 3.0), colours="magma"), shown("magma", 0.5), atol=0.02)
    assert np.allclose(colour(torch.tensor([1, 1, 1])), shown("tab20", 1), atol=0.02)
    assert np.allclose(colour([float("nan")] * 3), colour(None), atol=0.02)
    assert np.allclose(colour([-100] * 3), colour(None), atol=0.02)
    assert np.allclose(colour([5.0, 5.0, 5.0]), shown("viridis", 0.5), atol=0.02)


def test_arrows_stand_where_they_are_seen() -> None:
    points, faces = potato(2)
    axes = draw_mesh(data((points, faces)), arrows=torch.as_tensor(points), view=FRONT)
    lines = axes.collections[1].get_segments()
    assert 0.4 * len(points) < len(lines) < 0.7 * len(points)
    wide = max(np.ptp(points[:, 0]), np.ptp(points[:, 2]))
    assert max(np.linalg.norm(end - start) for start, end in lines) <= 0.061 * wide
    still = draw_mesh(data((points, faces)), arrows=torch.zeros(len(points), 3))
    assert all((start == end).all() for start, end in still.collections[1].get_segments())


def test_a_picture_can_be_kept_and_drawn_into_other_axes() -> None:
    from matplotlib.figure import Figure

    both = Figure((4.0, 2.0)).subplots(1, 2)
    assert draw_mesh(data(potato(1)), axes=both[1]) is both[1] and not both[0].collections
    assert picture_of(draw_mesh(data(potato(1))), 64).startswith(b"\x89PNG")
    assert picture_of(draw_mesh(data(potato(1))), 64, "webp")[8:12] == b"WEBP"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"values": torch.zeros(5)}, r"values of shape \(5,\)"),
        ({"values": ["a"] * 42}, "values of shape"),
        ({"arrows": torch.zeros(42, 2)}, r"arrows of shape \(42, 2\)"),
        ({"up": "x"}, "up='x'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        draw_mesh(data(potato(1)), **given)


def test_no_mesh_no_picture() -> None:
    with pytest.raises(InputError):
        draw_mesh({"pos": torch.zeros(3, 3)})


# ---- viewers: stand-ins that keep what they are told; the real ones want a window
class Told:
    """Keeps every call."""

    def __init__(self) -> None:
        self.calls: dict[str, tuple[Any, ...]] = {}

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **how: self.calls.__setitem__(name, (given, how))


def installed(monkeypatch: pytest.MonkeyPatch, name: str, **held: Any) -> None:
    module = ModuleType(name)
    vars(module).update(held)
    module.__spec__ = SimpleNamespace(name=name)  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, name, module)


def test_polyscope_is_told_of_triangles_values_and_arrows(monkeypatch: pytest.MonkeyPatch) -> None:
    surface, started = Told(), []
    registered: list[Any] = []
    installed(
        monkeypatch,
        "polyscope",
        is_initialized=lambda: bool(started),
        init=lambda: started.append(1),
        register_surface_mesh=lambda *given: registered.append(given) or surface,
    )
    points, faces = potato(1)
    assert view_mesh(data((points, faces)), torch.arange(42.0), torch.ones(42, 3), "polyscope") is surface
    view_mesh(data((points, faces)), torch.rand(42, 3), viewer="polyscope")
    assert started == [1] and len(registered) == 2 and np.array_equal(registered[0][2], faces)
    assert surface.calls["add_scalar_quantity"][0][1].tolist() == list(range(42))
    assert surface.calls["add_color_quantity"][0][1].shape == (42, 3)
    assert surface.calls["add_vector_quantity"][0][1].shape == (42, 3)


def test_pyvista_is_told_of_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    plotter = Told()
    made: list[Any] = []
    poly = lambda *given: made.append(given) or "surface"  # noqa: E731
    installed(monkeypatch, "pyvista", PolyData=poly, Plotter=lambda: plotter)
    points, faces = potato(1)
    assert view_mesh(data((points, faces)), torch.arange(42.0), torch.ones(42, 3), "pyvista") is plotter
    assert made[0][1].shape == (len(faces), 4) and (made[0][1][:, 0] == 3).all()
    assert plotter.calls["add_mesh"][1]["rgb"] is False and len(plotter.calls["add_arrows"][0][0]) == 42


def test_without_a_viewer_a_picture_is_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="draw_mesh"):
        view_mesh(data(potato(1)))
    with pytest.raises(InputError, match="polyscope or pyvista"):
        view_mesh(data(potato(1)), viewer="blender")


def test_what_a_reading_holds_can_be_drawn() -> None:
    batch = er.data.GraphStore([data(potato(1))]).batch([0])
    assert len(draw_mesh(batch, batch.pos[:, 0]).collections) == 1
