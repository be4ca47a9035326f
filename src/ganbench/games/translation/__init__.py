"""Image → image: games of two, three and four players."""
