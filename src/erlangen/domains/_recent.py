"""What was used last stays in memory, up to a number of bytes."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Recent(Generic[Kept]):
    """Values by key; where they take more than `limit` bytes, those go that were asked for longest ago.

    The last one stays, whatever it takes.

    >>> known = Recent[str](limit=2)
    >>> for key in "abc":
    ...     known.put(key, key.upper(), size=1)
    >>> known.get("a"), known.get("b")
    (None, 'B')
    """

    def __init__(self, limit: int):
        self.limit, self.size = limit, 0
        self._kept: OrderedDict[str, tuple[Kept, int]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str) -> Kept | None:
        """What was put there, if it is there still."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: str, value: Kept, size: int) -> None:
        """`value`, which takes `size` bytes."""
        with self._lock:
            before = self._kept.pop(key, None)
            self._kept[key] = (value, size)
            self.size += size - (before[1] if before else 0)
            while self.size > self.limit and len(self._kept) > 1:
                self.size -= self._kept.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Nothing is kept any more."""
        with self._lock:
            self._kept.clear()
            self.size = 0
