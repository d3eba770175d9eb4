"""Linear equivariant layers, one file a domain."""
