"""`er.citation`: the papers that a network stands on, as BibTeX."""

import re
from functools import cache
from importlib.resources import files

from torch import nn

from erlangen.auditing.asked import version
from erlangen.blueprint._blueprint import Blueprint
from erlangen.errors import InputError

ENTRY = re.compile(r"^@\w+\{.*?^\}$", re.MULTILINE | re.DOTALL)
CITED = re.compile(r"^  cited = \{(.*)\},\n", re.MULTILINE)


def citation(net: nn.Module) -> str:
    """BibTeX of this library and of every paper that `net.explain()` names, and of no other.

    `net` is a derived network, or a module that holds some: those of all are given, each once, in the order in which
    the layers first stand on them. Raises InputError for a module without any.

    >>> import erlangen as er
    >>> net = er.derive(er.Task(er.Set(), input=2, output=er.Invariant(3)), width=8)
    >>> [line for line in er.citation(net).splitlines() if line.startswith("@")][:2]
    ['@software{erlangen,', '@inproceedings{zaheer2017deep,']
    """
    derived = (
        [module for module in net.modules() if isinstance(module, Blueprint)] if isinstance(net, nn.Module) else []
    )
    if not derived:
        raise InputError(
            f"a {type(net).__name__} without a derived network", "what er.derive gives", "Cite its own papers."
        )
    named = dict.fromkeys(reference for part in derived for reference in part.explain().references)
    return "\n\n".join([_library(), *(entry(reference) for reference in named)]) + "\n"


def entry(reference: str) -> str:
    """The BibTeX entry of a paper as `explain()` names it; InputError where there is none."""
    known = _entries()
    if reference not in known:
        raise InputError(f"the reference {reference!r}", "one of references.bib", "Add its entry there.")
    return known[reference]


@cache
def _entries() -> dict[str, str]:
    text = files("erlangen.blueprint").joinpath("references.bib").read_text(encoding="utf-8")
    found = {}
    for match in ENTRY.finditer(text):
        cited = CITED.search(match[0])
        assert cited is not None, "every entry says by which words it is named"
        found[cited[1]] = CITED.sub("", match[0])
    return found


def _library() -> str:
    return "\n".join(
        [
            "@software{erlangen,",
            "  author = {{The Erlangen developers}},",
            "  title = {Erlangen: geometric deep learning, derived from a declared symmetry},",
            f"  version = {{{version()}}},",
            "}",
        ]
    )
