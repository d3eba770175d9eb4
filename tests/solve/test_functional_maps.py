"""Maps between functions on surfaces: the same surface in another order, at another size, in another pose."""

import numpy as np
import pytest
import torch

from erlangen.domains import Mesh
from erlangen.domains.signatures import heat_signature, wave_signature
from erlangen.domains.surface import Surface
from erlangen.errors import InputError
from erlangen.solve import corresponding, functional_map, pulled_back, zoomed_out
from erlangen.solve.functional_maps import coefficients
from tests.meshes import data, potato, shuffled

MESH = Mesh(eigenfunctions=30)


def surface(mesh: tuple[np.ndarray, np.ndarray]) -> Surface:
    return MESH.read(data(mesh))[1]


def features(of: Surface) -> torch.Tensor:
    return torch.cat([heat_signature(of, 16), wave_signature(of, 16)], dim=1)


def test_the_same_surface_in_another_order_and_size_is_found_again():
    points, faces = potato()
    (other, order), images = shuffled((3 * points, faces))
    first, second = surface(potato()), surface((other, order))
    found = functional_map(first, second, (features(first), features(second)))
    places = corresponding(first, second, zoomed_out(first, second, found))
    assert (places[torch.as_tensor(images)] == torch.arange(len(points))).float().mean() > 0.95
    assert torch.allclose((found @ found.T).diagonal()[:10], torch.ones(10).double(), atol=0.1)


def test_another_pose_is_found_nearly():
    """Stretched by up to ten per cent, told by how far off places are along the surface."""
    points, faces = potato(3)
    bent = points * [1.0, 1.0 + 0.05 * np.sin(2).item(), 0.97] + 0.02 * np.sin(2 * points[:, [1, 2, 0]])
    first, second = surface((points, faces)), surface((bent, faces))
    found = functional_map(first, second, (features(first), features(second)))
    plain, refined = (corresponding(first, second, c) for c in (found, zoomed_out(first, second, found)))
    off = [float(np.linalg.norm(points[p.numpy()] - points, axis=1).mean()) for p in (plain, refined)]
    assert off[1] < 0.1 and off[1] <= off[0] + 0.02  # of bodies about two across


def test_a_map_of_a_surface_to_itself_is_one_and_has_gradients():
    one = surface(potato())
    told = features(one).requires_grad_()
    found = functional_map(one, one, (told, told))
    assert torch.allclose(found @ coefficients(told, one), coefficients(told, one), atol=1e-3)
    other = torch.randn_like(told)
    functional_map(one, one, (told, other)).square().sum().backward()
    assert told.grad is not None and told.grad.isfinite().all() and told.grad.abs().max() > 0


def test_a_known_map_is_that_of_its_places_and_is_found_from_enough_features():
    """Functions told apart everywhere leave one C, and it is Φ′ᵀ M′ Φ(p)."""
    points, faces = potato()
    (other, order), images = shuffled((points, faces))
    first, second = surface((points, faces)), surface((other, order))
    places = torch.as_tensor(np.argsort(images))
    known = pulled_back(first, second, places)
    assert torch.allclose(known @ known.T, torch.eye(30).double(), atol=1e-8)
    assert torch.equal(corresponding(first, second, known), places)
    told = torch.randn(len(points), 60, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(functional_map(first, second, (told, told[places])), known, atol=1e-6)
    lowest = functional_map(first, second, (told, told[places]), size=12)
    assert lowest.shape == (12, 12) and torch.allclose(lowest, pulled_back(first, second, places, 12), atol=1e-6)
    assert torch.allclose(lowest, known[:12, :12], atol=1e-6)


def test_what_cannot_be_mapped_is_refused():
    one = surface(potato(1))
    two = MESH.read({**data(potato(1)), "batch": torch.arange(42) * 0})[1]
    with pytest.raises(InputError, match="features"):
        functional_map(one, two, (torch.ones(42, 2), torch.ones(42, 3)))
    with pytest.raises(InputError, match="Read them first"):
        functional_map(one, data(potato(1)), (torch.ones(42, 2), torch.ones(42, 2)))
    with pytest.raises(InputError, match="size"):
        functional_map(one, one, (torch.ones(42, 2), torch.ones(42, 2)), size=0)
    with pytest.raises(InputError, match="rigid"):
        functional_map(one, one, (torch.ones(42, 2), torch.ones(42, 2)), rigid=float("nan"))


def test_features_and_places_of_others_are_refused():
    one, told = surface(potato(1)), torch.ones(42, 2)
    bare = Mesh(eigenfunctions=0).read(data(potato(1), 1))[1]
    for wrong in ((told[:5], told), (told[:, 0], told[:, 0]), told, (told.numpy(), told.numpy())):
        with pytest.raises(InputError, match="features"):
            functional_map(one, one, wrong)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match="without eigenfunctions"):
        functional_map(bare, one, (told, told))
    with pytest.raises(InputError, match="a map"):
        corresponding(one, one, torch.eye(31))
    with pytest.raises(InputError, match="most"):
        zoomed_out(one, one, torch.eye(5), most=0)
    for places in (torch.tensor([1, 2]), torch.full((42,), 42), torch.zeros(42)):
        with pytest.raises(InputError, match="places"):
            pulled_back(one, one, places)


def test_constants_alone_are_mapped_to_constants():
    one, told = surface(potato(1)), torch.ones(42, 2, dtype=torch.float64)
    assert torch.allclose(functional_map(one, one, (told, told), size=1), torch.ones(1, 1).double(), atol=1e-6)
