"""The command line: `tramway`."""

from tramway import _installation  # noqa: F401 - for its check
