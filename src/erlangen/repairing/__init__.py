"""From a diagnosis to the cure: an ordinary network becomes its nearest symmetric one, and learns on from there."""

from erlangen.repairing.matching import Fields as Fields
from erlangen.repairing.nearest import set_nearest as set_nearest
from erlangen.repairing.project import Projected as Projected
from erlangen.repairing.project import projected as projected
from erlangen.repairing.repair import repair as repair
from erlangen.repairing.stages import Repaired as Repaired
from erlangen.repairing.stages import Stage as Stage
