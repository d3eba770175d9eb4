"""Audits on sets and graphs: the same points and edges, stored in another order."""

from erlangen.auditing.packed.causes import located as located
from erlangen.auditing.packed.examine import examined as examined
from erlangen.auditing.packed.proof import proved as proved
from erlangen.auditing.packed.stability import rewired as rewired
from erlangen.auditing.packed.together import answers_of as answers_of
