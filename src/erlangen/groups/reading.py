"""What a thing means in a group: an element from near by, an angle, a matrix or a permutation."""

from __future__ import annotations

from typing import Any

import numpy as np

from erlangen.errors import GroupError
from erlangen.groups.arguments import as_array, is_permutation
from erlangen.groups.base import Group
from erlangen.groups.element import Element, Key
from erlangen.groups.planar import Trivial
from erlangen.groups.subgroups import Subgroup


def read(group: Group, thing: Any) -> Key | None:
    """The key of what `thing` means in the group; None where it means nothing there.

    An element of the group or of a subgroup is itself; one of another group is looked up by its matrix, except that
    the one of Trivial() is the unit of any group. A number is an angle in radians, a list of whole numbers the images
    of a permutation, a square array a matrix.
    """
    if isinstance(thing, Element):
        return _read_element(group, thing)
    array = as_array(thing)
    if array is None or not np.isfinite(array).all():
        return None
    if array.ndim == 0:
        return group.from_angle(float(array))
    if array.ndim == 1 and is_permutation(array):
        return group.from_images(tuple(int(image) for image in array))
    if array.ndim == 2 and array.shape[0] == array.shape[1]:
        return group.from_matrix(array)
    return None


def _read_element(group: Group, element: Element) -> Key | None:
    home, key = element.group, element.key
    while isinstance(home, Subgroup) and home != group:
        home = home.parent  # the elements of a subgroup have the keys of its parent
    if home == group:
        return key
    if isinstance(home, Trivial):
        return group.unit()
    try:
        return group.from_matrix(element.matrix)
    except GroupError:  # one of the two has no list of matrices to compare with
        return None
