"""Pictures of surfaces: shaded triangles on paper by Matplotlib, or in a window that turns, with a viewer at hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from erlangen.domains.mesh import parts_of
from erlangen.domains.mesh_formats import as_mesh
from erlangen.errors import InputError

Array = np.ndarray
PLAIN = (0.80, 0.79, 0.76)
LIGHT = (0.3, 0.8, 0.5)  # from the right, above, and from where one looks
DARK, BRIGHT = 0.62, 1.0
ARROW = 0.06  # the longest, beside the width of the surface
VIEWERS = ("polyscope", "pyvista")


def draw_mesh(
    data: Any,
    values: Any = None,
    arrows: Any = None,
    *,
    view: tuple[float, float] = (25.0, 15.0),
    up: str = "z",
    colours: str | None = None,
    limits: tuple[float, float] | None = None,
    axes: Any = None,
) -> Any:
    """Draw a surface as one sees it from far away; answers the Matplotlib axes, whose `.figure` can be saved.

    `values` at vertices `[n]` are numbers, in the colours "viridis" from the least to the greatest or between `limits`;
    whole numbers or truth values, as classes in "tab20", those below 0 without a colour; or red, green, blue from 0
    to 1, `[n, 3]`. `arrows` `[n, 3]` are vectors in space, in black, where they are not hidden. `view` says how far
    round and from how far above one looks, in degrees; `up` which axis of space points up, "y" or "z". Left out, `axes`
    are new.

    Raises InputError for what is no mesh, for values of another number of vertices, and for an unknown axis.

    >>> import torch
    >>> corner = {"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])}
    >>> draw_mesh(corner, [0.0, 0.5, 1.0]).get_aspect()
    1.0
    """
    from matplotlib.collections import LineCollection, PolyCollection

    points, faces = _mesh(data)
    across, high, near = _directions(view, up)
    flat = np.stack([points @ across, points @ high], axis=1)
    order = np.argsort((points @ near)[faces].mean(1), kind="stable")
    normal, shade = _lit(points, faces, (across, high, near))
    tint = _colours(values, len(points), colours, limits)[faces].mean(1) * shade[:, None]
    if axes is None:
        from matplotlib.figure import Figure

        axes = Figure((4.0, 4.0), layout="constrained").add_subplot()
    axes.add_collection(
        PolyCollection(list(flat[faces[order]]), facecolors=tint[order], edgecolors="face", linewidths=0.2)
    )
    if arrows is not None:
        drawn = _checked(arrows, (len(points), 3), "arrows")
        facing = np.zeros(len(points), dtype=bool)
        facing[faces[normal @ near > 0]] = True
        longest = np.linalg.norm(drawn, axis=1).max(initial=0)
        step = drawn * (ARROW * np.ptp(flat, axis=0).max() / longest if longest > 0 else 0)
        ends = flat + np.stack([step @ across, step @ high], axis=1)
        lines = np.stack([flat, ends], axis=1)[facing]
        axes.add_collection(LineCollection(list(lines), colors="black", linewidths=0.6))
    axes.set_aspect("equal")
    axes.autoscale_view()
    axes.set_axis_off()
    return axes


def view_mesh(data: Any, values: Any = None, arrows: Any = None, viewer: str | None = None) -> Any:
    """The same in a window that can be turned: the structure of polyscope, or the plotter of pyvista; call its `.show`.

    `viewer` is "polyscope" or "pyvista"; left out, that which is installed. Raises InputError where neither is, and as
    `draw_mesh` does.
    """
    points, faces = _mesh(data)
    found = _viewer(viewer)
    shown = None if values is None else _values(values, len(points))
    vectors = None if arrows is None else _checked(arrows, (len(points), 3), "arrows")
    return (_in_polyscope if found == "polyscope" else _in_pyvista)(points, faces, shown, vectors)


def _in_polyscope(points: Array, faces: Array, values: Array | None, arrows: Array | None) -> Any:
    import polyscope  # pyright: ignore[reportMissingImports]

    if not polyscope.is_initialized():
        polyscope.init()
    surface = polyscope.register_surface_mesh("surface", points, faces)
    if values is not None:
        add = surface.add_scalar_quantity if values.ndim == 1 else surface.add_color_quantity
        add("values", values, enabled=True)
    if arrows is not None:
        surface.add_vector_quantity("arrows", arrows, enabled=True)
    return surface


def _in_pyvista(points: Array, faces: Array, values: Array | None, arrows: Array | None) -> Any:
    import pyvista  # pyright: ignore[reportMissingImports]

    surface = pyvista.PolyData(points, np.hstack([np.full((len(faces), 1), 3), faces]))
    plotter = pyvista.Plotter()
    plotter.add_mesh(surface, scalars=values, rgb=values is not None and values.ndim == 2)
    if arrows is not None:
        longest = np.linalg.norm(arrows, axis=1).max(initial=0)
        plotter.add_arrows(points, arrows, mag=ARROW * np.ptp(points, axis=0).max() / max(longest, 1e-300))
    return plotter


def _viewer(asked: str | None) -> str:
    from importlib.util import find_spec

    if asked is not None and asked not in VIEWERS:
        raise InputError(f"viewer={asked!r}", " or ".join(VIEWERS), "Leave it out for the one that is installed.")
    found = next((name for name in ((asked,) if asked else VIEWERS) if find_spec(name)), None)
    if found is None:
        mend = "pip install polyscope, or draw_mesh for a picture."
        raise InputError("a surface to be viewed", f"{asked or 'polyscope or pyvista'} installed", mend)
    return found


# ---- what is drawn -------------------------------------------------------------------------------------------------
def _mesh(data: Any) -> tuple[Array, Array]:
    position, face, _ = parts_of(as_mesh(data))
    return position.detach().double().cpu().numpy(), face.cpu().numpy()


def _directions(view: Sequence[float], up: str) -> tuple[Array, Array, Array]:
    """Across the picture, up in it, and towards who looks."""
    if up not in ("y", "z"):
        raise InputError(f"up={up!r}", "y or z", "The axis of space that points up.")
    turn, above = np.radians(np.asarray(view, dtype=np.float64))
    near = np.array([-np.sin(turn) * np.cos(above), -np.cos(turn) * np.cos(above), np.sin(above)])
    across = np.array([np.cos(turn), -np.sin(turn), 0.0])
    found = across, np.cross(near, across), near
    return found if up == "z" else tuple(v[[0, 2, 1]] * [1, 1, -1] for v in found)  # type: ignore[return-value]


def _lit(points: Array, faces: Array, directions: tuple[Array, Array, Array]) -> tuple[Array, Array]:
    """Unit normals of faces, and how bright each is."""
    a, b, c = (points[faces[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    normal = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300)
    light = sum(part * way for part, way in zip(LIGHT, directions, strict=True)) / np.linalg.norm(LIGHT)
    return normal, DARK + (BRIGHT - DARK) * np.clip(normal @ light, 0, 1)


def _colours(values: Any, count: int, colours: str | None, limits: tuple[float, float] | None) -> Array:
    """Red, green and blue at each vertex, `[n, 3]`."""
    from matplotlib import colormaps

    if values is None:
        return np.tile(PLAIN, (count, 1))
    given = _values(values, count)
    if given.ndim == 2:
        return np.clip(given, 0, 1)
    if given.dtype.kind in "biu":
        classes = colormaps[colours or "tab20"]
        known = given.astype(np.int64)
        return np.where((known >= 0)[:, None], classes(known % classes.N)[:, :3], PLAIN)
    finite = given[np.isfinite(given)]
    low, high = limits if limits is not None else (finite.min(initial=np.inf), finite.max(initial=-np.inf))
    unit = (given - low) / (high - low) if high > low else np.full(count, 0.5)
    return np.where(np.isfinite(given)[:, None], colormaps[colours or "viridis"](np.nan_to_num(unit))[:, :3], PLAIN)


def _values(values: Any, count: int) -> Array:
    given = values.detach().cpu().numpy() if isinstance(values, Tensor) else np.asarray(values)
    if given.shape not in ((count,), (count, 1), (count, 3)) or given.dtype.kind not in "biuf":
        said = f"values of shape {given.shape}"
        raise InputError(said, f"[{count}] numbers or classes, or [{count}, 3] colours", "One a vertex.")
    return given[:, 0] if given.shape == (count, 1) else given


def _checked(given: Any, shape: tuple[int, int], name: str) -> Array:
    found = given.detach().double().cpu().numpy() if isinstance(given, Tensor) else np.asarray(given, dtype=np.float64)
    if found.shape != shape:
        raise InputError(f"{name} of shape {found.shape}", f"{list(shape)}", "A vector in space a vertex.")
    return found


def picture_of(axes: Any, side: int = 320, form: str = "png") -> bytes:
    """The picture of one pair of axes as a file, `side` dots wide, without a ground; "png", "webp" or "svg".

    >>> import torch
    >>> picture_of(draw_mesh((torch.eye(3), torch.tensor([[0], [1], [2]]))))[1:4]
    b'PNG'
    """
    import io

    stream, figure = io.BytesIO(), axes.figure
    figure.savefig(stream, format=form, dpi=side / figure.get_figwidth(), transparent=True)
    return stream.getvalue()
