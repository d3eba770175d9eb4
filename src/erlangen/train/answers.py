"""What a task asks of those who train for it: classes, how many, and whether at every point."""

from erlangen.domains import Point
from erlangen.errors import ConfigError
from erlangen.representations import Representation
from erlangen.task import Equivariant, Invariant, Task


def check_labels(task: Task) -> Invariant | Equivariant:
    """The task's answer, if labels can be learnt for it: invariant classes, or classes that the group permutes.

    >>> from erlangen.domains import Grid
    >>> check_labels(Task(Grid(2), None, 1, Invariant(10)))
    Invariant(n=10)
    """
    output = task.output
    rho = output.n_or_representation if isinstance(output, Equivariant) else 1
    if not isinstance(output, Invariant | Equivariant) or (isinstance(rho, Representation) and not rho.is_permutation):
        raise ConfigError(
            f"the answer {output!r}", "classes, which the group permutes or leaves alone", "Train it by hand."
        )
    return output


def channels_out(task: Task) -> int:
    """How many classes the network scores: the dimension of its answer.

    >>> from erlangen.domains import Grid
    >>> channels_out(Task(Grid(2), None, 1, Invariant(10)))
    10
    """
    return task.target.channels


def has_dense_answer(task: Task) -> bool:
    """Whether an answer is asked for at every point, and not one for the whole.

    >>> from erlangen.domains import Graph
    >>> [has_dense_answer(Task(Graph(), None, 1, output)) for output in (Equivariant(10), Invariant(2))]
    [True, False]
    """
    return not isinstance(task.target.domain, Point)
