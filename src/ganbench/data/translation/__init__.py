"""Two domains of images: made of any raw set by a task, or read as pairs."""
