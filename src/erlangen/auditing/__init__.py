"""The witness: for any nn.Module, which symmetries it keeps, by how much it breaks the others, and why.

Imports nothing of what it judges: no layers, no blueprint, only domains, groups and tasks.
"""

from erlangen.auditing.audit import audit as audit
from erlangen.auditing.causes import Cause as Cause
from erlangen.auditing.discovery import Discovery as Discovery
from erlangen.auditing.discovery import Generators as Generators
from erlangen.auditing.discovery import GroupRow as GroupRow
from erlangen.auditing.discovery import Rotations as Rotations
from erlangen.auditing.discovery import discover as discover
from erlangen.auditing.discovery import discover_generators as discover_generators
from erlangen.auditing.frames import Frames as Frames
from erlangen.auditing.frames import shared_frame as shared_frame
from erlangen.auditing.infinitesimal import Infinitesimal as Infinitesimal
from erlangen.auditing.infinitesimal import lie_error as lie_error
from erlangen.auditing.measure import Numbers as Numbers
from erlangen.auditing.measure import compare as compare
from erlangen.auditing.measure import difference as difference
from erlangen.auditing.onnx import OnnxModel as OnnxModel
from erlangen.auditing.onnx import read_onnx as read_onnx
from erlangen.auditing.packed.surfaces import Bent as Bent
from erlangen.auditing.programs import read_program as read_program
from erlangen.auditing.report import AuditReport as AuditReport
from erlangen.auditing.report import Row as Row
from erlangen.auditing.stability import Stability as Stability
from erlangen.auditing.translations import Shift as Shift
