"""Surfaces in a report: drawn as one sees them, with the class of each vertex in colour."""

import base64
from typing import Any

from torch import Tensor

from erlangen.domains import draw_mesh, picture_of
from erlangen.pages import Html

VIEW = 25.0, 15.0  # from how far round and from how far above, in degrees
SIDE = 560  # dots, for pages shown at twice as many a point
COLOURS = "tab20"


def surface(body: Any, labels: Tensor | None = None) -> Html:
    """A picture of one surface, with labels `[vertices]` in the colours of their classes; those below 0 are not known.

    >>> import torch
    >>> surface({"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])})[:18]
    '<img class="plain"'
    """
    drawn = base64.b64encode(picture_of(draw_mesh(body, labels, view=VIEW, colours=COLOURS), SIDE, "webp")).decode()
    return Html(f'<img class="plain" alt="" src="data:image/webp;base64,{drawn}">')


def class_colour(c: int) -> str:
    """The colour of a class on a surface, as a page names it.

    >>> class_colour(0)
    '#1f77b4'
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    colours = colormaps[COLOURS]
    return to_hex(colours(c % colours.N))
