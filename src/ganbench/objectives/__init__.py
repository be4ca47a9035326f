"""Losses, divergences and penalties: pure functions on tensors; they know nothing of networks."""
