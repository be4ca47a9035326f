"""ganbench: a bench for generative adversarial networks."""

import os

__version__ = "0.3.0"

# OpenMP's threads spin while they wait, which costs a busy machine most of its speed: two trainings of MLPs at once
# on two cores ran at 280 images/s each, against 2,600 with a short spin; alone they are as fast. Read with torch.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")
