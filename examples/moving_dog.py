"""A dog on the move, and what stays put on it: `python -m examples.moving_dog [runs/dog] [--gait gallop]`.

Writes docs/dog.gif: on the left the heat that is still at each vertex after a while, computed anew for every pose from
lengths along the skin alone; on the right the parts of the body, as the derived network of a finished run sees them, or
without a run as they are. The dog has to be there: erlangen data fetch dog.
"""

import argparse
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from erlangen.data import dog_poses, load
from erlangen.domains import Mesh
from erlangen.files import write_whole
from erlangen.train import load_network
from erlangen.train.evaluate import scores
from erlangen.train.experiment import NETWORK, read_run

DRAWING = Path(__file__).parents[1] / "docs" / "dog.gif"
FRAMES, STRIDE = 24, 1.2  # pictures of a stride, and seconds that it takes
TIME = 6  # which of the 16 times of the heat kernel signature is shown
VIEW = np.radians([25.0, 12.0])  # from how far behind the left side, and from how far above
LIGHT = np.array([0.3, -0.5, 0.8])
INCHES, DOTS = (8.0, 3.2), 80


def heat(position: np.ndarray, face: np.ndarray) -> np.ndarray:
    """The heat kernel signature of every pose at one time, `[poses, n]`, from 0 to 1 over all of them."""
    domain, found = Mesh(eigenfunctions=64), []
    for pose in position:
        x, _ = domain.read({"pos": torch.from_numpy(pose), "face": torch.from_numpy(face)})
        found.append(x[:, TIME].log().numpy())
    low, high = np.quantile(found, [0.01, 0.99])
    return np.clip((np.stack(found) - low) / (high - low), 0, 1)


def parts(position: np.ndarray, face: np.ndarray, run: Path) -> np.ndarray:
    """What the derived network of the first seed of a run says of every vertex in every pose, `[poses, n]`."""
    config = read_run(run)
    net = load_network(run / f"seed-{config.train.seeds[0]}" / "derived" / NETWORK)[0]
    pair = load(config.data.source).test.inputs
    places = [torch.from_numpy(pose).to(pair.pos) for pose in position]
    bodies = [{"pos": place, "face": torch.from_numpy(face.T.copy())} for place in places]
    store = type(pair)(bodies)
    return scores(net, store).argmax(1).numpy().reshape(len(position), -1)


def pictures(position: np.ndarray, face: np.ndarray, colours: Sequence[tuple[str, np.ndarray]]) -> list[Any]:
    """A picture of every pose `[poses, n, 3]`, once in each of the colours `[poses, n, 3]`, from far away."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure
    from PIL import Image

    across, up, depth = _axes()
    flat = np.stack([position @ across, position @ up], axis=2)
    low, high = flat.min(axis=(0, 1)) - 0.03, flat.max(axis=(0, 1)) + 0.03
    found = []
    for k, pose in enumerate(position):
        figure = Figure(INCHES, dpi=DOTS)
        canvas = FigureCanvasAgg(figure)
        shade, order = _shade(pose, face), np.argsort((pose @ depth)[face].mean(1))
        for i, (title, colour) in enumerate(colours):
            axes = figure.add_axes((i / len(colours), 0, 1 / len(colours), 0.92))
            tint = colour[k][face].mean(1) * shade[:, None]
            axes.add_collection(PolyCollection(flat[k][face[order]], facecolors=tint[order], edgecolors="face", lw=0.2))
            axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
            axes.set_axis_off()
            axes.set_title(title, fontsize=10)
        canvas.draw()
        found.append(Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy()))
    return found


def animated(images: Sequence[Any], seconds: float = STRIDE) -> bytes:
    """A GIF that goes round."""
    stream = io.BytesIO()
    few = [image.quantize(64) for image in images]
    duration = round(1000 * seconds / len(few))
    few[0].save(stream, "GIF", save_all=True, append_images=few[1:], duration=duration, loop=0, disposal=2)
    return stream.getvalue()


def in_colours(values: np.ndarray, name: str) -> np.ndarray:
    """Numbers from 0 to 1, or whole numbers, in the colours of a map of Matplotlib, `[…, 3]`."""
    from matplotlib import colormaps

    return colormaps[name](values)[..., :3]


def _axes() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Across the picture, up in it, and towards who looks."""
    turn, above = VIEW
    back = np.array([-np.sin(turn) * np.cos(above), np.cos(turn) * np.cos(above), np.sin(above)])
    across = np.array([-np.cos(turn), -np.sin(turn), 0.0])
    return across, np.cross(back, across), back


def _shade(pose: np.ndarray, face: np.ndarray) -> np.ndarray:
    """How bright each face is, `[m]`, lit from one side."""
    a, b, c = pose[face].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    across, up, depth = _axes()
    light = LIGHT[0] * across - LIGHT[1] * depth + LIGHT[2] * up
    return 0.65 + 0.35 * np.clip(normal @ light / np.linalg.norm(light), -1, 1)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("run", nargs="?", type=Path, help="the folder of a run on dog or dog-parts")
    asked.add_argument("--gait", default="gallop", help="walk, trot, gallop, sit, bow or wander")
    asked.add_argument("--out", type=Path, default=DRAWING, help="where the GIF is written")
    given = asked.parse_args()
    poses = dog_poses(given.gait, FRAMES)
    still = np.broadcast_to(poses.part, poses.position.shape[:2])
    seen = still if given.run is None else parts(poses.position, poses.face, given.run)
    told = "parts of the body" if given.run is None else "parts of the body, as the network sees them"
    colours = [
        ("heat kernel signature, anew in every pose", in_colours(heat(poses.position, poses.face), "viridis")),
        (told, in_colours(seen, "tab20")),
    ]
    print(write_whole(given.out, animated(pictures(poses.position, poses.face, colours))))


if __name__ == "__main__":
    main()
