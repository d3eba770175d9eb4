"""Audits on the sphere: what only moves values is judged exactly, the rest against the transform's own round trip."""

import torch

import erlangen as er
from tests.laws.signals import noise

DOMAIN = er.Sphere("equiangular")


def signals(channels: int = 1, band: int = 7) -> torch.Tensor:
    """Noise of fewer degrees than the grid holds."""
    x = noise(er.Space(DOMAIN, channels * er.SO(3).trivial), (12, 32), batch=16)
    return DOMAIN.project(x, band)


def test_a_mean_over_the_sphere_is_exact_by_columns_and_within_the_round_trip_elsewhere():
    report = er.audit(lambda x: DOMAIN.mean(x), DOMAIN, er.SO(2), signals())
    there, rest = report.verdicts
    assert there.elements == "31 rotations by whole columns" and there.verdict == "proved"
    assert rest.elements == "16 rotations by way of the coefficients" and rest.verdict == "not resolved"
    assert rest.error < 1e-6


def test_a_mean_over_rows_keeps_the_axis_alone():
    report = er.audit(lambda x: x.mean((2, 3)), DOMAIN, er.SO(3), signals())
    assert report.verdict == "broken" and not report.passed
    assert report.verdicts[0].verdict == "proved" and "The grid itself keeps C(32) of SO(3)" in str(report)


def test_a_derived_network_is_approximate_and_its_nonlinearities_are_where():
    torch.manual_seed(0)
    net = er.derive(er.Task(DOMAIN, input=1, output=er.Equivariant(1)), width=4, band=7).double()
    net(signals())
    report = er.audit(net.eval(), DOMAIN, er.SO(3), signals(), tolerance=0.1, max_elements=5)
    assert report.verdict == "approximate" and report.passed and report.error < 0.1
    assert [row.verdict for row in report.verdicts] == ["exact", "approximate"]
    assert "by whole columns" in str(report) and "lattice" not in str(report)


def test_noise_beyond_the_grid_is_not_resolved():
    """A turn loses what the grid does not hold, and so says nothing of a model."""
    x = torch.randn(16, 1, 8, 10, generator=torch.Generator().manual_seed(0))
    report = er.audit(lambda x: DOMAIN.mean(x), DOMAIN, er.SO(3), x)
    assert report.verdict == "not resolved" and "leave out degrees" in str(report)


def test_finite_groups_of_space_by_conjugacy_class(tmp_path):
    report = er.audit(lambda x: DOMAIN.mean(x), DOMAIN, er.Octahedral(), signals())
    names = [row.elements for row in report.verdicts]
    assert "2 rotations by 90°, such as about (0, -1, 0), by whole columns" in names
    assert "8 of the 24 elements" in str(report)
    report.to_html(tmp_path / "report.html")
    assert "by whole columns" in (tmp_path / "report.html").read_text()


def test_the_worst_rotation_is_sought():
    report = er.audit(lambda x: x.mean((2, 3)), DOMAIN, er.SO(3), signals(), search=4)
    assert report.verdicts[-1].elements.startswith("worst found by search")


def test_averages_over_finite_groups_are_exact_on_what_the_grid_holds():
    plain = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(600, 2))
    plain, x = plain.double().eval(), signals()
    for group, within in ((er.C(8), "exact"), (er.C(5), "not resolved"), (er.Octahedral(), "not resolved")):
        mean = er.symmetrize.average(plain, DOMAIN, group, output=er.Invariant(2))
        report = er.audit(mean, DOMAIN, group, x, output=er.Invariant(2), proof=False)
        assert "degrees that their grid holds" in repr(mean)
        assert report.verdict == within and report.error < 1e-6
    drawn = er.symmetrize.average(plain, DOMAIN, er.SO(3), output=er.Invariant(2), samples=4)
    assert "approximate: 4 drawn elements" in repr(drawn) and "exact on" not in repr(drawn)


def test_augmentation_turns_signals_and_targets_alike():
    t = er.symmetrize.augment(DOMAIN, er.SO(3), output=er.Equivariant(1))
    x = signals()
    moved, target = t(x, x, generator=torch.Generator().manual_seed(0))
    assert torch.equal(moved, target) and (moved - x).abs().max() > 0.1
    assert t.round_trip(x).max() < 1e-6


def test_a_tester_draws_signals_that_turns_keep():
    report = er.testing.assert_symmetric(lambda x: er.Sphere().mean(x), er.Sphere(), er.Mirror())
    assert report.verdict == "exact"


def test_winds_are_moved_by_the_group_of_their_representation():
    """Vectors of SO(3) judged under SO(2): the element of the one that moves the sphere as that of the other does."""
    winds = DOMAIN.vectors(er.SO(3))
    x = noise(er.Space(er.Sphere("equiangular", 7), winds), (12, 32), batch=16)
    kept = er.audit(lambda v: 2 * v, DOMAIN, er.SO(2), x, er.Equivariant(winds), input=winds, proof=False)
    assert kept.verdicts[0].verdict == "exact" and kept.error < 1e-12
    east = er.audit(
        lambda v: v * v.new_tensor([1.0, 0.5])[:, None, None], DOMAIN, er.SO(3), x, er.Equivariant(winds), input=winds
    )
    assert east.verdict == "broken" and east.verdicts[0].verdict in ("exact", "proved")
    with_mirrors = er.audit(
        lambda v: v[:, :1], DOMAIN, er.Mirror(), x, er.Equivariant(1), input=DOMAIN.vectors(er.Mirror())
    )
    assert with_mirrors.verdict == "broken"


def test_augmentation_carries_winds():
    winds = DOMAIN.vectors(er.SO(3))
    t = er.symmetrize.augment(DOMAIN, er.SO(3), input=winds, output=er.Equivariant(winds))
    v = noise(er.Space(er.Sphere("equiangular", 7), winds), (12, 32), batch=3)
    moved, target = t(v, v, generator=torch.Generator().manual_seed(0))
    assert torch.equal(moved, target)
    drawn = t.draw(3, torch.Generator().manual_seed(0))
    apart = torch.cat([er.Space(DOMAIN, winds).act(g, one[None]) for g, one in zip(drawn, v, strict=True)])
    assert torch.allclose(moved, apart, atol=1e-12)
