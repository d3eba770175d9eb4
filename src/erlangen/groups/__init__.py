"""G: what can be done, and undone.

Finite groups by name, by permutations, by matrices, as products and subgroups; the turns of the plane and of space;
and symmetries that are only declared, for a domain to keep.
"""

from erlangen.groups.base import Group as Group
from erlangen.groups.continuous import SO as SO
from erlangen.groups.continuous import O as O
from erlangen.groups.declared import Declaration as Declaration
from erlangen.groups.declared import Isometries as Isometries
from erlangen.groups.declared import Relabelling as Relabelling
from erlangen.groups.declared import RigidMotions as RigidMotions
from erlangen.groups.declared import TimeWarp as TimeWarp
from erlangen.groups.declared import Translations as Translations
from erlangen.groups.element import Element as Element
from erlangen.groups.matrices import FiniteMatrices as FiniteMatrices
from erlangen.groups.matrices import MatrixGroup as MatrixGroup
from erlangen.groups.permutations import PermutationGroup as PermutationGroup
from erlangen.groups.permutations import Permutations as Permutations
from erlangen.groups.permutations import Permuting as Permuting
from erlangen.groups.permutations import S as S
from erlangen.groups.planar import C as C
from erlangen.groups.planar import D as D
from erlangen.groups.planar import Mirror as Mirror
from erlangen.groups.planar import Trivial as Trivial
from erlangen.groups.polyhedral import FullOctahedral as FullOctahedral
from erlangen.groups.polyhedral import Icosahedral as Icosahedral
from erlangen.groups.polyhedral import Octahedral as Octahedral
from erlangen.groups.products import DirectProduct as DirectProduct
from erlangen.groups.semidirect import SemidirectProduct as SemidirectProduct
from erlangen.groups.semidirect import semidirect as semidirect
from erlangen.groups.subgroups import Subgroup as Subgroup
from erlangen.groups.text import group_from_data as group_from_data
from erlangen.groups.text import group_to_data as group_to_data
from erlangen.groups.text import parse_group as parse_group
from erlangen.groups.text import parse_symmetry as parse_symmetry
from erlangen.groups.text import symmetry_from_data as symmetry_from_data
from erlangen.groups.wreath import WreathProduct as WreathProduct
from erlangen.groups.wreath import wreath as wreath
