"""Templates to pages, and pages to disk."""

import os
import uuid
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from erlangen.pages import numerals

if TYPE_CHECKING:
    import jinja2

TEMPLATES = Path(__file__).parent / "templates"


class Html(str):
    """Markup made by this room: a template puts it in as it is, where plain text is escaped.

    >>> Html("<b>x</b>").__html__()
    '<b>x</b>'
    """

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


@lru_cache(maxsize=1)
def _environment() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=numerals.number, count=numerals.count, percent=numerals.percent, signed=numerals.signed
    )
    environment.globals["style"] = Html((TEMPLATES / "style.css").read_text(encoding="utf-8"))
    return environment


def render(template: str, context: Mapping[str, object]) -> str:
    """A page as one string: `template` is a file of pages/templates, every text in `context` is escaped.

    >>> "<h1>Results</h1>" in render("base.html", {"title": "Results"})
    True
    """
    return _environment().get_template(template).render(context)


def write(path: str | os.PathLike[str], html: str) -> Path:
    """The page at `path`, whole or not at all: a temporary file beside it takes its place in one step.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> write(Path(folder) / "new" / "page.html", "<p>hello").read_text(encoding="utf-8")
    '<p>hello'
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        temporary.write_text(html, encoding="utf-8", newline="\n")
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return target
