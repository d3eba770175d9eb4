"""Other ways to a symmetry, for any `nn.Module`: teach it, average over it, or turn every input upright first.

Imports nothing of what it changes: no layers, no blueprint, only domains, groups and tasks.
"""

from erlangen.symmetrize.augment import augment as augment
from erlangen.symmetrize.average import Average as Average
from erlangen.symmetrize.average import average as average
from erlangen.symmetrize.canonicalize import Canonical as Canonical
from erlangen.symmetrize.canonicalize import canonicalize as canonicalize
from erlangen.symmetrize.energy import Energy as Energy
from erlangen.symmetrize.illumination import illumination as illumination
from erlangen.symmetrize.perspective import perspective as perspective
from erlangen.symmetrize.pose import CanonicalForm as CanonicalForm
from erlangen.symmetrize.pose import Pose as Pose
from erlangen.symmetrize.transform import Transform as Transform
