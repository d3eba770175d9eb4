"""Pictures as data for hexagons: every part, labels kept, masks moved along, and what is a hexagon already."""

from dataclasses import replace

import pytest
import torch

from erlangen.data import DataSet, TensorPair, hold_hexagons, inputs_on_hexagons, on_hexagons
from erlangen.domains import HexGrid, to_hexagons
from erlangen.domains.pixels import inscribed_radius
from erlangen.errors import DataError
from erlangen.groups import Mirror
from tests.train.small import small_data, small_masks


def test_every_part_is_resampled_and_keeps_its_labels():
    data = small_data()
    moved = on_hexagons(data, 4, spacing=0.9)
    for part, pair in moved.parts.items():
        assert torch.equal(pair.targets, data.parts[part].targets)
        assert torch.equal(pair.inputs, to_hexagons(data.parts[part].inputs, 4, 0.9))
    assert moved.size == (9, 9)
    assert (moved.classes, moved.licence, moved.name) == (data.classes, data.licence, "strokes, on hexagons")
    assert on_hexagons(data).size == to_hexagons(data.train.inputs).shape[2:]


def test_many_inputs_are_resampled_some_at_a_time():
    x = torch.randn(1100, 1, 3, 3)
    assert torch.equal(inputs_on_hexagons(x, 2), to_hexagons(x, 2))


def test_masks_move_along_and_every_pixel_has_a_label():
    """Half a plane of each class: the masks of the two lattices agree but at its edge, and mirrors keep them."""
    side = torch.arange(12) < 6
    masks = torch.stack([side[:, None].expand(12, 12), side[None, :].expand(12, 12)]).long()
    pair = TensorPair(torch.rand(2, 1, 12, 12), masks)
    data = DataSet(pair, pair, pair, ("no", "yes"), "halves", "CC0", "made here")
    moved = on_hexagons(data)
    radius = inscribed_radius((12, 12))
    assert moved.size == (2 * radius + 1, 2 * radius + 1)
    along = torch.arange(-radius, radius + 1.0)
    row, column = along[:, None] + along / 2, (along * 0.75**0.5).expand(len(along), -1)
    inside = HexGrid().mask(row) > 0
    for at, labels in zip((row, column), moved.train.targets, strict=True):
        assert torch.equal(labels[inside & (at != 0)], (at < 0).long()[inside & (at != 0)])
    mirrored = replace(data, train=TensorPair(pair.inputs, masks.flip(-1)))
    again = HexGrid().act(Mirror().generators[0], on_hexagons(mirrored).train.targets[:, None].double())[:, 0].long()
    assert torch.equal(again[:, inside], moved.train.targets[:, inside])


def test_masks_beyond_the_picture_are_refused():
    assert on_hexagons(small_masks()).size == (5, 5)
    assert on_hexagons(small_masks(), radius=1).size == (3, 3)
    with pytest.raises(DataError, match="at most 2"):
        on_hexagons(small_masks(), radius=3)


def test_what_are_no_pictures_are_refused():
    pair = TensorPair(torch.rand(4, 1, 9), torch.arange(4) % 2)
    with pytest.raises(DataError, match="plane"):
        on_hexagons(DataSet(pair, pair, pair, ("a", "b"), "lines", "CC0", "made here"))


def test_hexagons_are_known_by_their_empty_corners():
    x = torch.rand(5, 2, 7, 7) + 0.1
    assert hold_hexagons(HexGrid().clear(x))
    assert not hold_hexagons(x)
    assert not hold_hexagons(torch.zeros(5, 2, 6, 6))
    assert not hold_hexagons(torch.zeros(5, 2, 7, 9))
    assert not hold_hexagons(torch.zeros(5, 2, 1, 1))
    assert not hold_hexagons(torch.zeros(5, 2, 7))
    x = HexGrid().clear(x)
    x[3, 1, 0, 0] = 1e-3
    assert not hold_hexagons(x)
