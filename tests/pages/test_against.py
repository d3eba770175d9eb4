"""Said over true: right answers stand on the diagonal, wild ones on the frame."""

import re

import pytest

from erlangen.pages import against, limits_of


def places(drawn: str) -> list[tuple[float, float]]:
    return [tuple(map(float, re.findall(r'c[xy]="([\d.]+)"', dot))) for dot in re.findall(r"<circle[^>]*>", drawn)]  # type: ignore[misc]


def test_right_answers_stand_on_the_diagonal() -> None:
    low, middle, high = places(against([(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)]))
    across, up = high[0] - low[0], low[1] - high[1]
    assert middle == pytest.approx((low[0] + across / 2, high[1] + up / 2), abs=0.2)
    assert across > 0 and up > 0


def test_a_wild_answer_stands_on_the_frame_and_stretches_nothing() -> None:
    pairs = [(0.0, 0.0), (1.0, 1.0), (0.5, 99.0)]
    assert limits_of(pairs) == limits_of(pairs[:2])
    dots = places(against(pairs))
    assert dots[2][1] < dots[1][1] and dots[:2] == places(against(pairs[:2]))


def test_one_value_alone_has_a_range() -> None:
    low, high = limits_of([(2.0, 2.0)])
    assert low < 2.0 < high
