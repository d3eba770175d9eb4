"""A network as `torch.export.save` wrote it: a .pt2 file that needs none of the source it was made from."""

import copy
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from erlangen.auditing.batches import in_batches
from erlangen.errors import InputError

if TYPE_CHECKING:
    from torch.export import ExportedProgram


class ExportedNetwork(nn.Module):
    """y = f(x) of a module that was written down for `size` inputs at once, or for any number where that is None."""

    def __init__(self, program: nn.Module, size: int | None):
        super().__init__()
        self.program, self.size = program, size

    def forward(self, x: Tensor) -> Any:
        """The program's answers to x, `size` inputs at a time."""
        return in_batches(self.program, x, self.size)

    def __deepcopy__(self, memo: dict[int, Any]) -> "ExportedNetwork":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, of how it copies a graph
            copied = ExportedNetwork(copy.deepcopy(self.program, memo), self.size)
        copied.training = self.training
        return copied


def read_program(path: str | os.PathLike[str]) -> ExportedNetwork:
    """The module in an exported program of one input, for any number of inputs, even where it was exported for one.

    It stays in the mode it was exported in. InputError where there is no such program.

    >>> import tempfile, torch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     torch.export.save(torch.export.export(nn.Flatten(), (torch.zeros(4, 2, 3),)), f"{folder}/flat.pt2")
    ...     read_program(f"{folder}/flat.pt2")(torch.zeros(6, 2, 3)).shape
    torch.Size([6, 6])
    """
    program = _load(Path(path))
    names = list(program.graph_signature.user_inputs)
    if len(names) != 1:
        listed = ", ".join(map(str, names)) or "none"
        raise InputError(f"{path}, a program of {len(names)} inputs ({listed})", "one input", "Bind the others first.")
    whole = ExportedNetwork(program.module(), _fixed_batch(program, str(names[0])))
    for part in whole.modules():  # a program has no modes, and the flag that says it were in training is but left over
        part.training = False
    return whole


def _load(path: Path) -> "ExportedProgram":
    import torch

    if not path.is_file():
        raise InputError(f"{path}, which does not exist", "a .pt2 file of torch.export.save", "Check the path.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, of what it does inside
            return torch.export.load(path)
    except Exception as error:  # a file from anywhere: torch has no one exception for what it cannot read
        said = (str(error).splitlines() or ["no message"])[0]
        given = f"{path}, which torch.export.load does not read ({type(error).__name__}: {said})"
        raise InputError(given, "a .pt2 file of torch.export.save", "Export it again with this torch.") from error


def _fixed_batch(program: "ExportedProgram", name: str) -> int | None:
    """How many inputs at once the program was exported for; None where it takes any number."""
    node = next(node for node in program.graph.nodes if node.name == name)
    shape = list(getattr(node.meta.get("val"), "shape", ()))
    return int(shape[0]) if shape and isinstance(shape[0], int) else None
