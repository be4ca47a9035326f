"""The metrics of points, one family a file: a function that is decorated with `metric` is found."""
