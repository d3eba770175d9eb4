"""The witness: for any nn.Module, which symmetries it keeps, by how much it breaks the others, and why.

Imports nothing of what it judges: no layers, no blueprint, only domains, groups and tasks.
"""

from erlangen.auditing.audit import audit as audit
from erlangen.auditing.causes import Cause as Cause
from erlangen.auditing.infinitesimal import Infinitesimal as Infinitesimal
from erlangen.auditing.infinitesimal import lie_error as lie_error
from erlangen.auditing.measure import Numbers as Numbers
from erlangen.auditing.measure import compare as compare
from erlangen.auditing.report import AuditReport as AuditReport
from erlangen.auditing.report import Row as Row
from erlangen.auditing.stability import Stability as Stability
from erlangen.auditing.translations import Shift as Shift
