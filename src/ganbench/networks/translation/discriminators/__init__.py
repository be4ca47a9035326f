"""One family of discriminators of patches a file, found by its name."""
