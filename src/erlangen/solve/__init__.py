"""Hom_G(ρ_in, ρ_out): which linear maps respect the symmetry, and which way they are found."""

from erlangen.solve.choose import SolverChoice as SolverChoice
from erlangen.solve.choose import choose_solver as choose_solver
from erlangen.solve.choose import intertwiners as intertwiners
