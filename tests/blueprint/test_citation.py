"""Citations: every paper that a layer stands on has an entry, and a network cites what it uses and nothing else."""

import re
from pathlib import Path

import pytest
from torch import nn

import erlangen as er
from erlangen.blueprint.citation import entry as entry_of
from erlangen.blueprint.explanation import RELAXED
from erlangen.errors import InputError

SOURCE = Path(er.__file__).parent
BIB = (SOURCE / "blueprint" / "references.bib").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^@\w+\{.*?^\}$", BIB, flags=re.MULTILINE | re.DOTALL)
TASK = er.Task(er.Grid(2), er.C(4), 1, er.Invariant(3))


def field(entry: str, name: str) -> str:
    found = re.search(rf"^  {name} = \{{(.*)\}},$", entry, flags=re.MULTILINE)
    return found[1] if found else ""


def test_entries_are_whole_and_named_once() -> None:
    keys = [re.match(r"@\w+\{([\w-]+),", entry) for entry in ENTRIES]
    assert all(keys) and len({key[1] for key in keys if key}) == len(ENTRIES) > 40
    for entry in ENTRIES:
        assert entry.count("{") == entry.count("}")
        assert all(field(entry, name) for name in ("cited", "author", "title", "year")), entry
        arxiv = re.search(r"arXiv:([\d.]+)", field(entry, "cited"))
        assert field(entry, "eprint") == (arxiv[1] if arxiv else "")
        years = re.findall(r"\b(?:19|20)\d\d\b", field(entry, "cited").split(", arXiv")[0])
        assert abs(int(years[0]) - int(field(entry, "year"))) <= 3  # a preprint, and where it came out


def test_every_entry_is_of_a_paper_that_a_layer_names() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    assert all(f'"{field(entry, "cited")}' in code for entry in ENTRIES)


def test_every_paper_that_a_layer_names_has_an_entry() -> None:
    """By the literals in their code, which are what `Reason` is given."""
    files = [*(SOURCE / "layers").rglob("*.py"), SOURCE / "blueprint" / "explanation.py"]
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    named = set(re.findall(r'"((?:de )?[A-Z][^"\n]* (?:19|20)\d\d(?:, (?:arXiv|doi):[^"\n]+)?)"', code))
    assert len(named) > 40 and all(entry_of(reference).startswith("@") for reference in named)


def test_a_network_cites_what_it_explains_and_nothing_else() -> None:
    net = er.derive(TASK, width=8, relaxed=0.1)
    text = er.citation(net)
    named = net.explain().references
    assert text.count("\n@") == len(named) and text.startswith("@software{erlangen,")
    assert RELAXED in named and "finzi2021residual" in text and "zaheer2017deep" not in text
    assert "cited = " not in text and er.__version__ in text
    assert er.citation(nn.ModuleList([net, er.derive(TASK, width=8)])) == text


def test_what_was_not_derived_has_nothing_to_cite() -> None:
    for given in (nn.Linear(1, 1), "a network"):
        with pytest.raises(InputError, match=r"er\.derive"):
            er.citation(given)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"references\.bib"):
        entry_of("Nobody 1900")
