"""Evaluation: the judge, its features, and the metrics that are taken on them."""
