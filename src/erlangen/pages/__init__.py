"""The one look of every report: templates, styles, drawing. Knows nothing of what it shows.

`render("audit.html", {...})` fills a template, `article` one of `Section`s, which `markdown` writes, too; `picture`,
`shot`, `cells`, `classes`, `mosaic`, `sites`, `bars`, `levels`, `lines`, `loglog`, `scatter`, `dots`, `against`,
`interval`, `letters`, `strip` and `discs` draw; `write(path, html)` puts a page on disk whole or not at all. A page is
one file, needs no network, and reads well on a phone, in light and in dark.
"""

from erlangen.pages.against import against as against
from erlangen.pages.against import limits_of as limits_of
from erlangen.pages.bars import bars as bars
from erlangen.pages.bars import levels as levels
from erlangen.pages.discs import discs as discs
from erlangen.pages.dots import Axis as Axis
from erlangen.pages.dots import axis as axis
from erlangen.pages.dots import dots as dots
from erlangen.pages.drawing import interval as interval
from erlangen.pages.drawing import lines as lines
from erlangen.pages.mosaic import mosaic as mosaic
from erlangen.pages.numerals import count as count
from erlangen.pages.numerals import number as number
from erlangen.pages.numerals import percent as percent
from erlangen.pages.numerals import points as points
from erlangen.pages.numerals import several as several
from erlangen.pages.numerals import signed as signed
from erlangen.pages.picture import CLASSES as CLASSES
from erlangen.pages.picture import cells as cells
from erlangen.pages.picture import classes as classes
from erlangen.pages.picture import picture as picture
from erlangen.pages.picture import shot as shot
from erlangen.pages.render import Html as Html
from erlangen.pages.render import render as render
from erlangen.pages.render import write as write
from erlangen.pages.scaling import Trace as Trace
from erlangen.pages.scaling import loglog as loglog
from erlangen.pages.scatter import Dot as Dot
from erlangen.pages.scatter import Shape as Shape
from erlangen.pages.scatter import dot_mark as dot_mark
from erlangen.pages.scatter import scatter as scatter
from erlangen.pages.sections import Section as Section
from erlangen.pages.sections import article as article
from erlangen.pages.sections import markdown as markdown
from erlangen.pages.sections import shown as shown
from erlangen.pages.sites import sites as sites
from erlangen.pages.strips import letters as letters
from erlangen.pages.strips import strip as strip
