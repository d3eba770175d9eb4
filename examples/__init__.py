"""Examples that are run: each writes a page whose numbers it measures itself."""
