"""The sphere as two discs: poles in the middle, longitude 0 down and then up, 90° east to the right, areas kept."""

import numpy as np

from erlangen.pages import discs


def test_poles_are_in_the_middle_and_meridians_where_they_are_said_to_be():
    theta = (np.arange(90) + 0.5) * np.pi / 90
    longitude = np.broadcast_to(np.arange(180) * 2.0, (90, 180))
    drawn = discs(longitude, theta, side=101)
    left, right = drawn[:, :101], drawn[:, -101:]
    assert abs(left[95, 50]) < 2 and abs(right[5, 50]) < 2  # longitude 0
    assert left[50, 95] == 90 == right[50, 95] and left[50, 5] == 270 == right[50, 5]
    assert left[5, 50] == 180 == right[95, 50]
    south = discs(np.broadcast_to(np.degrees(theta)[:, None], (90, 180)), theta, side=101)
    assert south[50, 50] < 2 and south[50, -51] > 178
    assert abs(south[50, 99] - 88) < 3 and np.isnan(south[0, 0])


def test_equal_areas_stay_equal():
    """The cap of half the hemisphere, down to 60°, covers half of the disc."""
    theta = (np.arange(400) + 0.5) * np.pi / 400
    cap = discs(np.broadcast_to((theta < np.pi / 3)[:, None], (400, 8)).astype(float), theta, side=301)[:, :301]
    assert abs(np.nanmean(cap) - 0.5) < 0.01
