"""Networks in files: weights as safetensors, the recipe as text in its header. No pickle."""

import json
from pathlib import Path

from erlangen.blueprint._blueprint import Blueprint
from erlangen.blueprint.recipe import build
from erlangen.errors import RecipeError
from erlangen.files import write_whole


def save(net: Blueprint, path: str | Path) -> None:
    """Write recipe and weights to one safetensors file, whole or not at all.

    >>> import tempfile, erlangen as er
    >>> net = er.derive(er.Task(er.Grid(1), er.Mirror(), input=1, output=er.Invariant(2)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     er.save(net, f"{folder}/net.safetensors")
    ...     er.load(f"{folder}/net.safetensors").recipe == net.recipe
    True
    """
    from safetensors.torch import save as pack

    if not isinstance(net, Blueprint):
        raise RecipeError(f"a {type(net).__name__}", "a Blueprint", "Save other modules with torch's own means.")
    tensors = {name: tensor.contiguous() for name, tensor in net.state_dict().items()}
    metadata = {"format": "pt", "recipe": json.dumps(net.recipe, ensure_ascii=False)}
    write_whole(path, pack(tensors, metadata=metadata))


def load(path: str | Path) -> Blueprint:
    """The network of a file that `save` wrote, in eval mode off and on the CPU.

    Raises RecipeError if the file is missing, damaged, or no network of this library.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as file:
            recipe = (file.metadata() or {}).get("recipe")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as broken:
        raise RecipeError(
            f"{str(path)!r}, which cannot be read ({broken})", "a file that er.save wrote", "Save it again."
        ) from None
    if recipe is None:
        raise RecipeError(
            f"{str(path)!r}, which holds weights but no recipe", "a file that er.save wrote", "Use er.save."
        )
    try:
        net = build(json.loads(recipe))
    except json.JSONDecodeError:
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
    return net
