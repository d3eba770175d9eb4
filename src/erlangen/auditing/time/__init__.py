"""Audits of time: the same signal recorded in other steps, later, or with blanks in between."""

from erlangen.auditing.time.examine import examined_in_time as examined_in_time
