"""timm's networks by name, for who has timm: it is no part of erlangen, and neither is torchvision, which it needs."""

import importlib
from typing import TYPE_CHECKING, Any

from erlangen.errors import ConfigError

if TYPE_CHECKING:
    from torch import nn

PREFIX = "timm:"
UNTRAINED = ":untrained"


def timm_model(given: str) -> "nn.Module":
    """The network that timm:NAME names, with its published weights; timm:NAME:untrained leaves these where they are."""
    name = given.removeprefix(PREFIX).removesuffix(UNTRAINED)
    timm = _timm(given)
    try:
        return timm.create_model(name, pretrained=not given.endswith(UNTRAINED)).eval()
    except Exception as error:  # timm's own, or that of a download
        said = f"{type(error).__name__}: {error}"
        mend = f"timm.list_models() names them; {PREFIX}{name}{UNTRAINED} needs no download."
        raise ConfigError(f"the model {given}, for which timm raises {said}", "a model of timm", mend) from error


def _timm(given: str) -> Any:
    try:
        return importlib.import_module("timm")
    except Exception as error:  # beside a torch that is not its own, torchvision raises a RuntimeError
        import torch

        why = f"{type(error).__name__}: {error}"
        expected = f"timm, and the torchvision made for torch {torch.__version__}"
        raise ConfigError(f"{given}, where timm cannot be imported ({why})", expected, "pip install timm") from error
