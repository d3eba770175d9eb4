"""Counterfactual models do what they say: the same windows, at every site, round the circle, or blurred."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from erlangen.auditing.causes import _affordable
from erlangen.auditing.changes import (
    BLUR,
    BY_FUNCTION,
    CROPPED,
    DENSE,
    INTERPOLATION,
    MIRRORED,
    PHASE,
    ZERO_PADDING,
    Survey,
    changed,
    survey,
)
from erlangen.auditing.changes.blur import blurred
from erlangen.auditing.changes.rewriting import Unchangeable
from erlangen.auditing.measure import error
from erlangen.auditing.witness import Witness
from tests.auditing.models import noise, turned_mean
from tests.auditing.truth_models import Sliced, Then, Tokens

CIRCULAR = {"padding": 1, "padding_mode": "circular"}


def strided(name):
    """Networks of strides whose windows go all round, or end at zeros."""
    torch.manual_seed(0)
    return {
        "convolutions": nn.Sequential(nn.Conv2d(1, 4, 3, 2, **CIRCULAR), nn.ReLU(), nn.Conv2d(4, 3, 3, 2, **CIRCULAR)),
        "zero padding": nn.Sequential(nn.Conv2d(1, 4, 3, 2, padding=1), nn.Conv2d(4, 3, 5, padding="same")),
        "maxima": nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(1, 4, 3, **CIRCULAR), nn.MaxPool2d(3, 3)),
        "maxima, padded": nn.Sequential(nn.MaxPool2d(3, 2, padding=1), nn.MaxPool2d(3, 2, padding=1)),
        "means": nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(1, 4, 3, **CIRCULAR), nn.AvgPool2d(3, 2, padding=1)),
        "means of what is there": nn.Sequential(nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.AvgPool2d(2)),
        "sums": nn.AvgPool2d(2, divisor_override=1),
        "adaptive": nn.Sequential(nn.AdaptiveMaxPool2d(6), nn.Conv2d(1, 2, 1), nn.AdaptiveAvgPool2d((3, 2))),
        "functions": Then(lambda x: F.avg_pool2d(F.pad(F.max_pool2d(x, 2), (1, 1, 1, 1)), kernel_size=3, stride=3)),
        "groups": nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(1, 4, 3, **CIRCULAR), nn.Conv2d(4, 4, 2, 2, groups=4)),
    }[name].eval()


NAMES = ["convolutions", "zero padding", "maxima", "maxima, padded", "means", "means of what is there", "sums"]


@pytest.mark.parametrize("name", [*NAMES, "adaptive", "functions", "groups"])
def test_without_strides_the_old_answers_are_among_the_new(name):
    model, x = strided(name), noise(2, 1, 12, 12)
    assert "dense" in survey(Witness(model), x, 2).met
    with torch.no_grad():
        plain, dense = model(x), changed(model, (replace(DENSE, words=DENSE.words | {"wrap"}),), 2)(x)
    steps = [round(12 / n) for n in plain.shape[2:]]
    some = dense[..., :: steps[0], :: steps[1]]
    assert torch.allclose(some[..., : plain.shape[2], : plain.shape[3]], plain, atol=1e-6)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_windows_all_round_the_circle_move_along(dim):
    torch.manual_seed(0)
    kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[dim - 1]
    model = nn.Sequential(kind(1, 3, 3, padding=1), nn.ReLU(), kind(3, 2, 4)).eval()
    x = noise(2, 1, *(8,) * dim)
    assert survey(Witness(model), x, dim).met == {"zeros", "complete"}
    whole = changed(model, (ZERO_PADDING, CROPPED), dim)
    with torch.no_grad():
        assert torch.allclose(whole(x.roll(3, -1)), whole(x).roll(3, -1), atol=1e-6)
        assert whole(x).shape[2:] == x.shape[2:]


@pytest.mark.parametrize("size", [11, 12, 13])
def test_pools_that_reach_past_the_end_keep_doing_so(size):
    torch.manual_seed(0)
    pools = [
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.MaxPool2d(2, 3, 1, ceil_mode=True),
        nn.AvgPool2d(3, 2, ceil_mode=True),
    ]
    x = noise(2, 1, size, size)
    for pool in pools:
        plain, whole = pool(x), changed(pool, (CROPPED,), 2)(x)
        inner = slice(0, plain.shape[-1] - 1)  # without the last, which reaches past the end
        assert torch.equal(whole[..., inner, inner], plain[..., inner, inner])
        assert torch.equal(changed(pool, (BY_FUNCTION["norm"],), 2)(x), plain)
        assert changed(pool, (ZERO_PADDING,), 2)(x).shape == pool(x).shape


def test_other_axes_are_left_alone():
    class Mixed(nn.Module):
        def forward(self, x):
            volume = F.max_pool3d(x[:, None], (1, 2, 2))[:, 0]
            return F.max_pool1d(volume.flatten(2), 2) + F.pad(volume, ()).mean()

    assert survey(Witness(Mixed().eval()), noise(2, 1, 8, 8), 2).met == set()


def test_what_is_changed_is_not_the_model_itself():
    model = strided("convolutions")
    assert changed(model, (), 2) is model
    before = {name: value.clone() for name, value in model.state_dict().items()}
    x = noise(2, 1, 12, 12)
    plain = model(x)
    changed(model, (DENSE, ZERO_PADDING), 2)(x)
    assert torch.equal(model(x), plain)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_blur_before_each_stride_keeps_the_size_and_lessens_what_shifts_do():
    model, x = nn.MaxPool2d(3, 3), noise(32, 1, 12, 12)
    smooth = changed(model, (BLUR,), 2)
    assert smooth(x).shape == model(x).shape
    assert torch.allclose(blurred(torch.ones(1, 1, 7), (2,), round_=False), torch.ones(1, 1, 4))

    def broken(f):
        return error(f(x.roll(1, -1)).mean((2, 3)), f(x).mean((2, 3)))

    assert broken(smooth) < broken(model) / 1.5


@pytest.mark.parametrize(
    "up",
    [
        lambda: nn.Upsample(scale_factor=2),
        lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
        lambda: nn.ConvTranspose2d(4, 4, 2, 2),
        lambda: nn.ConvTranspose2d(4, 4, 3, 2, 1, output_padding=1),
        lambda: nn.ConvTranspose2d(4, 4, 4, 2, 1),
    ],
)
def test_a_network_that_samples_up_again_moves_along_where_every_site_is_there(up):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3, 2, **CIRCULAR), up(), nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1)).eval()
    x = noise(2, 1, 12, 12)
    with torch.no_grad():
        dense = changed(model, (replace(DENSE, words=DENSE.words | {"wrap"}), ZERO_PADDING), 2)
        assert dense(x).shape == model(x).shape == (2, 2, 12, 12)
        assert torch.allclose(dense(x.roll(1, -1)), dense(x).roll(1, -1), atol=1e-6)
        assert not torch.allclose(model(x.roll(1, -1)), model(x).roll(1, -1), atol=0.01)


def test_what_is_finer_than_the_input_or_of_a_given_size_has_no_dense_evaluation():
    x = noise(2, 1, 12, 12)
    for up in (nn.Upsample(size=12), nn.Upsample(scale_factor=4), nn.ConvTranspose2d(2, 2, 4, 4)):
        model = nn.Sequential(nn.Conv2d(1, 2, 3, 2, padding=1), up)
        with pytest.raises(Unchangeable, match="no evaluation at every site"):
            changed(model, (DENSE,), 2)(x)
    model = nn.Sequential(nn.Conv2d(1, 2, 3, 2, padding=1), nn.Upsample(scale_factor=2))
    assert changed(model, (BLUR,), 2)(x).shape == (2, 2, 12, 12)


def test_a_transposed_convolution_round_the_circle_has_the_same_inner_values():
    torch.manual_seed(0)
    for layer in (nn.ConvTranspose2d(1, 2, 3, 2, 1, output_padding=1), nn.ConvTranspose2d(1, 2, 5, 1, 2)):
        x = noise(2, 1, 8, 8)
        assert "zeros" in survey(Witness(layer.eval()), x, 2).met
        whole = changed(layer, (ZERO_PADDING,), 2)
        by = layer.stride[0]
        with torch.no_grad():
            assert torch.allclose(whole(x)[..., 2:-2, 2:-2], layer(x)[..., 2:-2, 2:-2], atol=1e-6)
            assert torch.allclose(whole(x.roll(1, -1)), whole(x).roll(by, -1), atol=1e-6)


@pytest.mark.parametrize("size", [11, 12, 13, 15])
@pytest.mark.parametrize(
    "layer",
    [
        lambda: nn.Conv2d(1, 4, 3, 2, padding=1),
        lambda: nn.Conv2d(1, 4, 4, 4),
        lambda: nn.MaxPool2d(3, 2, padding=1),
        lambda: nn.AvgPool2d(2),
        lambda: nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        lambda: Sliced(),
    ],
)
def test_sampled_from_both_sides_a_stride_turns_along(layer, size):
    torch.manual_seed(0)
    module, x = layer(), noise(2, 1, size, size)
    module = turned_mean(module) if isinstance(module, nn.Conv2d) else module
    both = changed(module, (MIRRORED,), 2)
    with torch.no_grad():
        assert both(x).shape == module(x).shape
        assert torch.allclose(both(x.rot90(1, (2, 3))), both(x).rot90(1, (2, 3)), atol=1e-6)
        assert torch.allclose(both(x.flip(3)), both(x).flip(3), atol=1e-6)
        if torch.allclose(module(x.flip(3)), module(x).flip(3), atol=1e-6):
            assert torch.allclose(both(x), module(x), atol=1e-6)  # nothing to mend, nothing changed


def test_strides_that_begin_where_the_signal_is_strongest_shift_along():
    torch.manual_seed(0)

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.long = nn.Sequential(nn.Conv2d(4, 6, 3, 2, **CIRCULAR), nn.ReLU(), nn.Conv2d(6, 6, 3, **CIRCULAR))
            self.short = nn.Conv2d(4, 6, 1, 2)

        def forward(self, x):
            return (self.long(x) + self.short(x)).relu()

    model = nn.Sequential(nn.Conv2d(1, 4, 3, 2, **CIRCULAR), Block(), nn.Flatten(2)).eval()
    kept, x = changed(model, (PHASE,), 2), noise(8, 1, 12, 12)
    with torch.no_grad():
        for shift in ((1, 0), (2, 3), (5, 1)):
            moved = kept(x.roll(shift, (2, 3))).sort(2).values
            assert torch.allclose(moved, kept(x).sort(2).values, atol=1e-5)
            assert not torch.allclose(model(x.roll(shift, (2, 3))).mean(2), model(x).mean(2), atol=1e-3)
    with pytest.raises(Unchangeable, match="no multiple of the stride"):
        kept(noise(2, 1, 10, 10))


def test_positions_are_followed_where_channels_come_last():
    class Moved(nn.Module):
        def forward(self, x):
            last = x.permute(0, 2, 3, 1)
            return last.transpose(1, 2) + torch.arange(8.0).reshape(8, 1, 1)

    x = noise(2, 3, 8, 8)
    alike = changed(Moved(), (BY_FUNCTION["embedding"],), 2)(x)
    assert torch.allclose(alike, x.permute(0, 3, 2, 1) + 3.5)
    of_channels = Then(lambda x: x.movedim(1, -1) + torch.arange(3.0))
    assert survey(Witness(of_channels), x, 2).met == set()


def test_statistics_stay_those_of_the_reference_inputs():
    layer, x = nn.BatchNorm2d(3, track_running_stats=False), noise(8, 3, 6, 6)
    frozen = changed(layer, (BY_FUNCTION["statistics"],), 2)
    assert torch.allclose(frozen(x), layer(x), atol=1e-5)
    assert torch.allclose(frozen(x[:2] + 5), layer(x)[:2] + (frozen(x + 5) - layer(x))[:2], atol=1e-5)
    assert not torch.allclose(layer(x[:2] + 5), frozen(x[:2] + 5), atol=0.1)
    tokens = nn.BatchNorm1d(9).eval()
    nn.init.normal_(tokens.running_mean)
    alike = changed(tokens, (BY_FUNCTION["statistics"],), 2)
    y, order = noise(4, 9, 5), torch.randperm(9)
    assert torch.allclose(alike(y[:, order]), alike(y)[:, order], atol=1e-5)
    assert not torch.allclose(tokens(y[:, order]), tokens(y)[:, order], atol=1e-2)


def test_interpolation_round_the_circle_has_the_same_inner_values():
    x = noise(2, 1, 8, 8)
    for law in ("bilinear", "bicubic"):
        layer = nn.Upsample(scale_factor=3, mode=law)
        whole = changed(layer, (INTERPOLATION,), 2)
        assert torch.allclose(whole(x)[..., 6:-6, 6:-6], layer(x)[..., 6:-6, 6:-6], atol=1e-6)
        assert torch.allclose(whole(x.roll(1, -1)), whole(x).roll(3, -1), atol=1e-5)


def test_deep_networks_of_large_pictures_are_not_evaluated_at_every_site():
    assert _affordable(Survey(work=1e6, dense_work=4e6), 32) == 32
    assert _affordable(Survey(work=1e9, dense_work=8e9), 32) == 8
    assert _affordable(Survey(work=2e9, dense_work=3e11), 32) == 0
    torch.manual_seed(0)
    seen = survey(Witness(nn.Conv2d(3, 4, 2, stride=2).eval()), noise(2, 3, 8, 8), 2)
    assert (seen.work, seen.dense_work) == (16 * 3 * 4 * 4, 64 * 3 * 4 * 4)


def test_only_what_is_not_of_the_input_is_averaged_over_positions():
    model = Tokens(positions=True).eval()
    x = noise(4, 1, 12, 12)
    assert survey(Witness(model), x, 2).met == {"dense", "embedding"}
    averaged = changed(model, (BY_FUNCTION["embedding"],), 2)
    where = model.where.detach()
    model.where.data = where.mean(1, keepdim=True).expand_as(where)
    assert torch.allclose(averaged(x), model(x), atol=1e-6)
    residual = Then(lambda x: x + x.roll(1, -1) + 1)
    assert survey(Witness(residual), x, 2).met == set()
