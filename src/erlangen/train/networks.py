"""The networks of a run: derived from its task, or plain beside it; and their files."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from erlangen.blueprint import Blueprint, derive
from erlangen.blueprint import load as load_blueprint
from erlangen.blueprint import save as save_blueprint
from erlangen.blueprint.store import check_digest, digest_of
from erlangen.errors import RecipeError
from erlangen.files import write_whole
from erlangen.layers import Conservative, Rescale
from erlangen.signal import Space
from erlangen.symmetrize.average import Average, average
from erlangen.task import Forces, Positions, Task
from erlangen.train.answers import check_labels
from erlangen.train.baselines import plain_twin
from erlangen.train.config import AVERAGED, DISTANCES, EXTRINSIC, Config, NetworkSection, TaskSection
from erlangen.train.on_surfaces import extrinsic_task
from erlangen.train.padded import PaddedNet
from erlangen.train.plain_compound import Most, RowsThenPoints
from erlangen.train.plain_points import VECTORS, MessageNet, SlopeNet
from erlangen.train.reading import located, parse_channels, parse_task


def task_of(section: TaskSection, where: str = "[task]") -> Task:
    """The task that a section's texts name; what cannot be read is a ConfigError that says where.

    >>> task_of(TaskSection("Grid(2)", "Invariant(10)", "C(4)", 1)).symmetry
    C(4)
    """
    with located(where):
        return parse_task(section.domain, section.symmetry, section.input, section.output)


def derived_network(task: Task, section: NetworkSection) -> Blueprint:
    """`er.derive` with the width, depth, scales and choices of the section.

    >>> task = task_of(TaskSection("Grid(2)", "Invariant(10)", "C(4)", 1))
    >>> derived_network(task, NetworkSection(width=16)).minimum_size
    5
    """
    with located("[network]"):
        return derive(task, section.width, section.depth, section.scales, **_choices(task, section))


def plain_network(task: Task, section: NetworkSection, points: Most = None, reads: str = VECTORS) -> nn.Module:
    """The plain network of as many parameters as the derived one; of sets and graphs for so many points at most."""
    with torch.random.fork_rng(devices=[]):
        net = derived_network(task, section)
    with located("[network]"):
        made = plain_twin(
            net, task, section.depth, section.scales, points=points, reads=reads, **_choices(task, section)
        )
    return made


def build_network(model: str, task: Task, section: NetworkSection, points: Most = None) -> nn.Module:
    """The network of this name: "derived", or the plain one, which "plain" and "augmented" both begin with; "distances"
    is the plain one on points that reads no directions, "extrinsic" derived for surfaces as they lie in space."""
    if model in ("derived", EXTRINSIC):
        return derived_network(extrinsic_task(task) if model == EXTRINSIC else task, section)
    return plain_network(task, section, points, DISTANCES if model == DISTANCES else VECTORS)


def in_units(net: nn.Module, task: Task, middle: Tensor, spread: Tensor) -> nn.Module:
    """y = σ f(x) + μ: the network with a last layer that gives its answers in the unit of the values.

    Positions have one already, that of the positions they start from. Of forces the energies are rescaled, by the
    spread of the forces: a slope has its factor.
    """
    if isinstance(task.output, Positions):
        return net
    if isinstance(task.output, Forces):
        return _energy_in_units(net, task, middle[:1], spread[1:2])
    last = Rescale(task.target).fill(middle, spread)
    return Blueprint([*net, last], net.task, net.notes) if isinstance(net, Blueprint) else InUnits(net, last)


def _energy_in_units(net: Any, task: Task, middle: Tensor, spread: Tensor) -> nn.Module:
    last = Rescale(Space(task.domain, task.symmetry.trivial)).fill(middle, spread)
    if isinstance(net, SlopeNet):
        return SlopeNet(InUnits(net.energies, last))
    return Blueprint([Conservative([*net[0].inner, last])], net.task, net.notes)


class InUnits(nn.Module):
    """A plain network and the fixed factors and shifts behind it.

    >>> from erlangen.groups import Trivial
    >>> from erlangen.domains import Point
    >>> from erlangen.signal import Space
    >>> last = Rescale(Space(Point(), Trivial().trivial)).fill(torch.tensor([1.0]), torch.tensor([2.0]))
    >>> InUnits(nn.Identity(), last)(torch.tensor([[3.0]])).tolist()
    [[7.0]]
    """

    def __init__(self, net: nn.Module, last: Rescale):
        super().__init__()
        self.net, self.last = net, last

    def forward(self, data: Any) -> Tensor:
        """The answers in their unit."""
        return self.last.compute(self.net(data))


def averaged(net: nn.Module, task: Task) -> Average:
    """`er.symmetrize.average` of the network over the symmetry of its task.

    >>> task = task_of(TaskSection("Dna()", "Invariant(2)"))
    >>> averaged(nn.Identity(), task).eval().over.exact
    True
    """
    return average(net, task.domain, task.symmetry, output=check_labels(task), input=task.input)


def save_network(net: nn.Module, path: Path, config: Config) -> None:
    """A derived network as `er.save` writes it; a plain one with the task and network it is made from. No pickle."""
    if isinstance(net, Blueprint):
        save_blueprint(net, path)
        return
    from safetensors.torch import save

    described = {name: config.to_dict()[name] for name in ("task", "network")}
    if isinstance(net, PaddedNet | RowsThenPoints) and net.most is not None:
        described["points"] = net.most
    inner = net.energies if isinstance(net, SlopeNet) else net
    if isinstance(inner, InUnits):
        described["units"] = True
        inner = inner.net
    if isinstance(inner, MessageNet):
        described["reads"] = inner.reads
    if isinstance(net, Average):
        described[AVERAGED], net = True, net.model
    made_from = json.dumps(described)
    tensors = {name: value.detach().cpu().contiguous() for name, value in net.state_dict().items()}
    metadata = {"format": "pt", "plain": made_from, "sha256": digest_of(made_from, tensors)}
    write_whole(path, save(tensors, metadata=metadata))


def load_network(path: Path) -> tuple[nn.Module, Task]:
    """A network that a run or `er.save` wrote, in eval mode, with its task. Missing or damaged files: RecipeError.

    >>> import tempfile, erlangen as er
    >>> task = er.Task(er.Grid(1), er.Mirror(), input=1, output=er.Invariant(2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     er.save(er.derive(task), f"{folder}/net.safetensors")
    ...     net, asked = er.train.load_network(Path(folder) / "net.safetensors")
    >>> asked == task, net.training
    (True, False)
    """
    metadata, tensors = _read(path)
    if "plain" not in metadata:
        net = load_blueprint(path).eval()
        if net.task is None:
            raise RecipeError(f"{path}, a network without a task", "a derived network", "Name domain and symmetry.")
        return net, net.task
    check_digest(path, metadata, metadata["plain"], tensors)
    try:
        made_from = json.loads(metadata["plain"])
        task = task_of(TaskSection(**made_from["task"]), str(path))
        section = NetworkSection(**made_from["network"])
        points = made_from.get("points")
        points = tuple(points) if isinstance(points, list) else points
        net = plain_network(task, section, points, made_from.get("reads", VECTORS))
        net = in_units(net, task, *_unit(task)) if made_from.get("units") else net
        net.load_state_dict(tensors)
        net = averaged(net, task) if made_from.get(AVERAGED) else net
    except (AttributeError, KeyError, TypeError, RuntimeError, json.JSONDecodeError) as error:
        given = f"{path}, a plain network that does not fit its description ({type(error).__name__})"
        raise RecipeError(given, "a file that a run wrote", "Train it again.") from None
    return net.eval(), task


def _unit(task: Task) -> tuple[Tensor, Tensor]:
    """Shifts and factors that change nothing, to be filled from a file."""
    return torch.zeros(task.target.channels), torch.ones(task.target.channels)


def _choices(task: Task, section: NetworkSection) -> dict[str, Any]:
    choices = dict(section.choices)
    if choices.get("fields") not in (None, "regular"):
        choices["fields"] = parse_channels(choices["fields"], task.symmetry)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in choices.items()}


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise RecipeError(f"{path}, which does not exist", "a saved network", "Check the path.") from None
    except (SafetensorError, OSError) as error:
        given = f"{path}, which cannot be read ({error})"
        raise RecipeError(given, "a file that er.save or a run wrote", "Save it again.") from None
