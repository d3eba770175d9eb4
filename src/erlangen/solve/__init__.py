"""Hom_G(ρ_in, ρ_out): which linear maps respect the symmetry, and which way they are found."""

from erlangen.solve.choose import SolverChoice as SolverChoice
from erlangen.solve.choose import choose_solver as choose_solver
from erlangen.solve.choose import intertwiners as intertwiners
from erlangen.solve.functional_maps import corresponding as corresponding
from erlangen.solve.functional_maps import functional_map as functional_map
from erlangen.solve.functional_maps import pulled_back as pulled_back
from erlangen.solve.functional_maps import zoomed_out as zoomed_out
