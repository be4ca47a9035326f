"""One generator of images from images a file, found by its name."""
