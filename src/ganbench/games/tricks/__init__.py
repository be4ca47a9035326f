"""One training trick a file, found by its name."""
