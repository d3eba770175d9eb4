"""Damage guided by the lines of the library that it reaches: python -m tests.fuzz.coverage_guided READER.

Needs atheris (pip install atheris). What comes after the name of the reader is libFuzzer's, such as -runs=100000 or
-max_total_time=600. It stops at the first file that is neither read nor refused, and says which bytes made it; with
these as a file behind the reader's name that one example is run again.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import atheris  # pyright: ignore[reportMissingImports]

with atheris.instrument_imports(include=["erlangen.data", "erlangen.train", "erlangen.blueprint", "erlangen.files"]):
    from tests.fuzz.bounds import refused_or
    from tests.fuzz.damage import Below, damage, of_bytes
    from tests.fuzz.readers import READERS


def main() -> None:
    """One example after the other, each the damage that the bytes given stand for."""
    name, *options = sys.argv[1:] or [""]
    if name not in READERS:
        sys.exit(f"{name!r} is none of: {', '.join(READERS)}")
    reader = READERS[name]
    with tempfile.TemporaryDirectory() as scratch:
        valid, damaged = Path(scratch) / "valid", Path(scratch) / "damaged"
        valid.mkdir()
        within = reader.make(valid).relative_to(valid)
        first = reader.read(valid / within)

        def example(drawn: bytes) -> None:
            source = atheris.FuzzedDataProvider(drawn)
            shutil.rmtree(damaged, ignore_errors=True)
            shutil.copytree(valid, damaged)
            change = damage if reader.inside else _in_place
            change(damaged / within, lambda n: source.ConsumeIntInRange(0, n - 1))
            found = refused_or(lambda: reader.read(damaged / within))
            assert found is None or reader.same is None or reader.same(first, found)

        atheris.Setup([sys.argv[0], *options], example)
        atheris.Fuzz()


def _in_place(place: Path, below: Below) -> None:
    place.write_bytes(of_bytes(place.read_bytes(), below))


if __name__ == "__main__":
    main()
