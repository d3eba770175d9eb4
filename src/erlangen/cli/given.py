"""What the user gives on the command line: a model by its file or by its name, and inputs to try it on."""

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from torch import Tensor, nn

    from erlangen.task import Task


def load_model(given: str) -> "tuple[nn.Module, Task | None]":
    """A saved network, or what package.module:factory makes, with its task if it has one.

    The module is looked for on the path and in the current folder. ConfigError or RecipeError where there is no model.
    """
    from erlangen.train.networks import load_network

    if Path(given).exists() or ":" not in given:
        return load_network(Path(given))
    made = _make(given)
    task = getattr(made, "task", None)
    return made, task


def _make(given: str) -> "nn.Module":
    from torch import nn

    module, _, name = given.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        thing: Any = importlib.import_module(module)
        for part in name.split("."):
            thing = getattr(thing, part)
        made = thing if isinstance(thing, nn.Module) else thing()
    except Exception as error:  # the user's own code: whatever it raises is the answer to what was asked
        said = f"{type(error).__name__}: {error}"
        raise ConfigError(
            f"the model {given}, which raises {said}", "package.module:factory", "Mend it there."
        ) from error
    finally:
        sys.path.remove(str(Path.cwd()))
    if not isinstance(made, nn.Module):
        raise ConfigError(f"the model {given}, a {type(made).__name__}", "a torch.nn.Module", "Return one from it.")
    return made.eval()


def load_inputs(given: str, dim: int, most: int) -> "Tensor":
    """The inputs of a data set's test part, of an .npz file (x) or of a folder of pictures: the first `most`."""
    from erlangen.data import load, read_inputs

    path = Path(given)
    if path.suffix == ".npz":
        return read_inputs(path, dim)[:most]
    return load(path if path.exists() else given, dim=dim).test.inputs[:most]
