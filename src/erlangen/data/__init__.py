"""Real data: named sets, one's own pictures, volumes, graphs and arrays; split, finite, with a licence."""

from erlangen.data.cache import cache_folder as cache_folder
from erlangen.data.catalogue import Entry as Entry
from erlangen.data.catalogue import catalogue as catalogue
from erlangen.data.catalogue import fetch as fetch
from erlangen.data.catalogue import load as load
from erlangen.data.colin27 import colin27_head as colin27_head
from erlangen.data.dataset import DataSet as DataSet
from erlangen.data.dataset import TensorPair as TensorPair
from erlangen.data.folder import read_pictures as read_pictures
from erlangen.data.graph_npz import graphs_from as graphs_from
from erlangen.data.graph_pair import GraphPair as GraphPair
from erlangen.data.graphs import GraphBatch as GraphBatch
from erlangen.data.graphs import GraphStore as GraphStore
from erlangen.data.hexagons import hold_hexagons as hold_hexagons
from erlangen.data.hexagons import inputs_on_hexagons as inputs_on_hexagons
from erlangen.data.hexagons import on_hexagons as on_hexagons
from erlangen.data.nifti import Volume as Volume
from erlangen.data.nifti import read_nifti as read_nifti
from erlangen.data.nifti import write_nifti as write_nifti
from erlangen.data.npz import read_inputs as read_inputs
from erlangen.data.volumes import holds_volumes as holds_volumes
from erlangen.data.volumes import read_volumes as read_volumes
