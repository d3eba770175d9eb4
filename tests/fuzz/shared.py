"""How many examples are drawn, and how."""

import os

from hypothesis import strategies as st

from tests.fuzz.damage import Below


def examples(few: int) -> int:
    """`few` in every run of the tests; $FUZZ_EXAMPLES, of each reader, where one looks for faults for longer."""
    return int(os.environ.get("FUZZ_EXAMPLES", few))


def below_of(data: st.DataObject) -> Below:
    """Numbers that hypothesis draws, and makes smaller where something fails."""
    return lambda n: data.draw(st.integers(0, n - 1))
