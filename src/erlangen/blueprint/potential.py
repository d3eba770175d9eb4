"""From a network on points to a potential: energies that are sums over atoms, with forces and stress as derivatives."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from erlangen.blueprint._blueprint import Blueprint
from erlangen.blueprint.store import load_described, save_described
from erlangen.domains import Points
from erlangen.domains._segments import segment_sum, spread
from erlangen.domains.packed import members_of
from erlangen.domains.point_formats import as_dict, elements_one_hot, symbols_of
from erlangen.errors import InputError, RecipeError, TaskError
from erlangen.given import number
from erlangen.layers import Conservative, Layer, PackedPool, leaves

POTENTIAL = "potential"  # how a file says what its network is a part of


class Energies(NamedTuple):
    """Of clouds: `energy` `[b]`, `forces` `[n, d]`, and `stress` `[b, d, d]` where there are cells with a volume.

    >>> import torch, erlangen as er
    >>> net = er.derive(er.Task(er.Points(3, radius=2.0), input=2, output=er.Invariant(1)), width=8, pool="sum")
    >>> potential = er.Potential(net, elements=("H", "O"))
    >>> water = {"z": torch.tensor([8, 1, 1]), "pos": torch.tensor([[0.0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]])}
    >>> found = potential(water)
    >>> found.energy.shape, found.forces.shape, found.stress
    (torch.Size([1]), torch.Size([3, 3]), None)
    """

    energy: Tensor
    forces: Tensor
    stress: Tensor | None = None


class Potential(nn.Module):
    """E = Σ_i (s f_i(x) + e(z_i)), F_i = −∂E/∂x_i, σ = (1/V) ∂E/∂ε where space is strained, x ↦ x + x ε, ε = εᵀ.

    Forces are derivatives, so work round a closed path is zero: they conserve energy, add up to zero and have no
    torque wherever f is invariant. `net` is a network on points with one invariant answer at each point, such as
    er.Equivariant(1), or one a cloud that is a sum, er.Invariant(1) with pool="sum", or one for er.Forces(); its
    parameters are those of the potential. With `elements` its input are these, one-hot, made of `z` or of the atoms'
    symbols, and `reference` is the energy e of an atom of each; `scale` s is in the unit of energy.

    Shapes: whatever `er.Points(d).read` takes → `Energies`: energy `[b]`, forces `[n, d]` in the order of the points,
    stress `[b, d, d]` for cells. Units are those that it was trained in: of energy, energy/length, energy/lengthᵈ; the
    sign of stress is ASE's, positive where the cell would shrink. In training mode, or with create_graph=True, all of
    it can be differentiated again, so that a loss of forces trains the network. Positions keep their own precision.

    >>> import erlangen as er
    >>> task = er.Task(er.Points(3, radius=4.0), input=2, output=er.Equivariant(1))
    >>> potential = er.Potential(er.derive(task, width=8), elements=("H", "O"), reference={"O": -2000.0}).eval()
    >>> water = {"z": torch.tensor([8, 1, 1]), "pos": torch.tensor([[0.0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]])}
    >>> energy, forces, stress = potential(water)
    >>> energy.shape, forces.shape, stress
    (torch.Size([1]), torch.Size([3, 3]), None)
    >>> bool(forces.sum(0).abs().max() < 1e-5)
    True

    Chmiela et al. 2017, arXiv:1611.04678; Knuth et al. 2015, arXiv:1503.07061 (stress by strain).
    """

    def __init__(
        self,
        net: nn.Module,
        elements: "Sequence[int | str] | None" = None,
        reference: "Mapping[int | str, float] | None" = None,
        scale: float = 1.0,
    ):
        super().__init__()
        self.net = _checked(_energies_alone(net))
        self.elements = None if elements is None else symbols_of(elements)
        self.reference = _energies_of(reference, self.elements)
        self.scale = number("scale", scale, TaskError, mend="In the unit of energy, such as the usual force.")
        if self.elements is not None and isinstance(net, Layer) and net.source.channels != len(self.elements):
            given = f"{len(self.elements)} elements for a network of {net.source.channels} channels"
            raise TaskError(given, "a channel for each element", f"Derive it with input={len(self.elements)}.")

    def forward(self, data: Any, create_graph: bool | None = None) -> Energies:
        """Energy, forces and stress; `create_graph` left out: in training mode."""
        kept = self.training if create_graph is None else create_graph
        with torch.inference_mode(False), torch.enable_grad():
            held, batch, clouds = _opened(data)
            position = held["pos"] if held["pos"].requires_grad else held["pos"].detach().requires_grad_()
            strain = position.new_zeros(clouds, position.shape[1], position.shape[1]).requires_grad_()
            by = (strain + strain.mT) / 2
            held["pos"], cell = position + (position[:, None] @ spread(by, batch))[:, 0], held.get("cell")
            if cell is not None:
                held["cell"] = cell + cell @ by
            energy = self._energy(held, batch, clouds)
            force, virial = _slopes(energy.sum(), (position, strain), kept)
        if not kept:
            energy = energy.detach()
        return Energies(energy, -force, None if cell is None else _per_volume(virial, cell))

    def energy(self, data: Any) -> Tensor:
        """E of each cloud, `[b]`, to be differentiated as any tensor is."""
        return self._energy(*_opened(data))

    def _energy(self, held: dict[str, Any], batch: Tensor, clouds: int) -> Tensor:
        x, position = self._features(held), held["pos"]
        said = self.net({**held, "x": x})
        wide = torch.promote_types(position.dtype, said.dtype)
        pointwise = isinstance(self.net.target.domain, Points) if isinstance(self.net, Layer) else len(said) == len(x)
        if said.numel() != (len(x) if pointwise else clouds):
            given = f"answers of shape {tuple(said.shape)} for {len(x)} points of {clouds} clouds"
            raise InputError(given, "one number a point, or one a cloud", "Derive it with er.Equivariant(1).")
        said = self.scale * said.reshape(-1).to(wide)
        energy = segment_sum(said, batch, clouds) if pointwise else said
        if self.elements is None or not any(self.reference):
            return energy
        known = torch.tensor(self.reference, dtype=torch.float64, device=x.device)
        own = segment_sum(x.double() @ known, batch, clouds)
        return energy + own.to(wide)

    def _features(self, held: dict[str, Any]) -> Tensor:
        """x of the network, in the dtype of its weights."""
        position, x = held["pos"], held.get("x")
        weight = next(self.net.parameters(), position)
        if self.elements is not None:
            if held.get("z") is None:
                raise InputError("points without z", "atomic numbers z [points]", "Or make the potential of x alone.")
            x = elements_one_hot(held["z"], self.elements)
        elif x is None:
            x = position.new_ones(len(position), 1)
        return x.to(device=position.device, dtype=weight.dtype)

    def save(self, path: str | Path) -> None:
        """Write the network, its elements, references and scale to one file, as `er.save` does; no pickle."""
        settings = {"elements": self.elements, "reference": self.reference, "scale": self.scale}
        save_described(self.net, path, POTENTIAL, json.dumps(settings))

    @classmethod
    def load(cls, path: str | Path) -> "Potential":
        """The potential of a file that `save` wrote, in eval mode. Raises RecipeError if it is damaged or another."""
        net, described = load_described(path, POTENTIAL)
        try:
            settings = json.loads(described)
            elements = settings["elements"]
            reference = None if elements is None else dict(zip(elements, settings["reference"], strict=True))
            return cls(net, elements, reference, settings["scale"]).eval()
        except (KeyError, TypeError, ValueError) as error:
            given = f"{str(path)!r}, a potential that does not fit its description ({error})"
            raise RecipeError(given, "a file that a potential's save wrote", "Save it again.") from None

    def extra_repr(self) -> str:
        return f"elements={self.elements}, reference={self.reference}, scale={self.scale:g}"


def _energies_alone(net: Any) -> Any:
    """Of a network for er.Forces() what says the energies: the slopes are taken here, of stress too."""
    first = net[0] if isinstance(net, Blueprint) and len(net) == 1 else None
    return Blueprint([first.inner], notes=net.notes) if isinstance(first, Conservative) else net


def _checked(net: nn.Module) -> nn.Module:
    """The network, if its answer can be an energy."""
    if not isinstance(net, nn.Module):
        raise TaskError(f"a {type(net).__name__}", "a network on points", "er.derive(task) makes one.")
    if not isinstance(net, Layer):
        return net
    source, target = net.source, net.target
    one = target.rho.dim == 1 and target.rho.is_trivial
    if not isinstance(source.domain, Points) or not one:
        mend = 'Ask for output=er.Equivariant(1), or for er.Invariant(1) with pool="sum".'
        raise TaskError(f"a network from {source!r} to {target!r}", "one invariant number on er.Points(d)", mend)
    means = [part.method for part in leaves(net) if isinstance(part, PackedPool) and part.methods != ["sum"]]
    if means:
        given = f"a network whose answer is the {means[0]} over points"
        raise TaskError(given, "a sum, for energies add up", 'Derive it with pool="sum", or with er.Equivariant(1).')
    return net


def _energies_of(given: Any, elements: tuple[str, ...] | None) -> tuple[float, ...]:
    """e of each element, 0 where it is not said."""
    if given is None:
        return (0.0,) * len(elements or ())
    if elements is None or not isinstance(given, Mapping):
        mend = "er.Potential(net, elements=('H', 'O'), reference={'H': -13.6, 'O': -2041.8})."
        raise TaskError(f"reference={given!r}", "elements, and an energy for each of them by its name", mend)
    said = dict(zip(symbols_of(tuple(given)), given.values(), strict=True)) if given else {}
    unknown = set(said) - set(elements)
    if unknown:
        raise TaskError(f"an energy of {sorted(unknown)[0]}", f"energies of {elements}", "Name it in elements too.")
    return tuple(number(name, said.get(name, 0.0), TaskError, least=-float("inf")) for name in elements)


def _opened(data: Any) -> tuple[dict[str, Any], Tensor, int]:
    """What the data hold, checked; to which cloud each point belongs; how many clouds there are."""
    held = as_dict(data)
    held = {
        name: part.clone() if isinstance(part, Tensor) and part.is_inference() else part for name, part in held.items()
    }
    given = held.get("pos")
    dim = given.shape[1] if isinstance(given, Tensor) and given.dim() == 2 and given.shape[1] == 2 else 3
    position = held["pos"] = Points(dim).positions(held)
    batch = held.get("batch")
    members = members_of(len(position), batch, held.get("ptr"), position)
    clouds = len(members.ptr) - 1
    cell, along = Points(dim).cells(held.pop("cell", None), held.pop("pbc", None), clouds, position)
    if cell is not None:
        held |= {"cell": cell, "pbc": along}
    return held, members.batch if batch is None else batch, clouds


def _slopes(energy: Tensor, at: tuple[Tensor, Tensor], kept: bool) -> tuple[Tensor, ...]:
    """∂E/∂x for each x, zero where E does not depend on it."""
    if not energy.requires_grad:
        return tuple(torch.zeros_like(x) for x in at)
    return torch.autograd.grad(energy, at, create_graph=kept, allow_unused=True, materialize_grads=True)


def _per_volume(virial: Tensor, cell: Tensor) -> Tensor | None:
    volume = torch.linalg.det(cell).abs()[:, None, None]
    return virial / volume if bool((volume > 0).all()) else None
