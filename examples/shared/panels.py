"""Several surfaces in a row, in one picture."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

import erlangen as er

Panel = tuple[str, Any, Tensor]  # a title, a surface, and a number or a class at each of its vertices


def in_a_row(panels: Sequence[Panel], view: tuple[float, float], inches: tuple[float, float]) -> bytes:
    """A picture of all of them, side by side, each as large as it may be, 100 dots an inch; in the format webp."""
    from matplotlib.figure import Figure

    row = Figure(inches, layout="constrained").subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, body, values) in zip(row, panels, strict=True):
        er.domains.draw_mesh({"pos": body.pos, "face": body.face}, values, view=view, axes=axes)
        axes.set_title(title, fontsize=10)
    return er.domains.picture_of(row[0], round(100 * inches[0]), "webp")
