"""One extractor a file, found by its name."""
