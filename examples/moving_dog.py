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
from erlangen.data.gaits import gaits
from erlangen.domains import Mesh, draw_mesh
from erlangen.files import write_whole
from erlangen.train import load_network
from erlangen.train.evaluate import scores
from erlangen.train.experiment import read_run
from erlangen.train.folder import NETWORK

DRAWING = Path(__file__).parents[1] / "docs" / "dog.gif"
FRAMES, STRIDE = 24, 1.2  # pictures of a stride, and seconds that it takes
TIME = 6  # which of the 16 times of the heat kernel signature is shown
VIEW = 155.0, 12.0  # from the left side and somewhat behind, and from how far above, in degrees
EDGE = 0.03
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


def pictures(position: np.ndarray, face: np.ndarray, shown: Sequence[tuple[str, np.ndarray]]) -> list[Any]:
    """A picture of every pose `[poses, n, 3]`, beside each other once with each of the values `[poses, n]`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    figures = []
    for k, pose in enumerate(position):
        figure = Figure(INCHES, dpi=DOTS)
        for i, (title, values) in enumerate(shown):
            axes = figure.add_axes((i / len(shown), 0, 1 / len(shown), 0.92))
            draw_mesh(
                {"pos": torch.from_numpy(pose), "face": torch.from_numpy(face.T)},
                values[k],
                view=VIEW,
                limits=(0, 1),
                axes=axes,
            )
            axes.set_title(title, fontsize=10)
        figures.append(figure)
    extents = np.stack([axes.dataLim.get_points() for figure in figures for axes in figure.axes])
    (left, low), (right, high) = extents[:, 0].min(0) - EDGE, extents[:, 1].max(0) + EDGE
    found = []
    for figure in figures:
        for axes in figure.axes:
            axes.set(xlim=(left, right), ylim=(low, high))
        canvas = FigureCanvasAgg(figure)
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


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("run", nargs="?", type=Path, help="the folder of a run on dog or dog-parts")
    asked.add_argument("--gait", default="gallop", help=f"one of {', '.join(gaits())}")
    asked.add_argument("--out", type=Path, default=DRAWING, help="where the GIF is written")
    given = asked.parse_args()
    poses = dog_poses(given.gait, FRAMES)
    still = np.broadcast_to(poses.part, poses.position.shape[:2])
    seen = still if given.run is None else parts(poses.position, poses.face, given.run)
    told = "parts of the body" if given.run is None else "parts of the body, as the network sees them"
    shown = [("heat kernel signature, anew in every pose", heat(poses.position, poses.face)), (told, seen)]
    print(write_whole(given.out, animated(pictures(poses.position, poses.face, shown))))


if __name__ == "__main__":
    main()
