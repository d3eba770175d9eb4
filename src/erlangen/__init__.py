"""Erlangen: declare where data live, what may be done to them, and what is asked; derive, explain, train and audit.

Felix Klein's Erlangen programme (1872) said that a geometry is what its symmetry group leaves unchanged. Geometric deep
learning (Bronstein, Bruna, Cohen, Veličković 2021, arXiv:2104.13478) says the same of neural networks.
"""

import lazy_loader

__version__ = "0.1.0"

# The table of contents is __init__.pyi: each name loads its room when it is first asked for, so that
# `erlangen --help` needs no torch and `import erlangen` no room that is not used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
