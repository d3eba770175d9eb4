"""Plots of ratios with their spread, of accuracies over seeds, and of both over time, as SVG.

A plot stands on a ground of its own, which is dark where the reader's system asks for that, so that it can be read on
any page. What it was drawn from is digested in its description: a test sees whether it is of the results as they are.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from io import BytesIO
from math import exp, log
from statistics import mean
from textwrap import shorten
from typing import Any, NamedTuple

INK, FAINT, GROUND = "#3a3a3a", "#d0d0d0", "#ffffff"
SERIES = ("#2a5da8", "#c4622d", "#1c7048", "#8a4f9e")
DARK = {  # what each of these becomes
    **{INK: "#d6d6d6", FAINT: "#4a4a4a", GROUND: "#17181b"},
    **dict(zip(SERIES, ("#8ab4f8", "#f0a06a", "#6cc59a", "#cf9be0"), strict=True)),
}
WIDTH, LINE, EDGE = 5.2, 0.115, 0.85  # inches: of a plot, of a line in a row, above and below the rows of a panel
NAME, GAP = 1.7, 0.9  # lines that a row's name takes, and the room below its dots


class Dot(NamedTuple):
    """A number with its spread, of one series."""

    series: str
    value: float
    low: float
    high: float


class Panel(NamedTuple):
    """Rows under one another, each with its name above its dots; where `one` holds, with a line at 1 on a log scale."""

    title: str
    said: str
    rows: Mapping[str, Sequence[Dot]]
    one: bool = True


class Course(NamedTuple):
    """How numbers changed: the days of the measurements, and of each row a dot for each of them."""

    title: str
    days: Sequence[date]
    rows: Mapping[str, Sequence[Dot]]

    def means(self) -> list[float]:
        """The geometric mean of all rows, of every measurement."""
        return [exp(mean(log(dots[i].value) for dots in self.rows.values())) for i in range(len(self.days))]


def digest(data: Any) -> str:
    """Of what is drawn."""
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, default=str).encode()).hexdigest()[:16]


def rows_of(panels: Sequence[Panel]) -> str:
    """The panels below one another, as SVG."""

    def draw(figure: Any) -> None:
        heights = [_height(panel) for panel in panels]
        every = figure.subplots(len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for axes, panel in zip(every, panels, strict=True):
            _draw_rows(axes, panel)

    return _svg(draw, sum(map(_height, panels)), "; ".join(panel.title for panel in panels), panels)


def courses_of(courses: Sequence[Course]) -> str:
    """Each in a small panel: all rows thin, their geometric mean thick; as SVG."""

    def draw(figure: Any) -> None:
        every = list(figure.subplots(-(-len(courses) // 2), 2, squeeze=False).flat)
        for axes, course in zip(every, courses, strict=False):
            _draw_course(axes, course)
        for axes in every[len(courses) :]:
            axes.set_axis_off()

    return _svg(draw, 1.9 * -(-len(courses) // 2), "ratios over time", courses)


def _series(panel: Panel) -> list[str]:
    return list(dict.fromkeys(dot.series for dots in panel.rows.values() for dot in dots))


def _lines(panel: Panel) -> float:
    """Of a row: its name and a line for each series."""
    return NAME + len(_series(panel)) + GAP


def _height(panel: Panel) -> float:
    return EDGE + LINE * _lines(panel) * len(panel.rows)


def _draw_rows(axes: Any, panel: Panel) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    names, lines = _series(panel), _lines(panel)
    for place, (name, dots) in enumerate(panel.rows.items()):
        top, shown = place * lines, shorten(name, 84, placeholder=" …")
        axes.text(0, top + NAME / 2, shown, transform=axes.get_yaxis_transform(), va="center")
        for dot in dots:
            height, color = top + NAME + names.index(dot.series) + 0.5, SERIES[names.index(dot.series)]
            axes.plot([dot.low, dot.high], [height] * 2, color=color, linewidth=1.4, solid_capstyle="butt")
            axes.plot([dot.value], [height], "o", color=color, markersize=4)
    axes.set_ylim(lines * len(panel.rows), -0.3)
    axes.set_yticks([])
    axes.set_title(panel.title, loc="left", fontweight="bold", fontsize=9)
    axes.set_xlabel(panel.said)
    if panel.one:
        axes.axvline(1, color=INK, linewidth=0.8, zorder=0)
        _logarithmic(axes.set_xscale, axes.xaxis, LogLocator(subs=_ticks(axes.get_xlim())), FuncFormatter, NullLocator)
    if len(names) > 1:
        handles = [axes.plot([], [], "o-", color=SERIES[i], markersize=4)[0] for i in range(len(names))]
        axes.legend(
            handles, names, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(names), frameon=False, fontsize=8
        )
    axes.grid(axis="x", color=FAINT, linewidth=0.6)


def _draw_course(axes: Any, course: Course) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    places, thin = range(len(course.days)), {"color": SERIES[0], "linewidth": 0.7, "alpha": 0.45}
    for dots in course.rows.values():
        axes.plot(places, [dot.value for dot in dots], "-", **thin)
        axes.vlines(places, [dot.low for dot in dots], [dot.high for dot in dots], **thin)
    axes.plot(places, course.means(), "o-", color=SERIES[1], linewidth=1.6, markersize=3.5)
    axes.axhline(1, color=INK, linewidth=0.8, zorder=0)
    axes.set_title(course.title, loc="left", fontsize=8.5, fontweight="bold")
    axes.set_xticks(places, [f"{day.day}.{day.month}." for day in course.days])
    axes.set_xlim(-0.3, len(places) - 0.7)
    _logarithmic(axes.set_yscale, axes.yaxis, LogLocator(subs=_ticks(axes.get_ylim())), FuncFormatter, NullLocator)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)


def _ticks(limits: tuple[float, float]) -> tuple[float, ...]:
    """Which multiples of powers of ten are written: the more the narrower the range."""
    span = limits[1] / max(limits[0], limits[1] / 1e6, 1e-9)
    if span < 1.6:
        return (*tuple(i / 10 for i in range(10, 21)), 2.5, 3, 4, 5, 6, 7, 8, 8.5, 9, 9.5)
    if span < 6:
        return (1, 1.2, 1.5, 2, 3, 4, 5, 6, 8)
    return (1, 2, 5) if span < 80 else (1, 3)


def _logarithmic(scale: Callable[[str], None], axis: Any, ticks: Any, shown: Any, none: Any) -> None:
    scale("log")
    axis.set_major_locator(ticks)
    axis.set_major_formatter(shown(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(none())


def _svg(draw: Callable[[Any], None], height: float, title: str, drawn: Any) -> str:
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    colors = {name: INK for name in ("text.color", "axes.labelcolor", "xtick.color", "ytick.color", "axes.edgecolor")}
    plain = {"axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False}
    text = {"svg.fonttype": "none", "svg.hashsalt": "erlangen", "font.family": "sans-serif", "font.size": 8}
    with rc_context({**colors, **plain, **text}):
        figure = Figure((WIDTH, height), layout="constrained", facecolor=GROUND)
        FigureCanvasSVG(figure)
        draw(figure)
        for axes in figure.axes:
            axes.set_facecolor("none")
        file = BytesIO()
        known = {"Date": None, "Creator": None, "Title": title, "Description": f"drawn from {digest(drawn)}"}
        figure.savefig(file, format="svg", facecolor=GROUND, metadata=known)
    return _with_dark(file.getvalue().decode())


def _with_dark(svg: str) -> str:
    """With a style that exchanges the colours where the system asks for dark."""
    rules = "".join(
        f'[style*="{kind}: {light}"]{{{kind}:{dark} !important}}'
        for light, dark in DARK.items()
        for kind in ("fill", "stroke")
    )
    text = "text{font-family:system-ui,sans-serif !important}"
    return svg.replace("<defs>", f"<style>{text}@media (prefers-color-scheme: dark){{{rules}}}</style>\n <defs>", 1)
