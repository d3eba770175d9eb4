"""Networks in files: weights as safetensors, the recipe as text in its header. No pickle."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from erlangen.blueprint._blueprint import Blueprint
from erlangen.blueprint.recipe import build
from erlangen.errors import RecipeError
from erlangen.files import write_whole
from erlangen.given import place


def save(net: Blueprint, path: str | Path) -> None:
    """Write recipe and weights to one safetensors file, whole or not at all.

    >>> import tempfile, erlangen as er
    >>> net = er.derive(er.Task(er.Grid(1), er.Mirror(), input=1, output=er.Invariant(2)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     er.save(net, f"{folder}/net.safetensors")
    ...     er.load(f"{folder}/net.safetensors").recipe == net.recipe
    True
    """
    save_described(net, path)


def save_described(net: Any, path: str | Path, kind: str = "", described: str = "") -> None:
    """The same of a network that is a part of some other `kind` of thing, which is `described` beside its recipe."""
    from safetensors.torch import save as pack

    if not isinstance(net, Blueprint):
        raise RecipeError(f"a {type(net).__name__}", "a Blueprint", "Save other modules with torch's own means.")
    path = place("path", path, RecipeError)
    tensors = {name: tensor.contiguous() for name, tensor in net.state_dict().items()}
    recipe = json.dumps(net.recipe, ensure_ascii=False)
    beside = {"kind": kind, "described": described} if kind else {}
    metadata = {"format": "pt", "recipe": recipe, "sha256": digest_of(recipe + described, tensors), **beside}
    write_whole(path, pack(tensors, metadata=metadata))


def load(path: str | Path) -> Blueprint:
    """The network of a file that `save` wrote, in training mode and on the CPU.

    Raises RecipeError if the file is missing, damaged by as little as one bit, or no network of this library.

    >>> import tempfile, erlangen as er
    >>> net = er.derive(er.Task(er.Grid(1), er.Mirror(), input=1, output=er.Invariant(2)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     er.save(net, f"{folder}/net.safetensors")
    ...     type(er.load(f"{folder}/net.safetensors")).__name__
    'Blueprint'
    """
    return load_described(path)[0]


def load_described(path: str | Path, kind: str = "") -> tuple[Blueprint, str]:
    """The network of a file, and the text that describes the `kind` of thing that it is a part of."""
    metadata, tensors = _read(path)
    recipe, described = metadata.get("recipe"), metadata.get("described", "")
    if "plain" in metadata:
        raise RecipeError(
            f"{str(path)!r}, a plain network that a run wrote",
            "a file that er.save wrote",
            "Load it with er.train.load_network(path), which gives the network and its task.",
        )
    if recipe is None:
        raise RecipeError(
            f"{str(path)!r}, which holds weights but no recipe", "a file that er.save wrote", "Use er.save."
        )
    found = metadata.get("kind", "")
    if found != kind:
        mend = "A network is loaded with er.load(path), a potential with er.Potential.load(path)."
        raise RecipeError(f"{str(path)!r}, a {found or 'network'}", f"a {kind or 'network'}", mend)
    check_digest(path, metadata, recipe + described, tensors)
    try:
        net = build(json.loads(recipe))
    except (json.JSONDecodeError, RecursionError):
        raise RecipeError(
            f"{str(path)!r}, whose recipe is no JSON", "a file that er.save wrote", "Save it again."
        ) from None
    if tensors:
        net = net.to(next((t.dtype for t in tensors.values() if t.is_floating_point()), None))
    try:
        net.load_state_dict(tensors)
    except RuntimeError as broken:
        raise RecipeError(
            f"{str(path)!r}, whose weights are not its recipe's ({broken})", "both of one network", "Save it again."
        ) from None
    return net, described


def kind_of(path: str | Path) -> str:
    """What the network of a file is a part of; nothing where it is a network alone."""
    return _read(path)[0].get("kind", "")


def _read(path: str | Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as broken:
        raise RecipeError(
            f"{str(path)!r}, which cannot be read ({broken})", "a file that er.save wrote", "Save it again."
        ) from None


def check_digest(path: str | Path, metadata: dict[str, str], described: str, tensors: dict[str, Tensor]) -> None:
    """RecipeError where a file says another fingerprint than that of what it holds, or none."""
    if metadata.get("sha256") != digest_of(described, tensors):
        given = f"{str(path)!r}, which has changed since it was saved"
        raise RecipeError(given, "the file as it was", "Fetch it again.")


def digest_of(recipe: str, tensors: dict[str, Tensor]) -> str:
    """A fingerprint of recipe and weights: a flipped bit in a weight shows in nothing else."""
    digest = hashlib.sha256(recipe.encode())
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype}".encode())
        digest.update(tensors[name].detach().cpu().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
