"""Normalisation, by representation."""
