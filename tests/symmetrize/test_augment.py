"""Augmentation: the right elements as often as they should, exact where the lattice keeps them, targets moved along."""

import collections
import math
import pickle
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

import erlangen as er
from erlangen.domains import Domain
from erlangen.errors import DomainError, InputError, SymmetryError, TaskError
from erlangen.symmetrize.labels import UNKNOWN
from erlangen.symmetrize.perspective import CORNERS, homographies
from tests.laws.catalogue import DOMAINS
from tests.laws.signals import SEEDS, noise, sizes

augment, illumination, perspective = er.symmetrize.augment, er.symmetrize.illumination, er.symmetrize.perspective
MOVING = [param for param in DOMAINS if param.values[1].order > 1]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# ---- which elements


def test_a_picture_is_turned_as_rot90_and_flip_turn_it_bit_by_bit():
    picture = torch.rand(3, 6, 6)
    turned = [torch.rot90(picture, k, (-2, -1)) for k in range(4)]
    every = [*turned, *(y.flip(-1) for y in turned)]
    found = collections.Counter()
    t = augment(er.Grid(2), er.D(4))
    for moved in t(picture.expand(8000, -1, -1, -1), generator=seeded(0)):
        [place] = [i for i, y in enumerate(every) if torch.equal(y, moved)]
        found[place] += 1
    assert sorted(found) == list(range(8))
    assert all(abs(n - 1000) < 5 * math.sqrt(1000 * 7 / 8) for n in found.values())


def test_turns_of_the_plane_are_uniform_in_the_angle():
    """The brightest point of a turned blob says by how much it was turned."""
    axis = torch.arange(33.0) - 16
    blob = torch.exp(-((axis[:, None] + 10) ** 2 + axis**2) / 8)[None]
    moved = augment(er.Grid(2), er.SO(2))(blob.expand(2000, -1, -1, -1), generator=seeded(0))[:, 0].clamp(min=0)
    rows, columns = (moved * axis[:, None]).sum((1, 2)), (moved * axis).sum((1, 2))
    counts = torch.histc(torch.atan2(columns, rows), 8, -math.pi, math.pi)
    assert bool((counts - 250).abs().max() < 5 * math.sqrt(250 * 7 / 8))


@pytest.mark.parametrize(("domain", "group"), MOVING)
@given(data=st.data(), seed=SEEDS)
def test_every_example_is_moved_by_some_element_bit_by_bit(
    domain: Domain, group: er.Group, data: st.DataObject, seed: int
):
    natural = domain.natural_input(group)
    space = er.Space(domain, group.standard if natural is None else natural)
    size = data.draw(sizes(domain, 3, 6))
    x = noise(space, size, seed, batch=4)
    t = augment(domain, group, input=space.rho)
    images = [space.act(g, x) for g in group.elements]
    for i, moved in enumerate(t(x, generator=seeded(seed))):
        assert any(y.shape[1:] == moved.shape and torch.equal(y[i], moved) for y in images)
    alone = t(x[0], generator=seeded(seed))
    assert any(y.shape[1:] == alone.shape and torch.equal(y[0], alone) for y in images)


def test_each_example_its_own_unless_the_shape_would_change():
    x = torch.rand(1, 1, 4, 6).expand(40, -1, -1, -1)
    for group, images in ((er.D(2), 4), (er.C(4), 1)):
        assert len(augment(er.Grid(2), group)(x, generator=seeded(0)).flatten(1).unique(dim=0)) == images
    assert augment(er.Grid(2), er.SO(2))(x, generator=seeded(0)).shape == x.shape
    alone = augment(er.Grid(2), er.C(4))
    assert {tuple(alone(x[0], generator=seeded(i)).shape) for i in range(9)} == {(1, 4, 6), (1, 6, 4)}


def test_what_falls_between_the_sites_is_warped_and_the_rest_is_not():
    x = torch.rand(1, 1, 9, 9).expand(200, -1, -1, -1)
    moved = augment(er.Grid(2), er.C(8))(x, generator=seeded(0))
    exact = [er.Grid(2).act(g, x[:1]) for g in er.C(4).elements]
    warped = [er.Grid(2).warp(er.C(8).generators[0] ** k, x[:1]) for k in (1, 3, 5, 7)]
    kinds = collections.Counter()
    for y in moved[:, None]:
        kinds["exact"] += any(torch.equal(y, e) for e in exact)
        kinds["warped"] += any(torch.allclose(y, w, atol=1e-6) for w in warped)
    assert sum(kinds.values()) == 200
    assert abs(kinds["exact"] - 100) < 36


