"""Discovery: which symmetries a model keeps or data have, sought up the lattice of subgroups; and Lie algebras."""

from erlangen.auditing.discovery.discover import discover as discover
from erlangen.auditing.discovery.generators import Generators as Generators
from erlangen.auditing.discovery.generators import discover_generators as discover_generators
from erlangen.auditing.discovery.result import Discovery as Discovery
from erlangen.auditing.discovery.result import GroupRow as GroupRow
from erlangen.auditing.discovery.rotations import Rotations as Rotations
