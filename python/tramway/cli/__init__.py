"""The command line: `tramway`."""
