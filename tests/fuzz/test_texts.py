"""Texts and lines of the command that are not quite right: read, or refused in one voice; never a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erlangen.cli import main
from tests.fuzz.bounds import bounded, refused_or
from tests.fuzz.commands import COMMANDS, another_line, prepare
from tests.fuzz.shared import below_of, examples
from tests.fuzz.texts import TEXTS, another_text

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")  # Python's own, of a text that is no sentence of it


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=examples(12), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_texts_are_read_or_refused(name: str, data: st.DataObject) -> None:
    below = below_of(data)
    samples = TEXTS[name].samples
    text = another_text(samples[below(len(samples))], below)
    refused_or(lambda: TEXTS[name].read(text))


@pytest.mark.parametrize("name", TEXTS)
def test_the_samples_are_read(name: str) -> None:
    assert all(TEXTS[name].read(text) is not None for text in TEXTS[name].samples)


@settings(max_examples=examples(20), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_lines_of_the_command_end_with_a_code_and_one_line(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    below = below_of(data)
    line = another_line(COMMANDS[below(len(COMMANDS))], below)
    with pytest.MonkeyPatch.context() as patch, bounded():
        patch.chdir(_prepared(tmp_path_factory))
        code = main(line)
    said = capsys.readouterr().err
    assert code in (0, 1, 2)
    assert code != 2 or (said.startswith("erlangen: ") and len(said.splitlines()) == 1)


def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("line")
    prepare(folder)
    return folder
