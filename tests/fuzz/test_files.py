"""Damaged files are read as what they were, or refused by one of our errors, within bounds of memory and time."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.bounds import refused_or
from tests.fuzz.damage import damage, of_bytes
from tests.fuzz.readers import READERS, Reader
from tests.fuzz.shared import below_of, examples

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # of a picture whose remarks are damaged


@pytest.fixture(scope="module", params=READERS)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Reader, Path, Path, Any]:
    """A reader, the folder of its valid sample, where in it the sample is, and what was read."""
    for package in NEEDED.get(request.param, ()):
        pytest.importorskip(package)
    reader = READERS[request.param]
    folder = tmp_path_factory.mktemp("valid")
    made = reader.make(folder)
    return reader, folder, made.relative_to(folder), reader.read(made)


NEEDED = {
    **{"genbank": ("Bio",), "h5ad": ("h5py",), "rda": ("rdata", "pandas")},
    **dict.fromkeys(("nifti", "nifti.gz", "volumes"), ("nibabel",)),
    **dict.fromkeys(("xyz", "xyz energies", "frames"), ("ase",)),
}


@settings(max_examples=examples(6), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damage_is_refused_or_does_no_harm(
    sample: tuple[Reader, Path, Path, Any], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    reader, valid, within, first = sample
    folder = tmp_path_factory.mktemp("damaged")
    shutil.copytree(valid, folder, dirs_exist_ok=True)
    place, below = folder / within, below_of(data)
    if reader.inside:
        damage(place, below)
    else:
        place.write_bytes(of_bytes(place.read_bytes(), below))
    found = refused_or(lambda: reader.read(place))
    shutil.rmtree(folder)
    assert found is None or reader.same is None or reader.same(first, found)
