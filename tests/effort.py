"""How much is tried: what covers every kind and every way, or with `ERLANGEN_TESTS=all` every case in every way."""

import os
from collections.abc import Iterable
from typing import TypeVar

ALL = os.environ.get("ERLANGEN_TESTS") == "all"

Case = TypeVar("Case")


def covering(every: Iterable[Case], few: Iterable[Case]) -> list[Case]:
    """`few`, which cover all kinds; `every` where all is asked for. What covers has to be among them.

    >>> covering("abc", "b") in (["b"], ["a", "b", "c"])
    True
    """
    whole, chosen = list(every), list(few)
    assert chosen and all(case in whole for case in chosen)
    return whole if ALL else chosen
