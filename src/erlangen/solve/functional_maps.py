"""Which place of one surface is which of another: maps between functions on them, found in their vibrations."""

import torch
from torch import Tensor

from erlangen.domains.surface import Surface
from erlangen.errors import InputError
from erlangen.given import instance, number, whole


def functional_map(
    first: Surface, second: Surface, told: tuple[Tensor, Tensor], size: int | None = None, rigid: float = 1e-2
) -> Tensor:
    """C = argmin ‖C A − B‖² + r Σ_ij (λ′_i − λ_j)² C_ij², A and B the coefficients of features on both: `[k′, k]`.

    Functions on the first surface become functions on the second: c ↦ C c of coefficients in their eigenfunctions. What
    bends one surface into the other commutes with the Laplacian, so C_ij is small where eigenvalues, at unit area,
    differ; `rigid` r says how much that counts beside features `[n, d]` and `[n′, d]`. Each row is a linear system:
    gradients go through. Of each surface, a single one, the `size` lowest eigenfunctions are taken, or all.

    >>> import erlangen as er
    >>> corner = {"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])}
    >>> _, surface = er.Mesh(eigenfunctions=3).read(corner)
    >>> found = er.solve.functional_map(surface, surface, (torch.eye(3), torch.eye(3)))
    >>> torch.allclose(found, torch.eye(3), atol=1e-4)
    True

    Ovsjanikov, Ben-Chen, Solomon, Butscher, Guibas 2012, doi:10.1145/2185520.2185526; Donati, Sharma, Ovsjanikov 2020,
    arXiv:2003.14286.
    """
    for surface in (first, second):
        _check_one(surface)
    _check_told(first, second, told)
    number("rigid", rigid, InputError, mend="0.01 is usual.")
    if size is not None:
        size = whole("size", size, InputError, mend="How many eigenfunctions, such as 40.")
        first, second = _lowest(first, size), _lowest(second, size)
    a, b = (coefficients(values, surface) for values, surface in zip(told, (first, second), strict=True))
    scale = (a.square().sum() / a.shape[0]).clamp(min=1e-30)
    there, here = (surface.values[0] * surface.unit.square() for surface in (second, first))
    apart = (there[:, None] - here).square() / torch.maximum(there.amax(), here.amax()).square().clamp(min=1e-30)
    gram = a @ a.T
    systems = gram + rigid * scale * len(here) * torch.diag_embed(apart) + 1e-9 * scale * torch.eye(len(here)).to(a)
    return torch.linalg.solve(systems, (b @ a.T)[:, :, None])[:, :, 0]


def coefficients(values: Tensor, surface: Surface) -> Tensor:
    """⟨φ_i, x⟩ of functions on one surface, at unit area, `[n, d]` → `[k, d]`."""
    return surface.functions.T.to(values.dtype) @ (values * surface.mass[:, None].to(values.dtype)) / surface.unit


def pulled_back(first: Surface, second: Surface, places: Tensor, size: int | None = None) -> Tensor:
    """C of a map that is known: functions x of the first surface become x ∘ p, p what vertex of the first each of the
    second is, `places` `[n′]`; in the `size` lowest eigenfunctions of both, or all, `[size, size]`.

    >>> import erlangen as er
    >>> corner = {"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])}
    >>> _, surface = er.Mesh(eigenfunctions=3).read(corner)
    >>> turned = er.solve.pulled_back(surface, surface, torch.tensor([1, 2, 0]))
    >>> torch.allclose(turned @ turned.T, torch.eye(3), atol=1e-5)
    True
    """
    for surface in (first, second):
        _check_one(surface)
    _check_places(first, second, places)
    carried = first.functions[places, :size] * second.mass[:, None]
    return second.functions[:, :size].T @ carried * (first.unit / second.unit)


