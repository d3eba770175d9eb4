"""The tour as one page: a table of contents with a number for each chapter, and the chapters."""

import platform
from collections.abc import Sequence
from importlib.metadata import version

import torch

from erlangen.pages import render
from erlangen.tour.chapter import Chapter

TITLE = "A tour of geometric deep learning"


def page(chapters: Sequence[Chapter], seconds: float) -> str:
    """One file that needs no network: every number in it was measured in the `seconds` before."""
    versions = {"erlangen": version("erlangen"), "torch": torch.__version__, "Python": platform.python_version()}
    said = ", ".join(f"{name} {number}" for name, number in versions.items())
    minutes = f"{seconds / 60:.1f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"
    return render("tour.html", {"title": TITLE, "chapters": chapters, "versions": said, "took": minutes})
