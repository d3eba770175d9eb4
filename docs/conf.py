"""How the pages and the reference become one site: `make site`. Warnings are errors."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bibliography import write_bibliography
from gallery import write_gallery
from reference import as_rest, write_reference

import erlangen

project, author = "erlangen", "the founders of erlangen"
release = version = erlangen.__version__
html_title = f"erlangen {release}"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax"]
html_theme = "furo"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1f4e8c", "color-brand-content": "#1f4e8c"},
    "dark_css_variables": {"color-brand-primary": "#8ab4f8", "color-brand-content": "#8ab4f8"},
}
myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_inline"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
default_role = "code"  # what stands in `ticks` is code, in docstrings as on pages
autodoc_typehints = "none"  # shapes and types are told in the docstrings
autodoc_member_order = "bysource"
add_module_names = False
toc_object_entries = False  # headings name what a page of the reference tells; members would fill every margin
nitpicky = False
html_show_sourcelink = False
html_copy_source = html_show_copyright = html_show_sphinx = False
html_static_path, html_css_files = ["static"], ["wide.css", "drawings.css"]

write_reference(Path(__file__).parent / "reference")
write_gallery(Path(__file__).parent / "gallery")
write_bibliography(Path(__file__).parent / "bibliography.md")


def setup(app: object) -> None:
    """Docstrings are plain text with equations: what reST would read into |x| and x_ is taken as it stands."""
    app.connect("autodoc-process-docstring", as_rest)  # type: ignore[attr-defined]
