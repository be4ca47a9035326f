"""Many cells at once on one machine, and a share of them on each of many."""
