"""Fields in the basis in which they are sums of irreps, and back."""

import numpy as np
from torch import Tensor

from erlangen.layers._constants import Constants


class Bases(Constants):
    """x ↦ Qᵀ x and y ↦ Q′ y, each the identity where its basis is None."""

    def __init__(self, there: np.ndarray | None, back: np.ndarray | None):
        super().__init__()
        self.kept = there is not None, back is not None
        self.hold({name: q for name, q in (("q", there), ("q_back", back)) if q is not None})

    def there(self, values: Tensor) -> Tensor:
        """`[n, c]` in the basis of irreps."""
        return values @ self.get_buffer("q").to(values.dtype) if self.kept[0] else values

    def back(self, values: Tensor) -> Tensor:
        """`[n, c]` as fields have it."""
        return values @ self.get_buffer("q_back").to(values.dtype).T if self.kept[1] else values
