"""One game of translation a file, found by its name."""
