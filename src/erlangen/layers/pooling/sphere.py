"""Local pooling on the sphere, and the way back: fewer degrees of the harmonics on a coarser grid."""

from dataclasses import replace

from torch import Tensor

from erlangen.domains.spherical_transform import up_to
from erlangen.errors import SpaceError
from erlangen.given import whole
from erlangen.layers._base import Reason
from erlangen.layers._harmonic import Harmonic, Size, sphere_of
from erlangen.signal import Space

MEND = "Lattices have LatticePool and LatticeUpsample."


class SpherePool(Harmonic):
    """y = Σ_{l ≤ band} c_lm Y_lm, on the smallest grid that holds it: the best approximation of x by so few degrees.

    The degrees that are left are kept exactly, so pooling commutes with every rotation. A sharp cut rings beside
    edges, and may make a positive signal negative there.

    Shapes: `[b, c, latitude, longitude]` → `[b, c, *target.domain.smallest(band)]`.
    Raises SpaceError for a band that is not below the source's; InputError for a grid that does not hold it.

    >>> import torch, erlangen as er
    >>> pool = er.layers.SpherePool(er.Space(er.Sphere(), er.SO(3).trivial), band=4)
    >>> pool.target, pool(torch.randn(1, 1, 12, 24)).shape
    (X(Sphere(band=4), trivial of SO(3)), torch.Size([1, 1, 5, 10]))
    """

    kind = "pooling"
    built_from = ("source",)
    options = ("band",)
    because = Reason(
        prior="scale separation: what matters is understood from coarse features upwards",
        law="rotations mix the harmonics of one degree among themselves",
        reference="Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478",
    )

    def __init__(self, source: Space, band: int):
        domain = sphere_of(source, "SpherePool", MEND)
        self_band = whole("band", band, SpaceError, least=0, mend="It is the highest degree that is left.")
        if domain.band is not None and self_band >= domain.band:
            raise SpaceError(
                f"band={band} of a pool on {source!r}", f"a band below {domain.band}", "Pool to fewer degrees."
            )
        super().__init__(source, Space(replace(domain, band=self_band, subdivisions=None), source.rho))
        self.band, self.domain = self_band, domain

    @property
    def is_linear(self) -> bool:
        return True

    @property
    def sees(self) -> int:
        return self.band

    def through(self, spectrum: Tensor) -> Tensor:
        return up_to(spectrum, self.band)

    def size_after(self, size: Size) -> Size:
        self.domain.transform(size, self.band)  # refuses a grid that does not hold so many
        return self.domain.smallest(self.band)


class SphereUpsample(Harmonic):
    """The same signal on a finer grid: no degree is added, and none is lost.

    Shapes: `[b, c, latitude, longitude]` → `[b, c, *size]`; `size` is the skip's own where a skip asks, else the
    smallest of the band of `like`, and where it has none, of twice the source's.

    >>> import torch, erlangen as er
    >>> fine = er.Space(er.Sphere(band=8), er.SO(3).trivial)
    >>> er.layers.SphereUpsample(er.layers.SpherePool(fine, band=4).target, fine)(torch.ones(1, 1, 5, 10)).shape
    torch.Size([1, 1, 9, 18])
    """

    kind = "pooling"
    because = Reason(
        prior="an answer at every point is brought back to the points it is asked at",
        law="a sum of harmonics is a function on the whole sphere, read at other points",
        reference="Ronneberger, Fischer, Brox 2015, arXiv:1505.04597",
    )

    def __init__(self, source: Space, like: Space):
        coarse, fine = sphere_of(source, "SphereUpsample", MEND), sphere_of(like, "SphereUpsample", MEND)
        alike = replace(coarse, band=fine.band, subdivisions=fine.subdivisions) == fine
        if coarse.band is None or not alike or (fine.band or coarse.band) < coarse.band:
            raise SpaceError(f"upsampling {source!r} to {like!r}", "a sphere of more degrees", "Pool on the way down.")
        super().__init__(source, Space(fine, source.rho))
        self.domain, self.band = coarse, coarse.band
        self.finer = 2 * coarse.band if fine.band is None else fine.band
        self.size = fine.smallest(self.finer) if fine.subdivisions is None else fine.size(0)

    def through(self, spectrum: Tensor) -> Tensor:
        return up_to(spectrum, self.finer)

    def size_after(self, size: Size) -> Size:
        return self.size

    def to_size(self, values: Tensor, size: tuple[int, ...]) -> Tensor:
        """The same to a given size, that of the tensor to be joined."""
        return self.domain.from_spectrum(self.domain.spectrum(values, rho=self.source.rho), size, self.source.rho)

    @classmethod
    def remake(cls, source: Space, target: Space, choices: dict[str, object]) -> "SphereUpsample":
        return cls(source, target)
