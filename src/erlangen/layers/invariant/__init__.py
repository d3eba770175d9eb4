"""Invariant layers: over the fibre and over the domain."""
