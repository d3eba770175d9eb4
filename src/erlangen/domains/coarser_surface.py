"""Coarser surfaces of surfaces: found once for each, and how fields are carried there and back."""

import hashlib
from collections import OrderedDict
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from erlangen.domains._segments import lengths, segment_sum, spread, starts
from erlangen.domains.graph import sorted_edges
from erlangen.domains.packed import Members
from erlangen.domains.signatures import heat_signature
from erlangen.domains.surface import Carried, Surface, mirrors, next_edges
from erlangen.domains.surfaces.coarsening import APART, BESIDE, Coarser, Shares, coarser
from erlangen.domains.surfaces.geodesics import balls_over
from erlangen.domains.surfaces.tangents import Ball

REMEMBERED = 64
SMOOTHED = 3


class _Arrays(NamedTuple):
    """What of one batch of surfaces a coarser one is made of."""

    near: Ball
    mass: np.ndarray
    priority: np.ndarray
    batch: np.ndarray


_found: "OrderedDict[str, Coarser]" = OrderedDict()


def coarsened(surface: Surface) -> Surface:
    """The surface at fewer vertices, about a quarter, each `APART` mean distances from the others at least.

    Chosen by what is measured along the surface alone, so that bent ones are coarsened alike, in whatever order they
    are stored: those at which most of a unit of heat stays, among all about them. Neighbours are the chosen within
    `BESIDE` times that distance; directions and transport come by ways along the surface. `finer` is the surface given.
    """
    members, arrays = surface.members, _arrays_of(surface)
    made = _kept(arrays)
    kept = torch.as_tensor(made.kept, device=surface.mass.device)
    batch = members.batch[kept]
    among = Members(batch, starts(torch.bincount(batch, minlength=len(members.ptr) - 1)))
    down, up = (_carried(part, surface.mass) for part in (made.down, made.up))
    mass = segment_sum(surface.mass[down.source] * _parts(made.down, arrays, surface.mass), down.target, len(kept))
    source, target = (torch.as_tensor(end).to(kept) for end in (made.near.source, made.near.target))
    edges = sorted_edges(source, target, among)
    offset, transport = (torch.as_tensor(part).to(surface.offset) for part in (_pairs(made.near), made.near.transport))
    offset, transport = offset[edges.order], transport[edges.order]
    return Surface(
        edges,
        surface.position[kept],
        surface.face[:0],
        offset,
        transport,
        mass,
        surface.unit,
        surface.frames[kept],
        surface.normals[kept],
        edges,
        _slopes(_wide(offset), edges.target, len(kept)).to(offset),
        _orthonormal(_wide(surface.functions[kept]), _wide(mass), among).to(mass),
        surface.values,
        finer=surface,
        down=down,
        up=up,
        mirrored=mirrors([made.near.mirrored], edges),
    )


def _arrays_of(surface: Surface) -> _Arrays:
    edges = surface.beside if surface.finer is None else surface.edges
    place = slice(None) if edges is surface.edges else next_edges(surface)
    x, y = surface.offset[place].detach().double().cpu().numpy().T
    transport = surface.transport[place].detach().double().cpu().numpy()
    mirrored = np.zeros(len(x), dtype=bool) if surface.mirrored is None else surface.mirrored[place].cpu().numpy()
    near = Ball(edges.target.cpu().numpy(), edges.source.cpu().numpy(), x + 1j * y, transport, mirrored)
    mass = surface.mass.detach().double().cpu().numpy()
    return _Arrays(near, mass, _priority(surface), surface.members.batch.cpu().numpy())


def _priority(surface: Surface) -> np.ndarray:
    """What of a unit of heat is left after a short time, by the vibrations; else how far neighbours are, smoothed."""
    if surface.functions.shape[1] > 1:
        return heat_signature(surface, 4)[:, 1].detach().double().cpu().numpy()
    target, source = surface.edges.target, surface.edges.source
    value = segment_sum(surface.offset.norm(dim=1), target, len(surface.mass))
    count = lengths(surface.edges.into).clamp(min=1).to(value)
    value = value / count
    for _ in range(SMOOTHED):
        value = (value + segment_sum(value[source], target, len(value)) / count) / 2
    return value.detach().double().cpu().numpy()


