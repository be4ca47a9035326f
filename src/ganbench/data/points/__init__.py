"""Points of a known distribution, drawn on the fly."""
