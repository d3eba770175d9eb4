"""ρ: how the channels of a signal change."""

from erlangen.representations.actions import from_permutations as from_permutations
from erlangen.representations.base import Irrep as Irrep
from erlangen.representations.base import Representation as Representation
from erlangen.representations.clebsch_gordan import clebsch_gordan as clebsch_gordan
from erlangen.representations.decompose import Decomposition as Decomposition
from erlangen.representations.external import external as external
from erlangen.representations.fourier import GroupFourier as GroupFourier
from erlangen.representations.fourier import group_fourier as group_fourier
from erlangen.representations.given import from_matrices as from_matrices
from erlangen.representations.harmonics import spherical_harmonics as spherical_harmonics
from erlangen.representations.harmonics import wigner_d as wigner_d
from erlangen.representations.intertwiners import intertwiner_basis as intertwiner_basis
from erlangen.representations.intertwiners import null_space_intertwiners as null_space_intertwiners
from erlangen.representations.intertwiners import pair_orbits as pair_orbits
from erlangen.representations.irreps import band_limited_regular as band_limited_regular
from erlangen.representations.irreps import irrep as irrep
from erlangen.representations.irreps import irreps as irreps
from erlangen.representations.named import regular as regular
from erlangen.representations.named import sign as sign
from erlangen.representations.named import standard as standard
from erlangen.representations.named import trivial as trivial
from erlangen.representations.notation import written as written
from erlangen.representations.subgroups import quotient as quotient
from erlangen.representations.sums import direct_sum as direct_sum
