"""Numbers of pairs, p·n + q: which there are, and which are among others.

By sorting: from NumPy 2.3 on np.unique and np.isin hash, which takes many times as long on numbers such as these.
"""

import numpy as np


def distinct(numbers: np.ndarray) -> np.ndarray:
    """Each of the whole numbers once, rising.

    >>> distinct(np.array([5, 2, 5]))
    array([2, 5])
    """
    found = np.sort(numbers)
    return found[np.concatenate([np.ones(min(1, len(found)), dtype=bool), found[1:] != found[:-1]])]


def among(numbers: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Whether each of the whole numbers is one of those that are known.

    >>> among(np.array([5, 3, 7, 2]), np.array([5, 2, 5]))
    array([ True, False, False,  True])
    """
    found = np.sort(known, kind="stable")  # in one pass, where they are in order as they mostly are
    place = np.searchsorted(found, numbers)
    there = place < len(found)
    there[there] = found[place[there]] == numbers[there]
    return there
