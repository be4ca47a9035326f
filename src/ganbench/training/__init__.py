"""The trainer plays any game."""
