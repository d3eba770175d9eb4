"""What stands in the corners: pictures, hexagons, letters, bars, dots and triangles, each in units of its own."""

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from erlangen.pages import mosaic, picture
from erlangen.pages.picture import coloured
from erlangen.pages.svg import escape, tag
from examples.squares.layout import FAINT, INK, Corner

INKS = ("#274f8d", "#c4622d", "#1c7048", "#5b4a91")
GAP = 8


def colour(value: float, most: float) -> str:
    """Of a signed value, blue below zero, red above, pale at it."""
    return "#" + bytes(coloured(np.array([[value]]), -most, most, "signed")[0, 0].tolist()).hex()


def greatest(*values: Tensor) -> float:
    """The largest of all absolute values: one scale for the corners that are compared."""
    return max(float(v.abs().max()) for v in values)


def pixels(values: ArrayLike, most: float | None = None) -> Corner:
    """Gray values, or signed ones between −most and most."""
    held = np.asarray(values, dtype=np.float64)
    drawn = picture(held) if most is None else picture(held, -most, most, "signed")
    high, wide = held.shape
    return Corner(_image(drawn, wide, high), wide, high)


def hexagons(values: Tensor, basis: NDArray[np.float64], low: float, high: float, colours: str) -> Corner:
    """Hexagonal pixels; NaN where there is none."""
    drawn = mosaic(values.numpy(), basis, low, high, colours)
    box = re.search(r'viewBox="0 0 (\S+) (\S+)"', drawn)
    assert box is not None
    return Corner(drawn.replace("<svg", f'<svg width="{box[1]}" height="{box[2]}"', 1), float(box[1]), float(box[2]))


def cube(values: Tensor, most: float | None = None) -> Corner:
    """A volume as a glass cube: on each of three faces the mean along the axis that pierces it."""
    n = values.shape[0]
    faces = [values.mean(axis).numpy() for axis in range(3)]
    low, high = (0.0, max(f.max() for f in faces)) if most is None else (-most, most)
    scheme = "gray" if most is None else "signed"
    side, half = 100 * math.sqrt(3) / 2, 50.0  # of an edge in isometric projection
    placed = []
    for face, (a, b, c, d, e, f) in zip(
        faces,
        # columns and rows of a face run along these edges of the cube
        ((side, half, -side, half, side, 0), (side, half, 0, 100, 0, half), (side, -half, 0, 100, side, 100.0)),
        strict=True,
    ):
        image = _image(picture(face, low, high, scheme), n, n)
        placed.append(tag("g", image, transform=f"matrix({a / n:.3f} {b / n:.3f} {c / n:.3f} {d / n:.3f} {e:.2f} {f})"))
    return Corner("".join(placed), 2 * side, 200)


def row(corners: Sequence[Corner]) -> Corner:
    """Drawings of one height side by side: the frames of a film."""
    placed, at, high = [], 0.0, max(c.high for c in corners)
    gap = high / 12
    for corner in corners:
        placed.append(tag("g", corner.marks, transform=f"translate({at:.2f} 0)"))
        at += corner.wide + gap
    return Corner("".join(placed), at - gap, high)


def letters(word: str) -> Corner:
    """A word, each letter in the colour of its own."""
    step, style = 14, "font:600 17px ui-monospace,monospace"
    marks = [
        tag("text", letter, x=step * (i + 0.5), y=46, text_anchor="middle", fill=INKS["ACGT".index(letter)])
        for i, letter in enumerate(word)
    ]
    return Corner(tag("g", "".join(marks), style=style), step * len(word), 80)


def strands(profile: Tensor, most: float) -> Corner:
    """Two tracks `[2, places]`, the first as bars upwards, the second as bars downwards, paler where negative."""
    step, marks = 14, [tag("path", d=f"M0 40h{14 * profile.shape[1]}", stroke=FAINT)]
    for track, sign in enumerate((-1, 1)):
        for i, value in enumerate(profile[track].tolist()):
            tall = abs(value) / most * 36
            y = 40 - tall if sign < 0 else 40.0
            opacity = 1 if value > 0 else 0.35
            marks.append(
                tag("rect", x=step * i + 2, y=y, width=step - 4, height=tall, fill=INKS[track], opacity=opacity)
            )
    return Corner("".join(marks), step * profile.shape[1], 80)


