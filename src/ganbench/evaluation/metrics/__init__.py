"""The metrics, one family a file: a function that is decorated with `metric` is found, and nothing else is edited."""
