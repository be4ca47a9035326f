"""Architectures, one a file; they know nothing of losses."""
