"""Local pooling and the way back, one file a domain that coarsens."""
