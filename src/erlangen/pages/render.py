"""Templates to pages, and pages to disk."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from erlangen.files import write_whole
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


write = write_whole  # a page is put on disk whole or not at all
