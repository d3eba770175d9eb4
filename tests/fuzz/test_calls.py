"""Every public call with each of its arguments another: it works, or is refused by one of our errors."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.bounds import refused_or
from tests.fuzz.calls import CALLS, wrong_values
from tests.fuzz.shared import below_of, examples

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # audits say so what they did with odd inputs
COUNT = len(wrong_values())


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("calls"))
        CALLS["save"].of(**CALLS["save"].arguments())
        assert Path("net.safetensors").is_file()
        yield


@pytest.mark.parametrize("name", CALLS)
@settings(max_examples=examples(4), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_makes_no_sense_is_refused(name: str, data: st.DataObject) -> None:
    below, arguments = below_of(data), CALLS[name].arguments()
    argument = sorted(arguments)[below(len(arguments))]
    arguments[argument] = wrong_values()[below(COUNT)]
    refused_or(lambda: CALLS[name].of(**arguments))
