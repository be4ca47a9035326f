"""Raw images: sources, preparing, the packed store."""
