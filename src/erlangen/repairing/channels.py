"""Which channels are the same ones: functions, norms and pools leave them, sums tie them, linear maps make new ones."""

from erlangen.errors import TaskError
from erlangen.repairing.steps import MEND, Steps

KEEPS = ("norm", "function", "pool", "whole", "flatten", "up", "same", "add")


class Channels:
    """The channels at each node: a tuple of bundles, one, or several where signals were concatenated."""

    def __init__(self, found: Steps):
        self._parent: dict[str, str] = {}
        self.at: dict[str, tuple[str, ...]] = {found.start: (self._new(found.start),)}
        for name, step in found.steps.items():
            if step.kind == "concatenate":
                self.at[name] = tuple(bundle for part in step.takes for bundle in self.at[part])
                continue
            if step.kind not in KEEPS:
                self.at[name] = (self._new(name),)
                continue
            self.at[name] = self.at[step.takes[0]]
            if len({len(self.at[part]) for part in step.takes}) > 1:
                raise TaskError(f"{name}, a sum of channels joined in two ways", "joined in the same", MEND)
            for part in step.takes[1:]:
                for one, other in zip(self.at[step.takes[0]], self.at[part], strict=True):
                    self._parent[self.bundle(other)] = self.bundle(one)

    def bundle(self, name: str) -> str:
        """The one name of a bundle that has several."""
        while self._parent[name] != name:
            name = self._parent[name]
        return name

    def bundles_at(self, name: str) -> tuple[str, ...]:
        """The bundles at a node, one behind the other."""
        return tuple(self.bundle(part) for part in self.at[name])

    def _new(self, name: str) -> str:
        self._parent[name] = name
        return name
