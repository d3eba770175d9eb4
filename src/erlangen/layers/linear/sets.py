"""The linear layer of sets: every point by itself, and what all of them have in common."""

from erlangen.groups import S
from erlangen.layers.linear.relational import Relational
from erlangen.representations import pair_orbits


class SetLinear(Relational):
    """y_i = A x_i + B mean_j x_j + b: all linear maps that commute with every permutation of the points.

    S_n has two orbits on pairs of points, (i, i) and (i, j), so there are two matrices, for every n ≥ 2; they are
    written as "itself" and "everyone".

    Shapes: `[points, c]` → `[points, c′]`, sets one behind the other.

    >>> import erlangen as er
    >>> space = er.Space(er.Set(), 8 * er.Trivial().trivial)
    >>> er.layers.SetLinear(space, space, bias=False).free_weights()
    128

    Zaheer et al. 2017, arXiv:1703.06114.
    """

    source_of = "Zaheer et al. 2017, arXiv:1703.06114"

    def solved(self) -> str:
        """How many relations there are, as the solver counts them."""
        orbits = pair_orbits(S(4).standard, S(4).standard)
        return f"orbits: S_n has {int(orbits.max()) + 1} on pairs of points"
