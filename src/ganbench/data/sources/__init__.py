"""Raw sets that can be read, one a module; found by name through `ganbench.data.source.SOURCES`."""
