"""How translations are judged: against the right answers where they are known, and as images of the other domain."""
