"""The bibliography: the papers that layers and pages stand on, each with the pages that cite it; from BibTeX."""

import re
from pathlib import Path

DOCS = Path(__file__).parent
SOURCES = (DOCS.parent / "src/erlangen/blueprint/references.bib", DOCS / "theory/references.bib")
ENTRY = re.compile(r"^@\w+\{(?P<key>.*?),\n(?P<fields>.*?)^\}$", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"^  (\w+) = \{(.*)\},$", re.MULTILINE)
ACCENTS = {"'": "\u0301", "`": "\u0300", '"': "\u0308", "v": "\u030c", "^": "\u0302", "~": "\u0303", "c": "\u0327"}
CITED = re.compile(r"(?P<words>[A-Z][\w’'.,&\- ]*? (?:19|20)\d\d), (?:arXiv:)(?P<number>\d{4}\.\d{4,5})")
LEAD = """What a network of one's own stands on is `er.citation(net)`: BibTeX of the library and of the papers that its
layers name, and of no other. Here are those of all layers, and of the pages on theory, each with the pages that name
it."""


def write_bibliography(path: Path) -> None:
    """The page, where it is not so already."""
    text = bibliography()
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def bibliography() -> str:
    """All entries by their authors, then what pages cite by number alone."""
    pages = {
        path.relative_to(DOCS): path.read_text(encoding="utf-8")
        for path in sorted([*DOCS.glob("*.md"), *DOCS.glob("theory/*.md")])
        if path.stem not in ("bibliography", "index")
    }
    known = entries()
    lines = [line(entry, pages) for entry in sorted(known, key=lambda entry: plain(entry["author"]).casefold())]
    numbers = {entry.get("eprint") for entry in known}
    others = {
        found["number"]: " ".join(found["words"].split())
        for text in pages.values()
        for found in CITED.finditer(" ".join(text.split()))
        if found["number"] not in numbers
    }
    more = [
        f"- {words}, {link('arXiv', number)}.{cited_on([number], pages)}"
        for number, words in sorted(others.items(), key=lambda found: found[1])
    ]
    named = "## Named on pages besides\n"
    return "\n".join(["# Bibliography\n", LEAD, "", *lines, "", named, *more, ""])


def entries() -> list[dict[str, str]]:
    """The fields of every entry, with its key.

    >>> sorted(entries()[0])[:3]
    ['author', 'cited', 'doi']
    """
    found = [match for source in SOURCES for match in ENTRY.finditer(source.read_text(encoding="utf-8"))]
    return [{"key": match["key"], **dict(FIELD.findall(match["fields"]))} for match in found]


def line(entry: dict[str, str], pages: dict[Path, str]) -> str:
    """An entry as one item of the list."""
    where = entry.get("journal") or entry.get("booktitle") or entry.get("publisher")
    place = f"{plain(where)}, {entry['year']}" if where else entry["year"]
    number = entry.get("eprint") or entry.get("doi")
    kind = "arXiv" if "eprint" in entry else "doi"
    asked = [number] if number else [entry["cited"]]
    at = f", {link(kind, number)}" if number else ""
    title = plain(entry["title"]).rstrip(".")
    end = "" if title.endswith("?") else "."
    return f"- {authors(entry['author'])}. *{title}*{end} {place}{at}.{cited_on(asked, pages)}"


def link(kind: str, number: str | None) -> str:
    """Where the paper is."""
    return f"[{kind}:{number}](https://{'arxiv.org/abs' if kind == 'arXiv' else 'doi.org'}/{number})"


def cited_on(asked: list[str], pages: dict[Path, str]) -> str:
    """The pages on which any of these words stand."""
    here = [path for path, text in pages.items() if any(words in " ".join(text.split()) for words in asked)]
    named = ", ".join(f"[{path.stem.replace('_', ' ')}]({path.as_posix()})" for path in here)
    return f" On {named}." if here else ""


def authors(names: str) -> str:
    """First names behind, as BibTeX has them, to the front.

    >>> authors("Cohen, Taco S. and Welling, Max"), authors("Liu, Yang and others")
    ('Taco S. Cohen and Max Welling', 'Yang Liu and others')
    """
    people = [" ".join(reversed(name.split(", "))) for name in plain(names).split(" and ")]
    return ", ".join(people[:-1]) + " and " * (len(people) > 1) + people[-1]


def plain(text: str) -> str:
    r"""TeX's accents as letters, braces left out.

    >>> plain(r"Veli{\v{c}}kovi{\'c}, Preu{\ss}isch")
    'Veličković, Preußisch'
    """
    import unicodedata

    text = text.replace(r"{\ss}", "ß").replace(r"\&", "&").replace("--", "–")
    text = re.sub(r"\\(['`\"v^~c])\{?\\?(\w)\}?", lambda found: found[2] + ACCENTS[found[1]], text)
    return unicodedata.normalize("NFC", text.replace("{", "").replace("}", ""))
