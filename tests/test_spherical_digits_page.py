"""The page on digits on a globe shows the three parts of the protocol as the runs found them, beside published ones."""

from pathlib import Path

from erlangen.train.results import Results
from examples.real_data import kept

PAGE = Path(__file__).parent.parent / "docs" / "spherical_digits.md"
PUBLISHED = {  # Cohen et al. 2018
    "their network, 60,000 digits": ("96", "94", "95"),
    "their planar CNN, 60,000 digits": ("98", "11", "–"),
}


def parts(model: str) -> list[str]:
    """NR/NR, NR/R and R/R."""
    at_the_pole, turned = kept("spherical-digits"), kept("spherical-digits-r-r")
    assert isinstance(at_the_pole, Results) and isinstance(turned, Results)
    others = range(1, len(at_the_pole.elements))
    spreads = (
        at_the_pole.accuracy(model, 0),
        at_the_pole.mean_accuracy(model, others),
        turned.accuracy(model, 0),
    )
    return [f"{100 * s.median:.1f} ({100 * s.low:.1f}–{100 * s.high:.1f})" for s in spreads]


def table() -> str:
    lines = ["| | NR/NR | NR/R | R/R |", "| --- | ---: | ---: | ---: |"]
    rows = {**{f"{model}, 3,000 digits": parts(model) for model in ("derived", "plain")}, **PUBLISHED}
    return "\n".join([*lines, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items())])


def test_the_page_shows_all_three_parts():
    assert f"<!-- protocol -->\n{table()}\n<!-- end -->" in PAGE.read_text(encoding="utf-8")


def test_both_recipes_are_of_one_network_and_one_training():
    """So that only the data differ between the parts."""
    from erlangen.train import read_config

    first, second = read_config("spherical-digits"), read_config("spherical-digits-r-r")
    assert (first.task, first.network) == (second.task, second.network)
    assert first.train.of("derived").learning_rate == second.train.of("plain").learning_rate
    assert (first.train.epochs, first.data.limit) == (second.train.epochs, second.data.limit)
