"""Functions of values on the sphere: computed on a finer grid, so that little of what they make is mistaken."""

from torch import Tensor

from erlangen.domains import Grid
from erlangen.errors import InputError, SpaceError
from erlangen.given import number, whole
from erlangen.groups import O
from erlangen.layers._base import Layer, Reason
from erlangen.layers._harmonic import Harmonic, sphere_of
from erlangen.layers.nonlinearity.gate import Gate
from erlangen.layers.nonlinearity.norm import NormNonlinearity
from erlangen.layers.nonlinearity.pointwise import Pointwise
from erlangen.representations import Representation, direct_sum
from erlangen.representations.tangent import Tangent, places
from erlangen.signal import Space
from erlangen.solve.on_sphere import kinds

ALIASED = (
    "ReLU of white signals of band 8 commutes with random rotations to 26 % on the signals' own grid, to 2.4 % on one "
    "twice as fine, to 0.4 % on one four times as fine."
)
KINDS = ("pointwise", "norm", "gate")


class SphereNonlinearity(Harmonic):
    """y = P φ(x): x read on a grid `oversample` times finer, φ at its points, and P back to the degrees there were.

    φ of a sum of harmonics has degrees without end. On the signal's own grid those beyond its band are mistaken for
    lower ones, differently in every orientation; on a finer grid fewer are, and P cuts them off. So the layer is
    approximate, and `oversample` says how nearly it commutes with rotations. ReLU of white signals of band 8 under
    random rotations, relative error: 0.26 on the signal's own grid, 0.05 at 1.5, 0.024 at 2 (the default), 0.008 at 3
    and 0.004 at 4. The degrees are those of the domain's band, else what the grid holds.

    At each point `kind` is "pointwise" for scalars, `NormNonlinearity` ("norm") or `Gate` ("gate") for what turns, that
    is tangent vectors, and changes its sign; left out, a norm where there is such a field. Those of a gate are further
    scalars of its `source`; `target` is the space that is wanted.

    Turns about the polar axis by whole columns of the finer grid are kept exactly. `columns` makes their number a
    multiple of it: of the columns of a signal's own grid, that is, where turns by these are to be.

    Shapes: `[b, c, latitude, longitude]` → the same; of a gate `[b, c + gates, …]` → `[b, c, …]`. `function` is one of
    those of `Pointwise`. Raises RepresentationError for "pointwise" of fields that are not permuted.

    >>> import torch, erlangen as er
    >>> act = er.layers.SphereNonlinearity(er.Space(er.Sphere(), er.SO(3).trivial), "gelu")
    >>> act(torch.randn(1, 1, 9, 18)).shape
    torch.Size([1, 1, 9, 18])
    """

    kind = "nonlinearity"
    built_from = ("target",)

    def __init__(
        self,
        target: Space,
        function: str = "relu",
        oversample: float = 2.0,
        columns: int = 1,
        way: str | None = None,
    ):
        domain = sphere_of(target, "SphereNonlinearity", "Others have Pointwise.")
        here, source = at_points(target, function, way)
        super().__init__(source, target)
        self.domain, self.function, self.at_points, self.way = domain, function, here, kind_of(here)
        self.oversample = number("oversample", oversample, InputError, least=1.0, mend="2 is the default.")
        self.columns = whole("columns", columns, InputError, mend="1 leaves the grid as fine as it is asked to be.")
        self.fine = None if domain.band is None else self.finer(domain.band)

    def through(self, spectrum: Tensor) -> Tensor:
        band = spectrum.shape[-1] - 1
        size = self.fine if self.fine and band == self.domain.band else self.finer(band)
        values = self.domain.from_spectrum(spectrum, size, self.source.rho)
        return self.domain.spectrum(self.at_points.compute(values), band, self.target.rho)

    def finer(self, band: int) -> tuple[int, ...]:
        """The grid on which the function is computed."""
        return self.domain.grid.finer(band, self.oversample, self.columns)

    def choices(self) -> dict[str, object]:
        chosen = {"function": self.function, "oversample": self.oversample, "columns": self.columns}
        return chosen if self.way == "pointwise" else {**chosen, "way": self.way}

    def reason(self) -> Reason:
        law = {
            "pointwise": "φ(x)(g⁻¹u) = φ(x(g⁻¹u))",
            "norm": "|v| does not turn",
            "gate": "a scalar times a vector turns as it does",
        }[self.way]
        return Reason(
            prior="without nonlinearities all linear layers would collapse to one",
            law=f"{law}; approximate: what φ makes beyond the grid's degrees aliases",
            solver=f"on a grid {self.oversample:g} times finer along both axes, and cut back",
            reference="Esteves et al. 2018, arXiv:1711.06721",
        )


def at_points(target: Space, function: str, way: str | None) -> tuple[Layer, Space]:
    """The nonlinearity at one point, where fields are scalars, vectors and pseudoscalars of the tangent plane; and what
    it takes, with a gate's own scalars."""
    fibre = _fibre(target)
    chosen = way or ("pointwise" if fibre.is_permutation else "norm")
    if chosen not in KINDS:
        raise SpaceError(f"the nonlinearity {way!r} of {target!r}", f"one of {', '.join(KINDS)}", "Leave it out.")
    layer = {"pointwise": Pointwise, "norm": NormNonlinearity, "gate": Gate}[chosen]
    here = layer(Space(Grid(2), fibre), function)
    gates = here.source.channels - target.channels
    rho = target.rho + gates * target.group.trivial if gates else target.rho
    return here, Space(target.domain, rho)


def kind_of(here: Layer) -> str:
    """Which of the kinds such a nonlinearity is."""
    return KINDS[[Pointwise, NormNonlinearity, Gate].index(type(here))]


def _fibre(target: Space) -> Representation:
    """How the turns and mirrors of a tangent plane move the channels at its point; where fields are permuted all are
    scalars, whatever permutes them."""
    plane = O(2)
    if target.rho.is_permutation and not places(target.rho):
        return target.channels * plane.trivial
    kinds(sphere_of(target), target.rho)  # refuses other fields
    known = {True: plane.irrep(1, 1), False: plane.sign}
    return direct_sum(
        *(
            (plane.trivial, times * field.dim) if field.is_trivial else (known[isinstance(field, Tangent)], times)
            for field, times in target.rho.fields
        )
    )