def test_what_resampling_loses_is_measured_and_index_moves_lose_nothing():
    axis = torch.arange(33.0) - 16
    smooth = torch.exp(-((axis[:, None] - 3) ** 2 + axis**2) / 18).expand(8, 1, 33, 33)
    rough = torch.randn(8, 1, 33, 33)
    assert float(augment(er.Grid(2), er.D(4)).round_trip(rough, generator=seeded(0)).max()) == 0
    assert float(augment(er.Grid(2), er.D(4)).round_trip(rough[..., :9], generator=seeded(0)).max()) == 0
    t = augment(er.Grid(2), er.SO(2))
    assert 0 < float(t.round_trip(smooth, generator=seeded(0)).max()) < 0.02
    assert float(t.round_trip(rough, generator=seeded(0)).min()) > 0.2


# ---- targets


def test_masks_move_along_and_are_never_mixed():
    x, mask = torch.rand(30, 1, 9, 9), torch.randint(5, (30, 9, 9))
    for group in (er.C(4), er.D(4)):
        t = augment(er.Grid(2), group, output=er.Equivariant(5))
        moved, along = t(torch.cat([x, mask[:, None].float()], 1), mask, generator=seeded(0))
        assert torch.equal(moved[:, 1].long(), along)
    t = augment(er.Grid(2), er.SO(2), output=er.Equivariant(5))
    _, along = t(x, 2 * (mask > 2), generator=seeded(1))
    assert set(along.unique().tolist()) == {UNKNOWN, 0, 2}  # never the 1 between them
    assert along.dtype == torch.int64


@pytest.mark.parametrize("dtype", [torch.uint8, torch.bool, torch.int32])
def test_masks_of_any_whole_dtype_are_moved_by_index(dtype: torch.dtype):
    x, mask = torch.rand(6, 1, 4, 4), torch.randint(2, (6, 4, 4)).to(dtype)
    moved, along = augment(er.Grid(2), er.D(4), output=er.Equivariant(2))(mask[:, None].float() + 0 * x, mask)
    assert along.dtype == dtype
    assert torch.equal(moved[:, 0].to(dtype), along)


def test_masks_on_hexagons_keep_to_the_hexagon():
    domain = er.HexGrid()
    mask = torch.ones(8, 7, 7, dtype=torch.int64)
    x = domain.clear(torch.rand(8, 1, 7, 7))
    _, along = augment(domain, er.D(6), output=er.Equivariant(2))(x, mask)
    inside = domain.mask(mask.float()) > 0
    assert torch.equal(along, inside.long().expand(8, 7, 7))
    moved, along = augment(domain, er.SO(2), output=er.Equivariant(2))(x, mask)
    assert bool((moved[:, 0][:, ~inside] == 0).all())
    assert bool((along[:, ~inside] == UNKNOWN).all())
    assert bool((along[:, 2:5, 2:5] == 1).all())


def test_unknown_points_stay_unknown():
    mask = torch.full((20, 9, 9), UNKNOWN)
    mask[:, 4, 4] = 1
    for group in (er.C(4), er.SO(2)):
        _, along = augment(er.Grid(2), group, output=er.Equivariant(2))(torch.rand(20, 1, 9, 9), mask)
        assert set(along.unique().tolist()) == {UNKNOWN, 1}
        assert bool((along[:, 4, 4] == 1).all())


def test_fields_of_vectors_turn_as_vectors():
    rho = er.C(4).standard
    x, field = torch.rand(8, 1, 5, 5), torch.rand(8, 2, 5, 5)
    t = augment(er.Grid(2), er.C(4), output=er.Equivariant(rho))
    _, moved = t(x, field, generator=seeded(0))
    drawn = t.draw(8, seeded(0))
    for i, g in enumerate(drawn):
        assert torch.equal(moved[i : i + 1], er.Space(er.Grid(2), rho).act(g, field[i : i + 1]))


def test_classes_that_the_group_exchanges_are_exchanged_also_as_plain_numbers():
    """Left or right? A mirror makes of each the other."""
    t = augment(er.Grid(2), er.Mirror(), output=er.Equivariant(er.Mirror().regular, pooled=True))
    x = torch.tensor([[0.0, 1.0]]).expand(40, 1, 1, 2)
    moved, side = t(x, torch.ones(40, dtype=torch.int64), generator=seeded(0))
    assert torch.equal(moved[:, 0, 0, 1].long(), side)
    assert 10 < int(side.sum()) < 30
    _, plain = t(x[0], 1)
    assert type(plain) is int
    _, scores = t(x, torch.tensor([[0.0, 1.0]]).expand(40, 2), generator=seeded(0))
    assert torch.equal(scores.argmax(1), side)


