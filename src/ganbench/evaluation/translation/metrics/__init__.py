"""The metrics of translations, one family a file, found by the decorator `metric`."""