def lines(values: Tensor, steps: int, most: float) -> Corner:
    """Channels over time `[channel, step]`, held from step to step, on an axis of so many steps."""
    wide, high = 200, 110
    marks = [tag("path", d=f"M0 {high / 2}h{wide}", stroke="#d8d5cc")]
    for track, channel in enumerate(values.tolist()):
        held = [(i / steps * wide, high / 2 * (1 - 0.95 * value / most)) for i, value in enumerate(channel)]
        d = "".join(f"{'M' if not i else 'L'}{x:.1f} {y:.1f}h{wide / steps:.1f}" for i, (x, y) in enumerate(held))
        marks.append(tag("path", d=d, fill="none", stroke=INKS[track], stroke_width=1.6))
    return Corner("".join(marks), wide, high)


def table(values: Tensor, names: Sequence[str], most: float) -> Corner:
    """A column of coloured cells for each point of a set, its name below."""
    step, marks = 20, []
    for j, column in enumerate(values.tolist()):
        for i, value in enumerate(column):
            marks.append(tag("rect", x=step * j, y=step * i, width=step - 2, height=step - 2, fill=colour(value, most)))
        marks.append(_name(step * j + step / 2 - 1, step * values.shape[1] + 14, names[j]))
    return Corner("".join(marks), step * len(values), step * values.shape[1] + 18)


def graph(places: Tensor, edges: Tensor, fills: Sequence[str], names: Sequence[str]) -> Corner:
    """Nodes at places in the plane, numbered, with their edges; below them the list in which they are stored."""
    at = (places - places.min(0).values) * 34 + 14
    wide, high = (at.max(0).values + 14).tolist()
    marks = [
        tag("path", d="M{:.1f} {:.1f}L{:.1f} {:.1f}".format(*at[i], *at[j]), stroke=FAINT, stroke_width=2.0)
        for i, j in edges.T.tolist()
        if i < j
    ]
    for (x, y), fill, name in zip(at.tolist(), fills, names, strict=True):
        marks += [tag("circle", cx=x, cy=y, r=11, fill=fill, stroke=INK), _name(x, y + 4, name)]
    step = wide / len(fills)
    for i, fill in enumerate(fills):
        marks.append(tag("rect", x=step * i, y=high + 6, width=step - 1, height=14, fill=fill, stroke=INK))
    return Corner("".join(marks), wide, high + 22)


def cloud(positions: Tensor, fills: Sequence[str], bonds: Sequence[tuple[int, int]], arrows: Tensor | None) -> Corner:
    """Points in space seen along the last axis, nearer ones larger, perhaps with a vector at each."""
    scale, middle = 36, (110, 75)
    centred = positions - positions.mean(0)
    flat = [(middle[0] + scale * x, middle[1] - scale * y) for x, y, _ in centred.tolist()]
    d = "".join(f"M{flat[i][0]:.1f} {flat[i][1]:.1f}L{flat[j][0]:.1f} {flat[j][1]:.1f}" for i, j in bonds)
    marks = [tag("path", d=d, stroke=FAINT, stroke_width=3)]
    for i in np.argsort(centred[:, 2].numpy()):
        radius = (8 if fills[i] != "#f4f4f4" else 6) * (1 + 0.12 * float(centred[i, 2]))
        marks.append(tag("circle", cx=flat[i][0], cy=flat[i][1], r=radius, fill=fills[i], stroke=INK))
    if arrows is not None:
        marks += [_vector(*flat[i], scale * x, -scale * y) for i, (x, y, _) in enumerate(arrows.tolist())]
    return Corner("".join(marks), 220, 150)


