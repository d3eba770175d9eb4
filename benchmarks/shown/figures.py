"""Figures in a page, written from results: between <!-- figures: NAME --> and <!-- end --> stands what a template says.

A template is text with fields as `str.format` has them, `{peer[rows][training step, 2-D C4][ratio]:.2f}`: the results
file, the way to the number, how it is rounded. `!m` is the median of several; a format that ends with % has a space
before it: `:.1%` is 98.3 %. Within a paragraph both marks stand amid a line: at its start they would end the paragraph.
"""

import re
from collections.abc import Mapping
from statistics import median
from string import Formatter
from typing import Any

MARK = re.compile(r"<!-- figures: (?P<name>[\w-]+) -->(?P<space>\s)(?P<text>.*?)\s<!-- end -->", flags=re.DOTALL)


class Figures(Formatter):
    """`str.format`, with medians, and a space before %.

    >>> Figures().vformat("{dog[right]:.1%} of {dog[all][vertices, each]:,}", (), {
    ...     "dog": {"right": 0.98321, "all": {"vertices, each": 1168}}})
    '98.3 % of 1,168'
    """

    def convert_field(self, value: Any, conversion: Any) -> Any:
        """The median of several."""
        return median(value) if conversion == "m" else super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        """The number as it is written."""
        if format_spec.endswith("%"):
            return f"{100 * value:{format_spec[:-1]}f} %"
        return format(value, format_spec)


def templates(text: str) -> dict[str, str]:
    """The templates of a file, by name."""
    return {mark["name"]: mark["text"] for mark in MARK.finditer(text)}


def written(page: str, told: Mapping[str, str], results: Mapping[str, Any]) -> str:
    """The page with all its figures as the results have them; a mark without a template is a KeyError."""

    def block(mark: re.Match[str]) -> str:
        text = Figures().vformat(told[mark["name"]], (), results)
        return f"<!-- figures: {mark['name']} -->{mark['space']}{text}{mark['space']}<!-- end -->"

    return MARK.sub(block, page)
