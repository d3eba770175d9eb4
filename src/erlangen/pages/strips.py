"""Sequences read from left to right: a letter or a class at each place."""

from collections.abc import Sequence
from itertools import groupby

from erlangen.pages.drawing import SERIES_COLOURS
from erlangen.pages.render import Html
from erlangen.pages.svg import escape, svg, tag

MOST_LETTERS = 120


def letters(places: Sequence[int], alphabet: str = "ACGT") -> Html:
    """A word in letters, each in the colour of its own; what is longer than 120 ends in an ellipsis.

    >>> letters([0, 0, 3]).count("AA")
    1
    """
    runs = [(i, len(list(run))) for i, run in groupby(places[:MOST_LETTERS])]
    spans = [
        f'<span style="color: var(--series-{i % SERIES_COLOURS + 1})">{escape(alphabet[i] * n)}</span>' for i, n in runs
    ]
    more = f"… {len(places) - MOST_LETTERS:,} more" if len(places) > MOST_LETTERS else ""
    return Html(f'<p class="letters">{"".join(spans)}{more}</p>')


def strip(classes: Sequence[int], left: int = 44, width: int = 320, height: int = 16) -> Html:
    """A band in the colours of the classes, one place after the other; under `lines` it stands below their places.

    >>> strip([0, 0, 1, 1, 1]).count("<rect")
    2
    """
    pitch, parts, at = (width - left - 4) / max(1, len(classes)), [], 0
    for c, run in groupby(classes):
        n = len(list(run))
        colour = f"var(--series-{c % SERIES_COLOURS + 1})"
        parts.append(tag("rect", x=left + at * pitch, y=0, width=n * pitch, height=height, fill=colour))
        at += n
    return svg(parts, width, height, "a class at each place")
