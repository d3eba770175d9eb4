"""Commuting squares: what f(g·x) = g·f(x) looks like, one file for each kind of domain."""
