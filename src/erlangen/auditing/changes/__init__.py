"""Counterfactual models: copies with one thing changed, the weights otherwise the same. One file a kind of thing."""

from erlangen.auditing.changes.change import Change as Change
from erlangen.auditing.changes.change import Otherwise as Otherwise
from erlangen.auditing.changes.change import Survey as Survey
from erlangen.auditing.changes.change import changed as changed
from erlangen.auditing.changes.change import survey as survey
from erlangen.auditing.changes.filters import average_filters as average_filters
from erlangen.auditing.changes.flatten import DenseTensors as DenseTensors
from erlangen.auditing.changes.flatten import Flatten as Flatten
from erlangen.auditing.changes.flatten import average_positions as average_positions
from erlangen.auditing.changes.flatten import find_flattens as find_flattens
from erlangen.auditing.changes.named import BLUR as BLUR
from erlangen.auditing.changes.named import BY_FUNCTION as BY_FUNCTION
from erlangen.auditing.changes.named import CROPPED as CROPPED
from erlangen.auditing.changes.named import DENSE as DENSE
from erlangen.auditing.changes.named import INTERPOLATION as INTERPOLATION
from erlangen.auditing.changes.named import MIRRORED as MIRRORED
from erlangen.auditing.changes.named import PHASE as PHASE
from erlangen.auditing.changes.named import REFLECTED as REFLECTED
from erlangen.auditing.changes.named import SIGNAL as SIGNAL
from erlangen.auditing.changes.named import ZERO_PADDING as ZERO_PADDING
