"""The theory of GANs as far as it can be checked in numbers and drawn; `docs/theory.md` tells it."""
