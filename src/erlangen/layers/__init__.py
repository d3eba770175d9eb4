"""The four kinds of module: linear, nonlinear, local pooling, invariant; and the doors that choose among them."""

from erlangen.layers._base import Footprint as Footprint
from erlangen.layers._base import Layer as Layer
from erlangen.layers._base import Reason as Reason
from erlangen.layers._chain import Chain as Chain
from erlangen.layers._chain import leaves as leaves
from erlangen.layers._doors import invariant as invariant
from erlangen.layers._doors import linear as linear
from erlangen.layers._doors import nonlinearity as nonlinearity
from erlangen.layers._doors import normalize as normalize
from erlangen.layers._doors import pool as pool
from erlangen.layers._doors import skip as skip
from erlangen.layers._doors import upsample as upsample
from erlangen.layers._skip import Skip as Skip
from erlangen.layers.invariant.domain import DomainPool as DomainPool
from erlangen.layers.invariant.fibre import FibrePool as FibrePool
from erlangen.layers.linear.dense import Dense as Dense
from erlangen.layers.linear.fieldwise import FieldwiseConv as FieldwiseConv
from erlangen.layers.linear.lattice import LatticeConv as LatticeConv
from erlangen.layers.nonlinearity.gate import Gate as Gate
from erlangen.layers.nonlinearity.norm import NormNonlinearity as NormNonlinearity
from erlangen.layers.nonlinearity.pointwise import Pointwise as Pointwise
from erlangen.layers.nonlinearity.pointwise import gain_of as gain_of
from erlangen.layers.nonlinearity.pointwise import offset_of as offset_of
from erlangen.layers.normalization.batch import FieldBatchNorm as FieldBatchNorm
from erlangen.layers.pooling.lattice import LatticePool as LatticePool
from erlangen.layers.pooling.lattice import LatticeUpsample as LatticeUpsample
