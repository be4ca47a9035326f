"""One constraint on the discriminator a file, found by its name."""
