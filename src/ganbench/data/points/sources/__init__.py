"""One distribution of points a file, found by its name."""
