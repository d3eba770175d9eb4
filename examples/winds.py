"""Where on Earth a forecast of next month's wind is wrong: maps of the error, for `docs/winds.md`.

`python -m examples.winds runs/winds runs/winds-with-axis runs/winds-alone` measures the networks of finished
runs and keeps their maps in benchmarks/results; without arguments what is kept is drawn anew into docs/winds.svg.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from erlangen.data import load
from erlangen.files import write_whole
from erlangen.pages.picture import coloured
from erlangen.pages.svg import tag
from erlangen.train import load_network
from erlangen.train.evaluate import scores
from erlangen.train.experiment import read_run
from erlangen.train.folder import NETWORK

HOME = Path(__file__).parents[1]
MAPS, DRAWING = HOME / "benchmarks" / "results" / "winds_maps.json", HOME / "docs" / "winds.svg"
MOST = 6.0  # m/s, from which the colour is the darkest
STEP, ROOM, COLUMNS = 6, 34, 2  # from a point to the next, and above a map, in units of the drawing
SHADES = 24
NAMES = {
    "persistence": "as this month",
    "climatology": "mean of the month, 1982–1988",
    "winds/derived": "turns about the axis",
    "winds/plain": "plain CNN",
    "winds-with-axis/derived": "all rotations, axis told",
    "winds-alone/derived": "all rotations, nothing told",
}


def measured(folders: list[Path]) -> dict:
    """Of each network of the first seed, and of what needs none, the mean error at every point, and where land is."""
    data = load("winds")
    maps = {name: _map(answers - data.test.targets) for name, answers in data.references.items()}
    for folder in folders:
        config = read_run(folder)
        of_run = load(config.data.source)
        for model in config.train.models:
            net = load_network(folder / f"seed-{config.train.seeds[0]}" / model / NETWORK)[0]
            maps[f"{config.name}/{model}"] = _map(scores(net, of_run.test.inputs) - of_run.test.targets)
    return {"unit": "m/s", "land": data.test.inputs[0, 2].round(decimals=2).tolist(), "maps": maps}


def drawn(kept: dict) -> str:
    """The maps side by side with their coasts, north up, the middle longitude that of Greenwich, with one scale."""
    land = np.roll(np.array(kept["land"]), 36, axis=1)
    shown = [(title, kept["maps"][name]) for name, title in NAMES.items() if name in kept["maps"]]
    high, wide = len(land) * STEP, len(land[0]) * STEP
    parts = []
    for place, (title, values) in enumerate(shown):
        row, column = divmod(place, COLUMNS)
        across, down = column * (wide + STEP), row * (high + ROOM) + ROOM
        errors = np.roll(np.array(values), 36, axis=1)
        mean = float((errors.mean(1) * _area(len(errors))).sum())
        heading = tag("text", f"{title}: {mean:.2f}", x=0, y=-9, font_size=20)
        inner = heading + "".join(_cells(errors)) + tag("path", d=_coast(land), fill="none", stroke="#1a1a1a")
        parts.append(tag("g", inner, transform=f"translate({across} {down})"))
    rows = -(-len(shown) // COLUMNS)
    foot = rows * (high + ROOM)
    parts.append(tag("g", "".join(_scale(wide)), transform=f"translate(0 {foot + 12})"))
    size = COLUMNS * (wide + STEP) - STEP, foot + 46
    style = 'font-family="system-ui, sans-serif" fill="#1a1a1a"'
    ground = tag("rect", x=-8, y=-8, width=size[0] + 16, height=size[1] + 16, fill="#ffffff")
    box = f'viewBox="-8 -8 {size[0] + 16} {size[1] + 16}"'
    label = 'role="img" aria-label="Maps of the forecast error"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} {style} {label}>{ground}{"".join(parts)}</svg>\n'


def _map(off: Tensor) -> list[list[float]]:
    return off.norm(dim=1).mean(0).double().round(decimals=3).tolist()


def _area(rows: int) -> np.ndarray:
    from erlangen.domains.spherical_transform import row_weights

    return row_weights("poles", rows)


def _cells(errors: np.ndarray) -> list[str]:
    """One mark for all cells of a colour."""
    shade = np.clip(errors / MOST * SHADES, 0, SHADES - 1).astype(int)
    made = []
    for s in np.unique(shade):
        places = "".join(f"M{j * STEP} {i * STEP}h{STEP}v{STEP}h-{STEP}z" for i, j in np.argwhere(shade == s))
        made.append(tag("path", d=places, fill=_colour(s), stroke=_colour(s), stroke_width=0.5))
    return made


def _colour(shade: int) -> str:
    values = coloured(np.array([[shade / (SHADES - 1)]]), 0.0, 1.0, "heat")
    return "#" + bytes(values[0, 0].tolist()).hex()


def _coast(land: np.ndarray) -> str:
    """The borders of cells of which more than half is land."""
    dry = land > 0.5
    across, along = np.argwhere(dry[1:] != dry[:-1]), np.argwhere(dry[:, 1:] != dry[:, :-1])
    lines = [f"M{j * STEP} {(i + 1) * STEP}h{STEP}" for i, j in across]
    return "".join(lines + [f"M{(j + 1) * STEP} {i * STEP}v{STEP}" for i, j in along])


def _scale(wide: int) -> list[str]:
    step = wide / SHADES
    made = [
        tag("rect", x=round(s * step, 1), y=0, width=round(step, 1) + 0.5, height=12, fill=_colour(s))
        for s in range(SHADES)
    ]
    for metres in range(0, int(MOST) + 1, 2):
        anchor = "start" if not metres else "end" if metres == MOST else "middle"
        said = f"{metres}{'+ m/s' if metres == MOST else ''}"
        made.append(tag("text", said, x=metres / MOST * wide, y=31, font_size=18, text_anchor=anchor))
    return made


def main() -> None:
    if len(sys.argv) > 1:
        with torch.inference_mode():
            write_whole(MAPS, json.dumps(measured([Path(name) for name in sys.argv[1:]])) + "\n")
    if MAPS.exists():
        write_whole(DRAWING, drawn(json.loads(MAPS.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
