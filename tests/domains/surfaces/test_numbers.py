"""Whole numbers that are there, and those among others, as NumPy has them."""

import numpy as np
import pytest

from erlangen.domains.surfaces.numbers import among, distinct


@pytest.mark.parametrize("sizes", [(0, 0), (0, 5), (5, 0), (1, 1), (40, 60), (300, 200)])
def test_they_are_those_of_numpy(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(sizes)
    numbers, known = (rng.integers(0, 100, size) ** 5 for size in sizes)
    assert np.array_equal(distinct(numbers), np.unique(numbers))
    for some in (known, np.sort(known)):
        assert np.array_equal(among(numbers, some), np.isin(numbers, some))
