"""Measures speed, memory and overhead; no result of the pipeline depends on it."""
