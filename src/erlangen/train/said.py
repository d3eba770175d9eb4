"""What is said of results of either kind, of classes or of values: tables, findings, the result in one line."""

from erlangen.train.findings import findings as class_findings
from erlangen.train.headline import Headline
from erlangen.train.headline import headline as class_headline
from erlangen.train.results import Results
from erlangen.train.tables import MOST_ELEMENTS
from erlangen.train.tables import table as class_table
from erlangen.train.value_findings import value_findings, value_headline
from erlangen.train.value_results import ValueResults
from erlangen.train.value_tables import value_table

AnyResults = Results | ValueResults


def findings(results: AnyResults) -> tuple[str, ...]:
    """What the numbers of a run say, in sentences.

    >>> from erlangen.train.evaluate import AtElement
    >>> from erlangen.train.results import Outcome
    >>> at = AtElement("identity", 8, 0.75, 0.43, ((3, 1), (1, 3)), 8, 8, ())
    >>> results = Results("mine", ("a", "b"), (), (Outcome("derived", 0, 100, 1.5, 4, 3, 0.8, (at,)),))
    >>> findings(results)[0]
    'Always answering a, the commonest class, is right for 50.0 % of the test examples.'
    """
    return class_findings(results) if isinstance(results, Results) else value_findings(results)


def headline(results: AnyResults) -> Headline:
    """The result of a run in one line."""
    return class_headline(results) if isinstance(results, Results) else value_headline(results)


def table(results: AnyResults, most: int = MOST_ELEMENTS) -> tuple[list[str], list[list[str]]]:
    """A column a model: accuracy or error at each element, over all of them, parameters, seconds."""
    return class_table(results, most) if isinstance(results, Results) else value_table(results, most)
