"""Ω: where signals live. One file a domain: its points, how g moves a signal on it, how it coarsens."""

from erlangen.domains._base import Domain as Domain
from erlangen.domains._counterpart import counterpart as counterpart
from erlangen.domains.cloud import Cloud as Cloud
from erlangen.domains.finite import Finite as Finite
from erlangen.domains.graph import Graph as Graph
from erlangen.domains.graph_edges import GraphEdges as GraphEdges
from erlangen.domains.grid import Grid as Grid
from erlangen.domains.hexagon import HexGrid as HexGrid
from erlangen.domains.lattice import Lattice as Lattice
from erlangen.domains.mesh import Mesh as Mesh
from erlangen.domains.pairs import Pairs as Pairs
from erlangen.domains.pixels import EQUAL_AREA as EQUAL_AREA
from erlangen.domains.pixels import to_hexagons as to_hexagons
from erlangen.domains.pixels import to_squares as to_squares
from erlangen.domains.point import Point as Point
from erlangen.domains.point_formats import elements_one_hot as elements_one_hot
from erlangen.domains.points import Points as Points
from erlangen.domains.sequence import Dna as Dna
from erlangen.domains.sequence import Sequence as Sequence
from erlangen.domains.sets import Set as Set
from erlangen.domains.sphere import Sphere as Sphere
from erlangen.domains.surface import moved_in_space as moved_in_space
from erlangen.domains.surface import regauged as regauged
from erlangen.domains.surfaces.repair import Repaired as Repaired
from erlangen.domains.surfaces.repair import repaired_mesh as repaired_mesh
