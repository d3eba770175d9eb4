"""Constants of a module: computed in float64, held in its dtype and on its device, and no part of its state."""

from typing import Any, Self

import numpy as np
import torch
from torch import nn

from erlangen.layers._base import constant


class Constants(nn.Module):
    """A module that holds arrays as buffers and rebuilds them from float64 when it changes dtype or device.

    So `.float().double()` loses nothing, and what was made on meta comes to life with `.to_empty()` or `assign=True`.
    """

    _constants: dict[str, np.ndarray]

    def hold(self, constants: dict[str, np.ndarray]) -> None:
        """Register these arrays, by name."""
        self._constants = constants
        for name, array in constants.items():
            dtype = torch.int64 if array.dtype.kind == "i" else torch.get_default_dtype()
            self.register_buffer(name, torch.as_tensor(array, dtype=dtype), persistent=False)

    def renew(self, like: torch.Tensor) -> None:
        """All of them anew, on the device of `like`; real numbers in its dtype."""
        for name, array in self._constants.items():
            dtype = torch.int64 if array.dtype.kind == "i" else like.dtype
            self._buffers[name] = torch.as_tensor(array, dtype=dtype, device=like.device)

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        before = dict(self._buffers)
        super()._apply(fn, recurse)
        for name, array in self._constants.items():
            now = self._buffers[name]
            if now is not None and now is not before[name]:  # `share_memory()` keeps the tensor, and so must this
                self._buffers[name] = constant(array, now)
        return self

    def _load_from_state_dict(self, *arguments: Any, **named: Any) -> None:
        super()._load_from_state_dict(*arguments, **named)  # with assign=True the weight may come to another device
        weight = next(self.parameters(), None)
        for name, array in self._constants.items():
            now = self._buffers[name]
            assert now is not None, "`hold` registered it"
            own = torch.device("cpu") if now.is_meta else now.device
            device = own if weight is None or weight.is_meta else weight.device
            self._buffers[name] = torch.as_tensor(array, dtype=now.dtype, device=device)
