"""Sets of small graphs, as mixtures are sets of molecules."""

import torch

from erlangen.data import GraphStore, SetStore


def chain(points: int, generator: torch.Generator | None = None, dtype: torch.dtype = torch.float32) -> dict:
    """A path of so many points, along which edges go both ways."""
    along = torch.arange(points - 1)
    edges = torch.stack([torch.cat([along, along + 1]), torch.cat([along + 1, along])])
    return {"x": torch.randn(points, 2, generator=generator, dtype=dtype), "edge_index": edges}


def mixtures(n: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> SetStore:
    """Sets of one, two or three chains of two to four points."""
    draw = torch.Generator().manual_seed(seed)
    counts = [1 + i % 3 for i in range(n)]
    return SetStore(GraphStore([chain(2 + i % 3, draw, dtype) for i in range(sum(counts))]), counts)
