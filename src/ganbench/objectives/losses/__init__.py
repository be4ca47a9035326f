"""One objective a file, found by its name."""
