"""Small worlds whose symmetry is a finite group, made by rules: a board, a cube, a pair of legs."""