def test_targets_that_stay_put_may_be_anything():
    x = torch.rand(2, 1, 4, 4)
    for y in (3, "cat", {"a": 1}, torch.arange(2)):
        for output in (None, er.Invariant(4)):
            assert augment(er.Grid(2), er.C(4), output=output)(x, y)[1] is y


# ---- light, colour, perspective


def test_illumination_is_affine_with_a_positive_slope():
    x = torch.rand(500, 3, 4, 4, dtype=torch.float64)
    y = illumination(er.Grid(2), gain=0.5, bias=0.1)(x, generator=seeded(0))
    slope = (y[:, 0, 0, 0] - y[:, 1, 1, 1]) / (x[:, 0, 0, 0] - x[:, 1, 1, 1])
    shift = y[:, 0, 0, 0] - slope * x[:, 0, 0, 0]
    assert torch.allclose(y, slope[:, None, None, None] * x + shift[:, None, None, None], atol=1e-9)
    assert 1 / 1.5 - 1e-9 < float(slope.min()) < 0.7 and 1.45 < float(slope.max()) < 1.5 + 1e-9
    assert -0.1 < float(shift.min()) < -0.09 and 0.09 < float(shift.max()) < 0.1
    assert abs(float(slope.log().mean())) < 0.05 and abs(float(shift.mean())) < 0.01
    gains = illumination(er.Grid(2), 0, 0, colour=0.3)(x, generator=seeded(0)) / x
    assert bool((gains.flatten(2).std(2) < 1e-12).all())
    assert 0.1 < float(gains[:, :, 0, 0].log().std(1).mean()) < 0.2
    assert torch.equal(illumination(er.Grid(2), 0, 0)(x), x)


def test_the_corners_about_a_hexagon_stay_dark():
    domain = er.HexGrid()
    y = illumination(domain, bias=0.5)(torch.zeros(8, 1, 5, 5))
    assert bool((y[:, 0][:, domain.mask(y) == 0] == 0).all())
    assert bool((y[:, 0, 2, 2] != 0).all())


def test_homographies_send_corners_where_they_should_and_lines_to_lines():
    targets = CORNERS + 0.3 * (2 * torch.rand(20, 4, 2, dtype=torch.float64).numpy() - 1)
    maps = torch.as_tensor(homographies(targets))
    sent = torch.nn.functional.pad(torch.as_tensor(CORNERS), (0, 1), value=1.0) @ maps.mT
    assert torch.allclose(sent[..., :2] / sent[..., 2:], torch.as_tensor(targets), atol=1e-12)


def test_perspective_moves_a_little_and_masks_along():
    axis = torch.linspace(-1, 1, 33)
    x = torch.stack([axis[:, None].expand(33, 33), axis.expand(33, 33)]).expand(50, -1, -1, -1)
    mask = (x[:, 0] > 0).long()
    t = perspective(er.Grid(2), 0.2, output=er.Equivariant(2))
    y, along = t(x, mask, generator=seeded(0))
    moved = (y - x)[:, :, 8:25, 8:25].abs()
    assert float(moved.mean()) > 0.02 and float(moved.max()) < 0.25
    known = along != UNKNOWN
    assert 0.85 < float(known.float().mean()) < 1
    inner = y[:, 0].abs() > 0.1
    assert torch.equal(along[known & inner], (y[:, 0] > 0).long()[known & inner])
    _, field = t(x, x, generator=seeded(0))
    assert torch.equal(field, y)


def test_transforms_follow_one_another():
    domain = er.Grid(2)
    parts = (augment(domain, er.D(4), output=er.Equivariant(2)), illumination(domain), perspective(domain, 0.05))
    chain = parts[0].then(parts[1]).then(parts[2])
    x, mask, generator = torch.rand(4, 1, 8, 8), torch.randint(2, (4, 8, 8)), seeded(3)
    expected, along = x, mask
    for part in parts:
        expected, along = part(expected, along, generator=generator)
    y, targets = chain(x, mask, generator=seeded(3))
    assert torch.equal(y, expected) and torch.equal(targets, along)
    assert torch.equal(chain(x, generator=seeded(3)), expected)
    assert chain(x[0]).shape == x[0].shape
    assert torch.equal(chain.then(parts[1])(x, generator=seeded(3)), parts[1](expected, generator=generator))
    assert repr(chain).startswith("augment(Grid(2), D(4), output=Equivariant(2)).then(illumination(")
    with pytest.raises(InputError, match="one domain"):
        parts[0].then(illumination(er.Grid(1)))


