"""One optimiser a file, found by its name."""
