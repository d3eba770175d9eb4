"""Real data for lattices: named sets, a folder of images, an .npz of one's own; split, finite, with a licence."""

from erlangen.data.cache import cache_folder as cache_folder
from erlangen.data.catalogue import Entry as Entry
from erlangen.data.catalogue import catalogue as catalogue
from erlangen.data.catalogue import fetch as fetch
from erlangen.data.catalogue import load as load
from erlangen.data.dataset import DataSet as DataSet
from erlangen.data.dataset import TensorPair as TensorPair
from erlangen.data.folder import read_pictures as read_pictures
from erlangen.data.hexagons import hold_hexagons as hold_hexagons
from erlangen.data.hexagons import inputs_on_hexagons as inputs_on_hexagons
from erlangen.data.hexagons import on_hexagons as on_hexagons
from erlangen.data.npz import read_inputs as read_inputs