def corresponding(first: Surface, second: Surface, found: Tensor) -> Tensor:
    """Of each vertex of the second surface the one of the first that C sends next to it, `[n′]`.

    A point is the function that is large there alone: its coefficients are φ(p), and C φ(p) is sought next to φ′(q).

    >>> import erlangen as er
    >>> corner = {"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])}
    >>> _, surface = er.Mesh(eigenfunctions=3).read(corner)
    >>> turn = er.solve.pulled_back(surface, surface, torch.tensor([1, 2, 0]))
    >>> er.solve.corresponding(surface, surface, turn).tolist()
    [1, 2, 0]
    """
    for surface in (first, second):
        _check_one(surface)
    rows, columns = found.shape
    if rows > second.functions.shape[1] or columns > first.functions.shape[1]:
        given = f"a map {tuple(found.shape)} of {first.functions.shape[1]} and {second.functions.shape[1]} functions"
        raise InputError(given, "[k′, k] of these, or fewer", "Read both surfaces with as many eigenfunctions.")
    there = first.functions[:, :columns] * first.unit @ found.T
    here = second.functions[:, :rows] * second.unit
    return torch.cat([torch.cdist(part, there).argmin(1) for part in here.split(2048)])


def zoomed_out(first: Surface, second: Surface, found: Tensor, most: int | None = None, step: int = 4) -> Tensor:
    """C made anew from the places it finds, with a few more vibrations each time, up to `most` or all there are.

    >>> import erlangen as er
    >>> corner = {"pos": torch.eye(3), "face": torch.tensor([[0], [1], [2]])}
    >>> _, surface = er.Mesh(eigenfunctions=3).read(corner)
    >>> er.solve.zoomed_out(surface, surface, torch.eye(2), step=1).shape
    torch.Size([3, 3])

    Melzi, Ren, Rodolà, Sharma, Wonka, Ovsjanikov 2019, arXiv:1904.07865.
    """
    step = whole("step", step, InputError, mend="4 is usual.")
    limit = min(first.functions.shape[1], second.functions.shape[1])
    if most is not None:
        limit = min(limit, whole("most", most, InputError, mend="Leave it out for all there are."))
    size = min(*found.shape)
    while size < limit:
        places = corresponding(first, second, found)
        size = min(size + step, limit)
        found = pulled_back(first, second, places, size)
    return found


def _check_one(surface: Surface) -> None:
    """Raise the InputError for what is no single surface that vibrates."""
    instance("a map between", surface, Surface, InputError, "Read them first: er.Mesh().read(mesh)[1].")
    if len(surface.unit) != 1:
        raise InputError(f"{len(surface.unit)} surfaces in one", "one surface each", "Map them one by one.")
    if not surface.functions.shape[1]:
        raise InputError("a surface without eigenfunctions", "some", "Read it by er.Mesh(eigenfunctions=128), say.")


def _check_told(first: Surface, second: Surface, told: tuple[Tensor, Tensor]) -> None:
    """Raise the InputError for features that are not as many of each of the vertices of both."""
    parts = told if isinstance(told, tuple | list) else (told,)
    shapes = [list(part.shape) if isinstance(part, Tensor) else [] for part in parts]
    channels = shapes[0][-1] if shapes and shapes[0] else 0
    if shapes != [[len(surface.mass), channels] for surface in (first, second)]:
        sizes = f"{len(first.mass)} and {len(second.mass)} vertices"
        given = f"features {' and '.join(map(str, shapes))} of surfaces of {sizes}"
        raise InputError(given, "[n, d] of the one and [n′, d] of the other", "As many channels of both.")


def _check_places(first: Surface, second: Surface, places: Tensor) -> None:
    """Raise the InputError for what names no vertex of the first surface for each of the second."""
    fits = places.shape == second.mass.shape and not places.is_floating_point()
    if not fits or (len(places) and not 0 <= int(places.min()) <= int(places.max()) < len(first.mass)):
        given = f"places {tuple(places.shape)} of {places.dtype}"
        expected = f"[{len(second.mass)}] vertices 0 … {len(first.mass) - 1}"
        raise InputError(given, expected, "Of each vertex of the second surface one of the first.")


def _lowest(surface: Surface, size: int) -> Surface:
    return surface._replace(functions=surface.functions[:, :size], values=surface.values[:, :size])
