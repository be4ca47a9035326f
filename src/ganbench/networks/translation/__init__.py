"""Image → image, and discriminators of patches; one architecture a file. They know nothing of losses."""
