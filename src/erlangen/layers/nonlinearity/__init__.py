"""Nonlinearities, by representation."""
