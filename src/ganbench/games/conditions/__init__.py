"""One condition a file, found by its name."""
