"""The whole subject in one run: reduced versions of all domains, told and measured, on one page.

`walk(chosen(None))` runs the chapters, `page(chapters, seconds)` sets them; `erlangen tour` does both.
"""

from erlangen.tour.chapter import Chapter as Chapter
from erlangen.tour.page import page as page
from erlangen.tour.walk import CHAPTERS as CHAPTERS
from erlangen.tour.walk import chosen as chosen
from erlangen.tour.walk import walk as walk
