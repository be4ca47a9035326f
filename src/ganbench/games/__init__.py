"""A game: its players, who moves, and on which loss."""
