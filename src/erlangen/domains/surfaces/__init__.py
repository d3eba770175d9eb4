"""Triangle meshes in numbers: how faces meet, what lengths and areas say, and what is solved on them. In float64."""