def surface(positions: Tensor, faces: Tensor, fills: Sequence[str]) -> Corner:
    """Triangles seen from above and aside, the farthest first, each in its colour."""
    turn = np.array([[0.94, 0.34, 0.0], [-0.22, 0.62, 0.75], [0.26, -0.71, 0.66]])  # right, up, towards the eye
    seen = (positions - positions.mean(0)).double().numpy() @ turn.T
    flat = seen[:, :2] * [1, -1]
    flat = (flat - flat.min(0)) * 22 + 3
    corners = faces.T.numpy()
    marks = []
    for i in np.argsort(seen[corners][:, :, 2].mean(1)):
        a, b, c = flat[corners[i]]
        d = f"M{a[0]:.0f} {a[1]:.0f}L{b[0]:.0f} {b[1]:.0f}L{c[0]:.0f} {c[1]:.0f}z"
        marks.append(tag("path", d=d, fill=fills[i]))
    wide, high = flat.max(0) + 3
    return Corner(tag("g", "".join(marks), stroke=FAINT, stroke_width=0.5), float(wide), float(high))


def globe(values: Tensor, most: float | None = None, side: int = 110) -> Corner:
    """A grid `[latitude, longitude]`, rows from pole to pole, as the half of the sphere that faces 20° east."""
    at = (np.arange(side) + 0.5) / side * 2 - 1
    y, x = np.meshgrid(-at, at, indexing="ij")
    z = np.sqrt(np.maximum(0, 1 - x**2 - y**2))
    rows, columns = values.shape
    row = np.rint(np.arccos(np.clip(y, -1, 1)) / np.pi * (rows - 1)).astype(int)
    column = np.rint((np.arctan2(x, z) / (2 * np.pi) + 20 / 360) * columns).astype(int) % columns
    held = np.where(x**2 + y**2 <= 1, values.numpy()[row, column], np.nan)
    drawn = picture(held, 0, 1, "gray") if most is None else picture(held, -most, most, "signed")
    return Corner(_image(drawn, side, side), side, side)


def circle(values: Tensor, names: Sequence[str], most: float) -> Corner:
    """Twelve values in a circle, area the size, colour the sign."""
    marks = [tag("circle", cx=80, cy=80, r=54, fill="none", stroke="#d8d5cc")]
    for i, (value, name) in enumerate(zip(values.tolist(), names, strict=True)):
        angle = 2 * math.pi * i / len(names)
        x, y = math.sin(angle), -math.cos(angle)
        radius = 13 * math.sqrt(abs(value) / most)
        marks.append(tag("circle", cx=80 + 54 * x, cy=80 + 54 * y, r=radius, fill=INKS[0] if value > 0 else INKS[1]))
        marks.append(_name(80 + 74 * x, 84 + 74 * y, name))
    return Corner("".join(marks), 160, 160)


def _image(uri: str, wide: float, high: float) -> str:
    return tag("image", href=uri, width=wide, height=high, style="image-rendering:pixelated")


def _name(x: float, y: float, words: str) -> str:
    style = "font:600 11px system-ui,sans-serif"
    return tag("text", escape(words), x=float(x), y=float(y), text_anchor="middle", fill=INK, style=style)


def _vector(x: float, y: float, across: float, down: float) -> str:
    """An arrow with its head; what points at the eye is short."""
    size = math.hypot(across, down)
    if size < 2:
        return ""
    u, v = 6 * across / size, 6 * down / size  # the head's length
    wing, other = (f"l{-u + 0.6 * v:.1f} {-v - 0.6 * u:.1f}", f"l{-u - 0.6 * v:.1f} {-v + 0.6 * u:.1f}")
    d = f"M{x:.1f} {y:.1f}l{across:.1f} {down:.1f}{wing}M{x + across:.1f} {y + down:.1f}{other}"
    return tag("path", d=d, fill="none", stroke="#c4222d", stroke_width=2)