def _kept(arrays: _Arrays) -> Coarser:
    digest = hashlib.sha256(b"".join(part.tobytes() for part in (*arrays.near, arrays.mass, arrays.priority)))
    key = digest.hexdigest()
    if key not in _found:
        _found[key] = _made(arrays)
    _found.move_to_end(key)
    while len(_found) > REMEMBERED:
        _found.popitem(last=False)
    return _found[key]


def _made(arrays: _Arrays) -> Coarser:
    """Surface by surface, each by its own mean distance."""
    parts, start = [], 0
    for b in range(int(arrays.batch.max()) + 1):
        rows = np.flatnonzero(arrays.batch == b)
        first, count = int(rows[0]), len(rows)
        mine = (arrays.near.target >= first) & (arrays.near.target < first + count)
        near = Ball(*(part[mine] for part in arrays.near))
        near = near._replace(target=near.target - first, source=near.source - first)
        apart = APART * float(np.sqrt(2 / np.sqrt(3) * arrays.mass[rows].sum() / count))
        found = coarser(balls_over(near, count, BESIDE * apart), count, apart, arrays.mass[rows], arrays.priority[rows])
        parts.append(_shifted(found, first, start))
        start += len(found.kept)
    return Coarser(
        np.concatenate([p.kept for p in parts]),
        Shares(*(np.concatenate(each) for each in zip(*(p.down for p in parts), strict=True))),
        Shares(*(np.concatenate(each) for each in zip(*(p.up for p in parts), strict=True))),
        Ball(*(np.concatenate(each) for each in zip(*(p.near for p in parts), strict=True))),
    )


def _shifted(made: Coarser, fine: int, coarse: int) -> Coarser:
    down = made.down._replace(target=made.down.target + coarse, source=made.down.source + fine)
    up = made.up._replace(target=made.up.target + fine, source=made.up.source + coarse)
    near = made.near._replace(target=made.near.target + coarse, source=made.near.source + coarse)
    return Coarser(made.kept + fine, down, up, near)


def _carried(shares: Shares, like: Tensor) -> Carried:
    target, source = (torch.as_tensor(end, device=like.device) for end in (shares.target, shares.source))
    mirrored = torch.as_tensor(shares.mirrored, device=like.device) if shares.mirrored.any() else None
    share, transport = (torch.as_tensor(part).to(like) for part in (shares.share, shares.transport))
    return Carried(target, source, share, transport, mirrored)


def _parts(down: Shares, arrays: _Arrays, like: Tensor) -> Tensor:
    """By which part each fine vertex belongs to each coarse one."""
    total = np.bincount(down.source, down.share * 0 + 1, minlength=len(arrays.mass))
    return torch.as_tensor(1 / total[down.source]).to(like)


def _wide(values: Tensor) -> Tensor:
    """In float32 at least: linear systems are not solved in fewer digits."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def _pairs(near: Ball) -> np.ndarray:
    return np.stack([np.real(near.offset), np.imag(near.offset)], axis=1)


def _slopes(offset: Tensor, target: Tensor, count: int) -> Tensor:
    """c with ∇u(p) = Σ c_pq (u(q) − u(p)): least squares over the neighbours."""
    outer = segment_sum(offset[:, :, None] * offset[:, None, :], target, count)
    size = outer.diagonal(dim1=1, dim2=2).sum(1)
    outer = outer + torch.diag_embed((1e-5 * size + 1e-30)[:, None].expand(-1, 2))
    return torch.linalg.solve(spread(outer, target), offset)


def _orthonormal(functions: Tensor, mass: Tensor, members: Members) -> Tensor:
    """Functions on the coarse surface with φᵀMφ = 1, each changed by those before it alone."""
    made, ends = [], members.ptr.tolist()
    for start, end in pairwise(ends):
        part, weight = functions[start:end], mass[start:end]
        there = (part.abs().amax(0) > 0) if len(part) else part.new_zeros(part.shape[1], dtype=torch.bool)
        count = min(int(there.sum()), len(part))
        basis = torch.linalg.qr(part[:, :count] * weight.sqrt()[:, None])
        signs = basis.R.diagonal().sign()
        clean = basis.Q * torch.where(signs == 0, 1.0, signs) / weight.sqrt()[:, None]
        made.append(torch.nn.functional.pad(clean, (0, functions.shape[1] - count)))
    return torch.cat(made)