# ---- in loaders


class Pictures(Dataset):
    def __init__(self, transform: Any):
        self.transform, self.x = transform, torch.arange(9.0).reshape(1, 3, 3)

    def __len__(self) -> int:
        return 64

    def __getitem__(self, index: int) -> Any:
        return self.transform(self.x, index)


@pytest.mark.parametrize("workers", [0, 2])
def test_workers_draw_apart_and_repeat_with_the_seed(workers: int):
    transform = augment(er.Grid(2), er.D(4)).then(illumination(er.Grid(2)))

    def epoch(seed: int) -> Tensor:
        torch.manual_seed(seed)
        loader = DataLoader(Pictures(transform), 16, num_workers=workers, generator=seeded(seed))
        batches = list(loader)
        assert torch.cat([y for _, y in batches]).tolist() == list(range(64))
        return torch.cat([x for x, _ in batches])

    first = epoch(1)
    assert torch.equal(first, epoch(1))
    assert not torch.equal(first, epoch(2))
    assert len(first.flatten(1).unique(dim=0)) == 64


def test_transforms_are_values_that_can_be_sent():
    domain = er.Grid(2)
    group = er.O(2)
    t = augment(domain, group, output=er.Equivariant(group.standard), input=2 * group.trivial).then(
        perspective(domain, 0.1)
    )
    x, y = torch.rand(3, 2, 8, 8), torch.rand(3, 2, 8, 8)
    there = pickle.loads(pickle.dumps(t))
    for a, b in zip(t(x, y, generator=seeded(5)), there(x, y, generator=seeded(5)), strict=True):
        assert torch.equal(a, b)
    torch.manual_seed(7)
    first = t(x)
    torch.manual_seed(7)
    assert torch.equal(t(x), first)
    assert not torch.equal(t(x), first)


# ---- refusals


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: augment(er.Grid(2), er.Octahedral()), DomainError, "Grid"),
        (lambda: augment(er.Grid(2), er.Translations()), TaskError, "pad and crop"),
        (lambda: augment(er.Grid(2), 4), TaskError, "symmetry=4"),
        (lambda: augment("squares", er.C(4)), TaskError, "a domain"),
        (lambda: augment(er.Grid(2), er.C(4), output=er.Positions()), TaskError, "Positions"),
        (lambda: augment(er.Grid(2), er.C(4), output=er.Equivariant(er.D(4).sign)), TaskError, "restrict"),
        (lambda: illumination("squares"), DomainError, "Grid"),
        (lambda: illumination(er.Grid(2), gain=-1), InputError, "gain=-1"),
        (lambda: perspective(er.Grid(3)), DomainError, "pictures"),
        (lambda: perspective(er.HexGrid()), DomainError, "pictures"),
        (lambda: perspective(er.Grid(2), 0.5), InputError, "below 0.5"),
        (lambda: perspective(er.Grid(2), output=er.Equivariant(er.C(4).standard)), TaskError, "scalars"),
        (lambda: augment(er.Grid(2), er.C(4)).then(3), InputError, "illumination"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, error: type[SymmetryError], text: str):
    with pytest.raises(error, match=text):
        make()


def test_examples_that_do_not_fit_are_refused():
    x = torch.rand(4, 1, 5, 5)
    masks, exact = augment(er.Grid(2), er.SO(2), output=er.Equivariant(2)), augment(er.Grid(2), er.C(4))
    vectors = augment(er.Grid(2), er.C(4), output=er.Equivariant(er.C(4).standard), input=er.C(4).standard)
    for t, given_x, y, text in (
        (exact, x.byte(), None, "255"),
        (exact, [1.0], None, "as_tensor"),
        (exact, x[0, 0], None, "batch"),
        (masks, x, torch.zeros(3, 5, 5).long(), "one target for each"),
        (masks, x, torch.full((4, 5, 5), 2), "from 2 to 2"),
        (masks, x, torch.zeros(4, 5, 5).byte(), "unknown="),
        (masks, x, torch.zeros(4, 5, 5), "whole numbers"),
        (vectors, x, None, "2 on axis 1"),
        (vectors, torch.rand(4, 2, 5, 5), torch.zeros(4, 5, 5).long(), "permutes the classes"),
    ):
        with pytest.raises(InputError, match=text):
            t(given_x, y)
