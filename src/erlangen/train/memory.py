"""How much memory a network takes while it answers: the most bytes that are alive at once of what it makes."""

import weakref
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode

from erlangen.train.held import tensors


class _Alive(TorchDispatchMode):
    """Counts the storage of every tensor made inside, until it is given back."""

    def __init__(self, given: Iterable[Tensor]):
        super().__init__()
        self.now = self.most = 0
        self.seen: dict[int, int] = {tensor.untyped_storage()._cdata: 0 for tensor in given}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for tensor in pytree.tree_leaves(made):
            if isinstance(tensor, Tensor):
                self._count(tensor)
        return made

    def _count(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key, size = storage._cdata, storage.nbytes()
        if key in self.seen:
            return
        self.seen[key] = size
        self.now += size
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._freed, key)

    def _freed(self, key: int) -> None:
        self.now -= self.seen.pop(key, 0)


def peak_of(run: Callable[[], Any], given: Iterable[Tensor]) -> int:
    """The most bytes alive at once of what `run` makes, gradients and what is kept for them included; what is `given`
    is not counted.

    >>> x = torch.zeros(1000, requires_grad=True)
    >>> peak_of(lambda: x.exp().sum().backward(), [x])
    8008
    """
    with _Alive(given) as alive:
        run()
    return alive.most


def peak_bytes(net: nn.Module, inputs: Any) -> int:
    """The most bytes alive at once of what the network makes of these inputs; its weights and they are not counted.

    >>> peak_bytes(nn.Sequential(nn.ReLU(), nn.ReLU()), torch.zeros(1000))
    8000
    """
    with torch.no_grad():
        return peak_of(lambda: net(inputs), [*tensors(inputs), *net.parameters(), *net.buffers()])
