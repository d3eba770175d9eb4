"""The spectrum of a graph's Laplacian, and what can be read off it that no choice of eigenvectors changes."""

from typing import NamedTuple

import torch
from torch import Tensor

from erlangen.domains._segments import lengths
from erlangen.domains.graph import Edges
from erlangen.domains.packed import place_in
from erlangen.domains.pairs import refuse_too_many

BEYOND = 3.0  # the Laplacian's eigenvalues are 0 … 2: where smaller graphs are filled up, they are this


class Spectrum(NamedTuple):
    """L = V diag(λ) Vᵀ of every graph: `values` `[b, longest]`, `vectors` `[b, longest, longest]`, one a column.

    Smaller graphs are filled up: `inside` `[b, longest]` says which eigenvalues are a graph's own, `rows` which nodes.
    """

    values: Tensor
    vectors: Tensor
    inside: Tensor
    rows: Tensor


def laplacian_spectrum(edges: Edges) -> Spectrum:
    """L = D^(−½) (D − W) D^(−½), W = (|A| + |A|ᵀ) / 2, in float64; an isolated node has the eigenvalue 0.

    >>> import torch
    >>> from erlangen.domains import Graph
    >>> _, edges = Graph().read((torch.ones(2, 1), torch.tensor([[0, 1], [1, 0]])))
    >>> laplacian_spectrum(edges).values.round(decimals=6).abs().tolist()
    [[0.0, 2.0]]
    """
    laplacian, rows = _laplacian(edges)
    values, vectors = torch.linalg.eigh(laplacian)
    return Spectrum(values, vectors, values < (2 + BEYOND) / 2, rows)


def kernels(spectrum: Spectrum, weights: Tensor) -> Tensor:
    """Σ_l φ(λ_l) v_l v_lᵀ for each of m functions φ of the eigenvalue, `[b, longest, m]` → `[b, longest, longest, m]`.

    Eigenvectors with one eigenvalue enter by their projection alone, so neither their signs nor their choice counts.
    """
    weights = weights * spectrum.inside[..., None]
    vectors = spectrum.vectors.to(weights.dtype)
    return torch.einsum("bil,blm,bjl->bijm", vectors, weights, vectors)


def heat(edges: Edges, times: Tensor, like: Tensor) -> Tensor:
    """h_t(i) = Σ_l e^(−t λ_l) v_l(i)²: the heat that is left where it was after the time t, `[nodes, times]`.

    Sun, Ovsjanikov, Guibas 2009: the heat kernel signature.

    >>> import torch
    >>> from erlangen.domains import Graph
    >>> x, edges = Graph().read((torch.ones(2, 1), torch.tensor([[0, 1], [1, 0]])))
    >>> heat(edges, torch.tensor([0.0, 50.0]), x).tolist()
    [[1.0, 0.5], [1.0, 0.5]]
    """
    spectrum = laplacian_spectrum(edges)
    left = torch.exp(-spectrum.values[..., None] * times.to(torch.float64)) * spectrum.inside[..., None]
    found = torch.einsum("bil,blt->bit", spectrum.vectors.square(), left)
    return found[edges.members.batch, place_in(edges.members)].to(like.dtype)


def _laplacian(edges: Edges) -> tuple[Tensor, Tensor]:
    """The Laplacians side by side, `[b, longest, longest]`, and which rows there are, `[b, longest]`."""
    members, sizes = edges.members, lengths(edges.members.ptr)
    longest = int(sizes.max())
    refuse_too_many(len(sizes) * longest * longest, "pairs of nodes")
    place, batch = place_in(members), members.batch[edges.source]
    joined = torch.zeros(len(sizes), longest, longest, dtype=torch.float64, device=place.device)
    weight = joined.new_ones(len(batch)) if edges.weight is None else edges.weight.detach().abs().to(joined)
    joined = joined.index_put((batch, place[edges.source], place[edges.target]), weight, accumulate=True)
    joined = (joined + joined.mT) / 2
    degree = joined.sum(-1)
    scale = degree.clamp(min=1e-300).rsqrt() * (degree > 0)
    inside = torch.arange(longest, device=place.device) < sizes[:, None]
    own = (degree > 0) + BEYOND * ~inside
    return torch.diag_embed(own.to(joined)) - scale[:, :, None] * joined * scale[:, None, :], inside
