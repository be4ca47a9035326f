"""How near generated points come to a distribution that is known exactly."""
